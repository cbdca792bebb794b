import { keyText } from '../../core/kube/objectKey.ts';
import { staleEntries } from '../../core/reconcile/fluxPrune.ts';
import type { Cluster } from '../../ports/cluster.ts';
import type { GitRepository } from '../../ports/gitRepository.ts';
import { type FluxApplication, type FluxDelivery, finishAsFlux } from '../applications/fluxApplications.ts';
import { appliedLookup, renderRevision } from './appliedRevision.ts';
import { extraTargets } from './extraTargets.ts';
import { type PrepareOptions, type PreparedApplication, isWhole, prepareApplication } from './prepareComparison.ts';
import type { SchemaCache } from './schemaCache.ts';

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
      return renderRevision(commit, flux.application, { repository, discovery, cluster, options: built, problems });
    }),
  );
  const declared = prepared.targets.map((target) => target.key);
  const stale = staleEntries(kustomization.inventory, declared);
  const extras = isWhole(prepared) ? extraTargets(application, stale, discovery, options.skipKinds) : [];
  return {
    ...prepared,
    problems,
    extras,
    ...(delivery.ignore.length === 0 ? {} : { ignore: delivery.ignore }),
    ...(kustomization.applyFailed ? { applyFailed: true as const } : {}),
    ...(kustomization.hasStatus ? { inventory: new Set(kustomization.inventory.map(keyText)) } : {}),
    ...(applied === undefined ? {} : { applied: appliedLookup(applied, alternative) }),
  };
}

/** Options by which an application is rendered as Flux builds it. */
export function asFluxBuilds(delivery: FluxDelivery, options: PrepareOptions): PrepareOptions {
  return {
    ...options,
    build: { kustomize: { unrestricted: true, overlay: delivery.overlay } },
    finish: (object) => finishAsFlux(object, delivery),
  };
}
