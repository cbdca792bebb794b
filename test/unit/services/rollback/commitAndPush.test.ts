import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GitError } from '../../../../src/ports/gitError.ts';
import type { GitRepository } from '../../../../src/ports/gitRepository.ts';
import { commitAndPush } from '../../../../src/services/rollback/commitAndPush.ts';

const plan = { commit: 'old', paths: ['a.yaml'], shared: [], dirty: [] };
const options = { message: 'Roll back', push: true, needsRemote: true };

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

const silent = (): void => undefined;

test('restores, commits and pushes, in this order', async () => {
  const { journal, git } = repository(undefined);
  assert.deepEqual(await commitAndPush(plan, git, options, silent), { result: 'written', commit: 'made' });
  assert.deepEqual(journal, ['restore old a.yaml', 'commit', 'push']);
});

test('a commit that fails leaves the files as they were', async () => {
  const { journal, git } = repository('commit');
  const outcome = await commitAndPush(plan, git, options, silent);
  assert.equal(outcome.result, 'failed');
  assert.deepEqual(journal, ['restore old a.yaml', 'commit', 'restore head a.yaml']);
});

test('a rejected push keeps the commit and says so, with the words of the remote', async () => {
  const { git } = repository('push');
  const outcome = await commitAndPush(plan, git, options, silent);
  assert.deepEqual(outcome, {
    result: 'failed',
    reason: 'no push: why',
    done: 'committed made, not pushed; run it again once a push succeeds',
  });
});

test('a second run pushes what the first could not, without another commit', async () => {
  const { journal, git } = repository(undefined);
  const outcome = await commitAndPush({ ...plan, paths: [] }, git, options, silent);
  assert.deepEqual(outcome, { result: 'written', commit: 'head' });
  assert.deepEqual(journal, ['push']);
});

test('nothing to commit and nothing to push does nothing', async () => {
  const { journal, git } = repository(undefined, { ahead: 0 });
  await commitAndPush({ ...plan, paths: [] }, git, options, silent);
  assert.deepEqual(journal, []);
});

test('a direct apply needs no remote; an engine does', async () => {
  const { journal, git } = repository(undefined, { remotes: 0 });
  await commitAndPush(plan, git, { ...options, needsRemote: false }, silent);
  assert.deepEqual(journal, ['restore old a.yaml', 'commit']);
});
