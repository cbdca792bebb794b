import type { Application } from '../../core/delivery/application.ts';
import { ClusterError } from '../../ports/clusterError.ts';
import { GitError } from '../../ports/gitError.ts';
import type { ActionScope } from '../actions/actionScope.ts';
import { syncApplication } from './syncApplication.ts';
import type { SyncListener, SyncOutcome } from './syncOutcome.ts';

/** Syncs what was just committed: prepared anew, since a direct apply needs the files as they are now. */
export async function syncWritten(
  scope: ActionScope,
  { id, name }: Pick<Application, 'id' | 'name'>,
  written: { commit: string; pushed?: unknown; waitMilliseconds: number },
  onStep: SyncListener,
  signal?: AbortSignal,
): Promise<SyncOutcome> {
  const short = written.commit.slice(0, 7);
  const done = written.pushed === undefined ? `committed ${short}` : `committed and pushed ${short}`;
  let outcome: SyncOutcome;
  try {
    signal?.throwIfAborted();
    const again = await scope.reopen(new Set([id]));
    const prepared = again.find(id);
    if (prepared === undefined) return { result: 'failed', reason: `${name} is no application any more`, done };
    const { commit, waitMilliseconds } = written;
    outcome = await syncApplication(prepared, again, { wait: true, waitMilliseconds, commit }, onStep, signal);
  } catch (error) {
    if (signal?.aborted === true) {
      const next = scope.flux.has(id) ? 'Flux will apply it at its next reconcile' : 'nothing was applied';
      return { result: 'stopped', done, next };
    }
    // The cluster went away between the push and the sync: Git holds the change, and that must not be lost from sight.
    if (!ClusterError.is(error) && !GitError.is(error)) throw error;
    const remedy = error.remedy === undefined ? {} : { remedy: error.remedy };
    return { result: 'failed', reason: error.message, done, ...remedy };
  }
  // Whoever reads how it ended must see that Git has changed.
  return outcome.result === 'failed' || outcome.result === 'stopped' || outcome.result === 'unhealthy'
    ? { ...outcome, done: `${done}; ${outcome.done}` }
    : outcome;
}
