import { GitError } from '../../ports/gitError.ts';
import type { GitRepository } from '../../ports/gitRepository.ts';
import type { SyncListener, SyncOutcome } from '../sync/syncOutcome.ts';

/** Whoever writes to Git: Plumbline's own adapter, or VS Code's Git extension with its credentials and locks. Throws GitError. */
export type GitWriter = Pick<GitRepository, 'commit' | 'push'>;

export interface CommitAndPushOptions {
  /** Files to commit, from the repository's root; none where Git holds everything already. */
  paths: readonly string[];
  message: string;
  push: boolean;
  /** The engine fetches from a remote; without one there is nothing that it could apply. */
  needsRemote: boolean;
  /** Commits on a new branch of this name, and pushes that. */
  branch?: string;
  /** Makes the files what they shall be, and answers which ones differ from HEAD; by default they are so already. */
  write?: () => Promise<readonly string[]>;
  /** Takes `write` back when nothing was committed. */
  undo?: () => Promise<unknown>;
  signal?: AbortSignal;
}

export type Written =
  | { result: 'written'; commit: string; pushed?: { remote: string; branch: string } }
  | Extract<SyncOutcome, { result: 'failed' | 'stopped' }>;

/**
 * The Git half of a rollback or of Commit and Sync. Each part that an earlier run has done already is left out, so that a run after a
 * rejected push goes on where that one ended. A commit that fails (a hook says no) or is stopped leaves the files as they were before.
 */
export async function commitAndPush(
  repository: GitRepository,
  options: CommitAndPushOptions,
  onStep: SyncListener,
  writer: GitWriter = repository,
): Promise<Written> {
  const { signal } = options;
  const withSignal = signal === undefined ? {} : { signal };
  const head = await repository.head();
  if (head === undefined) return { result: 'failed', reason: 'there is no commit yet', done: 'nothing was changed' };
  let { commit } = head;
  let done = `Git holds it already in ${commit.slice(0, 7)}`;
  if (options.paths.length > 0) {
    try {
      signal?.throwIfAborted();
      // An earlier run may have made the branch.
      if (options.branch !== undefined && options.branch !== head.branch)
        await repository.createBranch(options.branch, signal);
      const paths = (await options.write?.()) ?? options.paths;
      commit = await writer.commit({ paths, message: options.message, ...withSignal });
    } catch (error) {
      // A commit that was stopped, or whose last hook failed, may have been made all the same.
      const now = await repository.head();
      if (now === undefined || now.commit === head.commit) {
        const left = now?.branch === head.branch ? '' : `, the new branch ${now?.branch ?? ''} is checked out`;
        return ended(error, `${notCommitted}${await undone(options)}${left}`, signal);
      }
      ({ commit } = now);
    }
    onStep({ step: 'committed', commit });
    done = `committed ${commit.slice(0, 7)}`;
  }
  if (!options.push) return { result: 'written', commit };
  try {
    signal?.throwIfAborted();
    const remote = await pushRemote(repository, options.needsRemote);
    if (remote === undefined) return { result: 'written', commit };
    const pushed = await writer.push({ ...remote, ...withSignal });
    onStep({ step: 'pushed', ...pushed });
    return { result: 'written', commit, pushed };
  } catch (error) {
    return ended(error, `${done}, not pushed; run it again once a push succeeds`, signal, `${done}, not pushed`);
  }
}

const notCommitted = 'nothing was committed';

/** Takes back what was written, and says how the files are. */
async function undone({ undo }: CommitAndPushOptions): Promise<string> {
  if (undo === undefined) return '';
  try {
    await undo();
    return ', the files are as they were';
  } catch (error) {
    if (!GitError.is(error)) throw error;
    return `, and the files could not be set back (${error.message}): git status shows them`;
  }
}

/** Where to push; undefined where nothing is to be pushed. A branch without an upstream gets the only remote, or `origin`. */
async function pushRemote(repository: GitRepository, needsRemote: boolean): Promise<{ remote?: string } | undefined> {
  const remotes = await repository.remotes();
  if (!needsRemote && remotes.length === 0) return undefined;
  const { upstream } = await repository.status();
  if (upstream !== undefined) return upstream.ahead === 0 ? undefined : {};
  const remote = remotes.length === 1 ? remotes[0] : remotes.find(({ name }) => name === 'origin');
  return remote === undefined ? {} : { remote: remote.name };
}

function ended(error: unknown, done: string, signal: AbortSignal | undefined, stoppedAt = done): Written {
  if (signal?.aborted === true) return { result: 'stopped', done: stoppedAt, next: 'the cluster was not touched' };
  if (!GitError.is(error)) throw error;
  const detail = error.detail.trim();
  const reason = detail === '' || error.message.includes(detail) ? error.message : `${error.message}: ${detail}`;
  return { result: 'failed', reason, done, ...(error.remedy === undefined ? {} : { remedy: error.remedy }) };
}
