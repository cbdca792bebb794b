import type { GivenApplied } from '../../core/drift/appliedValue.ts';
import { type KubeObject, type ObjectKey, keyText } from '../../core/kube/objectKey.ts';
import type { Problem } from '../../core/problem.ts';
import { staleEntries } from '../../core/reconcile/fluxPrune.ts';
import type { ApiResource, Cluster, Discovery } from '../../ports/cluster.ts';
import type { FileTree } from '../../ports/fileTree.ts';
import { GitError } from '../../ports/gitError.ts';
import type { GitRepository } from '../../ports/gitRepository.ts';
import { type FluxApplication, type FluxDelivery, withCommonMetadata } from '../applications/fluxApplications.ts';
import { identifyTargets } from './identifyTargets.ts';
import {
  type PrepareOptions,
  type PreparedApplication,
  prepareApplication,
  renderApplication,
} from './prepareComparison.ts';
import type { SchemaCache } from './schemaCache.ts';
import type { Target } from './target.ts';

/**
 * Renders an application as Flux does, and with it the revision that Flux applied last, so that "the cluster moved" and "Git moved ahead"
 * are told apart by what was applied (design §2.1, rule a); adds what only the inventory knows.
 */
export async function prepareFluxApplication(
  flux: FluxApplication,
  repository: GitRepository,
  cluster: Cluster,
  schemas: SchemaCache,
  options: PrepareOptions,
): Promise<PreparedApplication> {
  const { application, delivery } = flux;
  const { kustomization } = delivery;
  const built = asFluxBuilds(delivery, options);
  const prepared = await prepareApplication(application, cluster, schemas, built);
  const discovery = await cluster.discover();
  const problems = [...prepared.problems];
  const revisions = [kustomization.lastApplied?.commit, kustomization.lastAttempted?.commit];
  const [applied, alternative] = await Promise.all(
    revisions.map(async (commit, index) => {
      if (commit === undefined || (index === 1 && commit === revisions[0])) return undefined;
      return renderRevision(commit, flux, repository, discovery, cluster, built, problems);
    }),
  );
  const extras = prepared.rendered ? extraTargets(flux, prepared, discovery) : [];
  return {
    ...prepared,
    problems,
    extras,
    ...(kustomization.hasStatus ? { inventory: new Set(kustomization.inventory.map(keyText)) } : {}),
    ...(applied === undefined ? {} : { applied: appliedLookup(applied, alternative) }),
  };
}

/** Options by which an application is rendered as Flux builds it. */
export function asFluxBuilds(delivery: FluxDelivery, options: PrepareOptions): PrepareOptions {
  return {
    ...options,
    build: { kustomize: { unrestricted: true, overlay: delivery.overlay } },
    finish: (object) => withCommonMetadata(object, delivery.commonMetadata),
  };
}

type Rendered = ReadonlyMap<string, KubeObject>;

/** Undefined where the revision cannot be had: then the next rule of §2.1 counts, and the problem says why. */
async function renderRevision(
  commit: string,
  flux: FluxApplication,
  repository: GitRepository,
  discovery: Discovery,
  cluster: Cluster,
  options: PrepareOptions,
  problems: Problem[],
): Promise<Rendered | undefined> {
  let tree: FileTree;
  try {
    tree = await repository.tree(commit, options.signal === undefined ? {} : { signal: options.signal });
  } catch (error) {
    if (!GitError.is(error, 'missing-revision')) throw error;
    problems.push({
      code: 'missing-revision',
      severity: 'warning',
      message: `${flux.application.name} applied ${commit.slice(0, 7)}, which is not in this clone.`,
      remedy: 'Fetch it (git fetch --unshallow where the clone is shallow); until then the owners of fields decide.',
      application: flux.application.id,
    });
    return undefined;
  }
  try {
    const result = await renderApplication(flux.application, { ...options, tree });
    const failed = result.problems.find((problem) => problem.severity === 'error');
    if (failed !== undefined) {
      problems.push({
        ...failed,
        severity: 'warning',
        message: `The applied revision ${commit.slice(0, 7)} cannot be rendered: ${failed.message}`,
      });
      return undefined;
    }
    const { targets } = identifyTargets(flux.application, result.objects, {
      discovery,
      defaultNamespace: cluster.namespace ?? 'default',
      skipKinds: options.skipKinds,
    });
    return new Map(targets.map((target) => [keyText(target.key), target.rendered.object]));
  } finally {
    await tree.dispose();
  }
}

function appliedLookup(applied: Rendered, alternative: Rendered | undefined): (key: ObjectKey) => GivenApplied {
  return (key) => {
    const object = applied.get(keyText(key));
    const other = alternative?.get(keyText(key));
    return {
      basis: 'revision',
      ...(object === undefined ? {} : { object }),
      ...(other === undefined ? {} : { alternative: other }),
    };
  };
}

/** What the inventory holds and the render does not declare any more. */
export function extraTargets(flux: FluxApplication, prepared: PreparedApplication, discovery: Discovery): Target[] {
  const resources = new Map<string, ApiResource>();
  for (const resource of discovery.resources) {
    const id = `${resource.group}/${resource.kind}`;
    // The first one listed is the preferred version, unless the inventory names another that is served.
    if (!resources.has(id)) resources.set(id, resource);
    resources.set(`${id}/${resource.version}`, resource);
  }
  const stale = staleEntries(
    flux.delivery.kustomization.inventory,
    prepared.targets.map((target) => target.key),
  );
  return stale.map((entry) => {
    const id = `${entry.group}/${entry.kind}`;
    const resource = resources.get(`${id}/${entry.version}`) ?? resources.get(id);
    const { version, ...key } = entry;
    return { application: flux.application, rendered: undefined, key, version: resource?.version ?? version, resource };
  });
}
