import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GitError } from '../../../../src/ports/gitError.ts';
import type { GitRepository } from '../../../../src/ports/gitRepository.ts';
import {
  type CommitAndPushOptions,
  type Written,
  commitAndPush,
} from '../../../../src/services/rollback/commitAndPush.ts';

const silent = (): void => undefined;

/** A repository that keeps a journal; `failing` names what throws. */
function repository(failing: 'commit' | 'push' | undefined, { ahead = 1, remotes = 1 } = {}) {
  const journal: string[] = [];
  const act = (name: string): void => {
    journal.push(name);
    if (failing !== undefined && name.startsWith(failing))
      throw new GitError('rejected', `no ${name}`, { detail: 'why' });
  };
  const fake = {
    head: () => Promise.resolve({ commit: 'head', branch: 'main' }),
    remotes: () => Promise.resolve(Array.from({ length: remotes }, () => ({ name: 'origin', url: 'x' }))),
    status: () =>
      Promise.resolve({ branch: 'main', upstream: { remote: 'origin', branch: 'main', ahead, behind: 0 }, files: [] }),
    restore: ({ commit, paths }: { commit: string; paths: readonly string[] }) => {
      act(`restore ${commit} ${paths.join()}`);
      return Promise.resolve([...paths]);
    },
    commit: () => Promise.resolve().then(() => (act('commit'), 'made')),
    push: () => Promise.resolve().then(() => (act('push'), { remote: 'origin', branch: 'main' })),
    createBranch: (name: string) => Promise.resolve().then(() => act(`branch ${name}`)),
  };
  return { journal, git: fake as unknown as GitRepository };
}

/** Restores `a.yaml` as a rollback does, unless Git holds it already. */
function rollBack(git: GitRepository, options: Partial<CommitAndPushOptions> = {}): Promise<Written> {
  const restore = (commit: string) => (): Promise<string[]> => git.restore({ commit, paths: ['a.yaml'] });
  const usual = { paths: ['a.yaml'], message: 'Roll back', push: true, needsRemote: true };
  return commitAndPush(git, { ...usual, write: restore('old'), undo: restore('head'), ...options }, silent);
}

test('restores, commits and pushes, in this order', async () => {
  const { journal, git } = repository(undefined);
  assert.deepEqual(await rollBack(git), {
    result: 'written',
    commit: 'made',
    pushed: { remote: 'origin', branch: 'main' },
  });
  assert.deepEqual(journal, ['restore old a.yaml', 'commit', 'push']);
});

test('a commit that fails leaves the files as they were', async () => {
  const { journal, git } = repository('commit');
  const outcome = await rollBack(git);
  assert.equal(outcome.result, 'failed');
  assert.deepEqual(journal, ['restore old a.yaml', 'commit', 'restore head a.yaml']);
});

test('a rejected push keeps the commit and says so, with the words of the remote', async () => {
  const { git } = repository('push');
  const outcome = await rollBack(git);
  assert.deepEqual(outcome, {
    result: 'failed',
    reason: 'no push: why',
    done: 'committed made, not pushed; run it again once a push succeeds',
  });
});

test('a second run pushes what the first could not, without another commit', async () => {
  const { journal, git } = repository(undefined);
  const outcome = await rollBack(git, { paths: [] });
  assert.deepEqual(outcome, { result: 'written', commit: 'head', pushed: { remote: 'origin', branch: 'main' } });
  assert.deepEqual(journal, ['push']);
});

test('nothing to commit and nothing to push does nothing', async () => {
  const { journal, git } = repository(undefined, { ahead: 0 });
  await rollBack(git, { paths: [] });
  assert.deepEqual(journal, []);
});

test('a direct apply needs no remote; an engine does', async () => {
  const { journal, git } = repository(undefined, { remotes: 0 });
  await rollBack(git, { needsRemote: false });
  assert.deepEqual(journal, ['restore old a.yaml', 'commit']);
});

test('a commit that was made although it was stopped is not taken back, and is said', async () => {
  const { journal, git } = repository(undefined);
  const controller = new AbortController();
  let head = 'head';
  const stopping = {
    ...git,
    head: () => Promise.resolve({ commit: head, branch: 'main' }),
    commit: () => {
      head = 'made';
      controller.abort(new Error('stopped'));
      return Promise.reject(new Error('stopped'));
    },
  };
  const outcome = await rollBack(stopping, { signal: controller.signal });
  assert.deepEqual(outcome, {
    result: 'stopped',
    done: 'committed made, not pushed',
    next: 'the cluster was not touched',
  });
  assert.deepEqual(journal, ['restore old a.yaml']);
});

test('stopped before the commit leaves everything as it was', async () => {
  const { journal, git } = repository(undefined);
  const outcome = await rollBack(git, { signal: AbortSignal.abort(new Error('stopped')) });
  assert.deepEqual(outcome, {
    result: 'stopped',
    done: 'nothing was committed, the files are as they were',
    next: 'the cluster was not touched',
  });
  assert.deepEqual(journal, ['restore head a.yaml']);
});

test('a branch that an earlier run made is not made again', async () => {
  const { journal, git } = repository(undefined);
  await rollBack(git, { branch: 'main' });
  assert.deepEqual(journal, ['restore old a.yaml', 'commit', 'push']);
  await rollBack(git, { branch: 'undo' });
  assert.deepEqual(journal.slice(3), ['branch undo', 'restore old a.yaml', 'commit', 'push']);
});

test('files that cannot be set back, and a branch that stays, are said', async () => {
  const { git } = repository('commit');
  let branch = 'main';
  const stuck = {
    ...git,
    head: () => Promise.resolve({ commit: 'head', branch }),
    createBranch: (name: string) => Promise.resolve().then(() => void (branch = name)),
  };
  const undo = (): Promise<never> => Promise.reject(new GitError('locked', 'restore: another Git process is working'));
  const outcome = await rollBack(stuck, { branch: 'undo', undo });
  assert.equal(outcome.result, 'failed');
  assert.equal(
    outcome.done,
    'nothing was committed, and the files could not be set back (restore: another Git process is working): git status shows them, ' +
      'the new branch undo is checked out',
  );
});
