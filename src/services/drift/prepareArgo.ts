import { partialSyncOf } from '../../core/delivery/argocd/argoApplication.ts';
import type { ArgoHelm } from '../../core/delivery/argocd/argoBuild.ts';
import { keyText } from '../../core/kube/objectKey.ts';
import { isBelow } from '../../core/repositoryPath.ts';
import type { Cluster } from '../../ports/cluster.ts';
import type { FileTree } from '../../ports/fileTree.ts';
import type { GitRepository } from '../../ports/gitRepository.ts';
import type { RenderOptions } from '../../ports/renderer.ts';
import { type ArgoFound, argoNotCompared } from '../applications/argoApplications.ts';
import { appliedLookup, renderRevision } from './appliedRevision.ts';
import { extraTargets } from './extraTargets.ts';
import {
  type PrepareOptions,
  type PreparedApplication,
  emptyPreparation,
  isWhole,
  prepareApplication,
} from './prepareComparison.ts';
import type { SchemaCache } from './schemaCache.ts';

/**
 * Renders an application as Argo CD does, and with it what the last recorded sync applied (design §2.1, rule a). What a sync that failed or
 * took only some objects may have applied counts as applied as well, as after a failed reconcile of Flux.
 */
export async function prepareArgoApplication(
  found: ArgoFound,
  repository: GitRepository,
  cluster: Cluster,
  schemas: SchemaCache,
  options: PrepareOptions,
): Promise<PreparedApplication> {
  const { application, argo, ignore } = found;
  const madeUp = found.build.kind === 'helm' ? await madeUpBy(application.source.path, options) : undefined;
  if (madeUp !== undefined) {
    const why = `${madeUp} makes up values anew each time`;
    const told = emptyPreparation({ ...application, notCompared: why });
    return { ...told, problems: [argoNotCompared(application, why, cluster.context)] };
  }
  const built = { ...options, build: await argoBuildOptions(found, cluster, options.signal) };
  const prepared = await prepareApplication(application, cluster, schemas, built);
  const discovery = await cluster.discover();
  const problems = [...prepared.problems];
  const context = { repository, discovery, cluster, options: built, problems };
  const render = async (commit: string | undefined) =>
    commit === undefined ? undefined : renderRevision(commit, application, context);
  const [applied, partial] = await Promise.all([render(application.applied?.revision), render(partialSyncOf(argo))]);
  const declared = new Set(prepared.targets.map((target) => keyText(target.key)));
  // It also lists what is in Git and was never applied, which is nobody's to prune.
  const stale = argo.resources.filter((entry) => {
    const key = keyText(entry);
    return !declared.has(key) && (entry.requiresPruning || applied?.has(key) === true || partial?.has(key) === true);
  });
  const neverSynced = argo.hasStatus && argo.operation === undefined && argo.history.length === 0;
  const first = applied ?? partial;
  return {
    ...prepared,
    problems,
    extras: isWhole(prepared) ? extraTargets(application, stale, discovery, options.skipKinds) : [],
    ...(neverSynced ? { inventory: new Set<string>() } : {}),
    ...(first === undefined ? {} : { applied: appliedLookup(first, applied === undefined ? undefined : partial) }),
    ...(ignore.length === 0 ? {} : { ignore }),
    ...(argo.selfHeal ? { selfHeal: true as const } : {}),
  };
}

/** What Argo CD adds to the source when it builds it. */
export async function argoBuildOptions(
  { build }: ArgoFound,
  cluster: Cluster,
  signal: AbortSignal | undefined,
): Promise<Pick<RenderOptions, 'directory' | 'kustomize' | 'helm'>> {
  if ('why' in build) return {};
  switch (build.kind) {
    case 'directory':
      return { directory: build.directory };
    case 'kustomize':
      return Object.keys(build.overlay).length === 0 ? {} : { kustomize: { overlay: build.overlay } };
    case 'helm':
      return { helm: await helmOptions(build.helm, cluster, signal) };
  }
}

/** Argo CD tells helm of the live cluster: charts leave things out by it. */
async function helmOptions(helm: ArgoHelm, cluster: Cluster, signal: AbortSignal | undefined) {
  const [{ gitVersion }, { resources }] = await Promise.all([
    cluster.version(signal),
    cluster.discover(signal === undefined ? {} : { signal }),
  ]);
  const groupVersions = resources.map(({ group, version }) => (group === '' ? version : `${group}/${version}`));
  const kinds = resources.map(
    ({ group, version, kind }) => `${group === '' ? version : `${group}/${version}`}/${kind}`,
  );
  return { ...helm, kubeVersion: gitVersion, apiVersions: [...new Set([...groupVersions, ...kinds])] };
}

const random =
  /\b(rand(?:Alpha|Numeric|AlphaNum|Ascii|Bytes|Int)|gen(?:CA|SelfSignedCert|SignedCert|PrivateKey)\w*|uuidv4|now|htpasswd|bcrypt|lookup|shuffle)\b/;

/** A template that gives other values each time, or asks the cluster: no render of it is the one that was applied. */
async function madeUpBy(
  path: string,
  { tree, signal }: { tree: FileTree; signal?: AbortSignal },
): Promise<string | undefined> {
  for (const file of await tree.list(path, signal)) {
    if (!isBelow(file, path) || !/(^|\/)templates\//.test(file)) continue;
    const text = new TextDecoder().decode(await tree.read(file, signal));
    const actions = text.match(/\{\{.*?\}\}/gs) ?? [];
    if (actions.some((action) => random.test(action.replace(/\/\*.*?\*\//gs, '')))) return file;
  }
  return undefined;
}
