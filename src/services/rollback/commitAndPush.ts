import { GitError } from '../../ports/gitError.ts';
import type { GitRepository } from '../../ports/gitRepository.ts';
import type { SyncListener, SyncOutcome } from '../sync/syncOutcome.ts';
import type { RollbackPlan } from './planRollback.ts';

export interface CommitAndPushOptions {
  message: string;
  push: boolean;
  /** The engine fetches from a remote; without one there is nothing that it could apply. */
  needsRemote: boolean;
  /** Commits on a new branch of this name, and pushes that. */
  branch?: string;
  signal?: AbortSignal;
}

export type Written = { result: 'written'; commit: string } | Extract<SyncOutcome, { result: 'failed' }>;

/**
 * The Git half of a rollback: restores, commits, pushes. Each part that an earlier run has done already is left out, so that a run
 * after a rejected push goes on where that one ended. A commit that fails (a hook says no) leaves the files as they were before.
 */
export async function commitAndPush(
  plan: RollbackPlan,
  repository: GitRepository,
  options: CommitAndPushOptions,
  onStep: SyncListener,
): Promise<Written> {
  const { signal } = options;
  const withSignal = signal === undefined ? {} : { signal };
  const head = await repository.head(signal);
  if (head === undefined) return { result: 'failed', reason: 'there is no commit yet', done: 'nothing was changed' };
  let commit = head.commit;
  let done = `Git holds it already in ${commit.slice(0, 7)}`;
  if (plan.paths.length > 0) {
    try {
      if (options.branch !== undefined) await repository.createBranch(options.branch, signal);
      const restored = await repository.restore({ commit: plan.commit, paths: plan.paths, ...withSignal });
      commit = await repository.commit({ paths: restored, message: options.message, ...withSignal });
    } catch (error) {
      if (!GitError.is(error)) throw error;
      // They had no uncommitted changes, or the rollback would have been refused.
      await repository.restore({ commit: head.commit, paths: plan.paths });
      return failed(error, 'nothing was committed, the files are as they were');
    }
    onStep({ step: 'committed', commit });
    done = `committed ${commit.slice(0, 7)}`;
  }
  if (!options.push) return { result: 'written', commit };
  if (!options.needsRemote && (await repository.remotes(signal)).length === 0) return { result: 'written', commit };
  try {
    const { upstream } = await repository.status(signal);
    if (upstream !== undefined && upstream.ahead === 0) return { result: 'written', commit };
    onStep({ step: 'pushed', ...(await repository.push(withSignal)) });
    return { result: 'written', commit };
  } catch (error) {
    if (!GitError.is(error)) throw error;
    return failed(error, `${done}, not pushed; run it again once a push succeeds`);
  }
}

function failed(error: GitError, done: string): Written {
  const detail = error.detail.trim();
  const reason = detail === '' || error.message.includes(detail) ? error.message : `${error.message}: ${detail}`;
  return { result: 'failed', reason, done, ...(error.remedy === undefined ? {} : { remedy: error.remedy }) };
}
