import type { ActionScope } from '../actions/actionScope.ts';
import type { PreparedApplication } from '../drift/prepareComparison.ts';
import { directSync } from './directSync.ts';
import { fluxSync } from './fluxSync.ts';
import type { Refusal } from './syncRefusal.ts';
import type { SyncListener, SyncOutcome } from './syncOutcome.ts';

export interface SyncOptions {
  /** Waits until everything is healthy. */
  wait: boolean;
  /** For the reconcile and for health, at most so long. */
  waitMilliseconds: number;
  /** The commit that must be applied; by default whatever the engine's source holds, and HEAD for a direct apply. */
  commit?: string;
}

/**
 * Syncs one application of a scope by the engine in charge. What happens on the way is told to the listener; how it ended is a value, also
 * where it was stopped. Throws for a fault of Plumbline only.
 */
export async function syncApplication(
  prepared: PreparedApplication,
  scope: ActionScope,
  options: SyncOptions,
  onStep: SyncListener,
  signal?: AbortSignal,
): Promise<SyncOutcome> {
  const refusal = notSyncable(prepared);
  if (refusal !== undefined) return refusal;
  const { clock, sleep, prune, repository, toolVersion } = scope.options;
  const { waitMilliseconds } = options;
  const common = { now: () => clock.now(), sleep, ...(signal === undefined ? {} : { signal }) };
  const delivery = scope.flux.get(prepared.application.id)?.delivery;
  if (delivery !== undefined) {
    const commit = options.commit === undefined ? {} : { commit: options.commit };
    const targets = options.wait ? { targets: prepared.targets } : {};
    return fluxSync(delivery, scope.cluster, { ...common, waitMilliseconds, ...targets, ...commit }, onStep);
  }
  const head = options.commit === undefined ? await repository?.head() : undefined;
  const revision = options.commit ?? head?.commit ?? 'worktree';
  const wait = options.wait ? { waitMilliseconds } : {};
  return directSync(prepared, scope.cluster, { ...common, ...wait, prune, revision, toolVersion }, onStep);
}

/** What is left to Argo CD, and what could not be rendered: an application without objects would prune all that it owns. */
function notSyncable({ application, problems, rendered }: PreparedApplication): Refusal | undefined {
  if (application.engine === 'argocd') {
    return {
      result: 'refused',
      reason: `${application.name} is delivered by Argo CD, whose syncs are not started from here`,
      remedy: 'Sync it in Argo CD.',
    };
  }
  if (rendered) return undefined;
  const failed = problems.find(({ severity }) => severity === 'error');
  return {
    result: 'refused',
    reason: application.notCompared ?? failed?.message ?? `${application.name} could not be rendered`,
    ...(failed?.remedy === undefined ? {} : { remedy: failed.remedy }),
  };
}
