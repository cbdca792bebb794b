import { isBelow } from '../../core/repositoryPath.ts';
import type { GitRepository } from '../../ports/gitRepository.ts';
import type { ActionScope } from '../actions/actionScope.ts';
import type { PreparedApplication } from '../drift/prepareComparison.ts';
import { directSync } from './directSync.ts';
import { fluxSync } from './fluxSync.ts';
import { notSyncable } from './syncRefusal.ts';
import type { SyncListener, SyncOutcome } from './syncOutcome.ts';

export interface SyncOptions {
  /** Waits until everything is healthy. */
  wait: boolean;
  /** For the reconcile and for health, at most so long. */
  waitMilliseconds: number;
  /** The commit that an engine must apply; by default whatever its source holds. A direct apply takes the working tree. */
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
  const revision = (repository && (await committedRevision(prepared, repository, scope))) ?? 'worktree';
  const wait = options.wait ? { waitMilliseconds } : {};
  return directSync(prepared, scope.cluster, { ...common, ...wait, prune, repository, revision, toolVersion }, onStep);
}

/** HEAD, where the tree holds of the application what HEAD does; undefined where an edit would be said to be committed. */
async function committedRevision(
  { application, files }: PreparedApplication,
  repository: GitRepository,
  scope: ActionScope,
): Promise<string | undefined> {
  const { revision } = scope.options.tree;
  if (revision !== 'worktree') return revision;
  const [head, status] = await Promise.all([repository.head(), repository.status()]);
  const isEdited = status.files.some(
    ({ path, change }) => files.includes(path) || (change === 'deleted' && isBelow(path, application.source.path)),
  );
  return isEdited ? undefined : head?.commit;
}
