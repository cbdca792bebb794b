import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openRepository } from '../../../../src/adapters/git/localRepository.ts';
import { SpawnRunner } from '../../../../src/adapters/process/spawnRunner.ts';
import type { GitRepository } from '../../../../src/ports/gitRepository.ts';
import {
  type CommitAndSyncOptions,
  commitAndSync,
  prepareCommitAndSync,
} from '../../../../src/services/actions/commitAndSync.ts';
import type { SyncOutcome } from '../../../../src/services/sync/syncOutcome.ts';
import { stoppedText } from '../../../../src/services/sync/syncOutcome.ts';
import { type WorkRepository, copyToRepository } from '../../../support/workRepository.ts';
import { appliedCluster, openScope } from './scopeFixture.ts';

const configMap = (name: string, value: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n  namespace: default\ndata:\n  value: ${value}\n`;

interface World {
  work: WorkRepository;
  readonly write: (path: string, text: string) => Promise<void>;
  /** Prepares and carries out for application `one`; answers its outcome, and why it was refused before. */
  readonly act: (
    paths: string[],
    signal?: AbortSignal,
  ) => Promise<{ outcome: SyncOutcome | undefined; because?: string }>;
  /** What the direct apply recorded as applied. */
  readonly recorded: () => Promise<unknown>;
}

async function world(t: TestContext): Promise<World> {
  const work = await copyToRepository('.', []);
  t.after(() => work.dispose());
  await work.git('config', 'user.name', 'Test');
  await work.git('config', 'user.email', 'test@example.invalid');
  await work.git('config', 'commit.gpgSign', 'false');
  await work.commit({ 'one/map.yaml': configMap('one', 'first'), 'two/map.yaml': configMap('two', 'first') });
  const repository: GitRepository = await openRepository(work.folder, new SpawnRunner());
  t.after(() => repository.dispose());
  const cluster = await appliedCluster(repository.workingTree(), []);
  return {
    work,
    write: (path, text) => writeFile(join(work.folder, path), text),
    async act(paths, signal) {
      const wanted: CommitAndSyncOptions = { applications: ['one'], paths, message: 'Change', waitMilliseconds: 5000 };
      const scope = await openScope(repository.workingTree(), cluster, repository);
      const prepared = await prepareCommitAndSync(scope, repository, wanted);
      const results = await commitAndSync(scope, repository, prepared, wanted, () => undefined, signal);
      const because = prepared.refusal?.because;
      return { outcome: results[0]?.outcome, ...(because === undefined ? {} : { because }) };
    },
    async recorded() {
      const { resources } = await cluster.discover();
      const resource = resources.find(({ kind }) => kind === 'ConfigMap');
      assert.ok(resource);
      const parent = await cluster.get(resource, 'default', 'plumbline-one');
      const annotations = parent?.metadata['annotations'] as Record<string, unknown> | undefined;
      return annotations?.['plumbline.dev/revision'];
    },
  };
}

test('the chosen file is committed and applied, another application’s edit is left alone', async (t) => {
  const { work, write, act, recorded } = await world(t);
  await write('one/map.yaml', configMap('one', 'second'));
  await write('two/map.yaml', configMap('two', 'second'));
  assert.deepEqual((await act(['one/map.yaml'])).outcome, { result: 'done', health: 'healthy' });
  assert.equal((await work.git('status', '--porcelain')).trim(), 'M two/map.yaml');
  assert.equal(await recorded(), (await work.git('rev-parse', 'HEAD')).trim());
});

test('nothing to commit is no failure: the rest of the way is gone', async (t) => {
  const { work, act } = await world(t);
  const head = await work.git('rev-parse', 'HEAD');
  assert.deepEqual((await act(['one/map.yaml'])).outcome, { result: 'done', health: 'healthy' });
  assert.equal(await work.git('rev-parse', 'HEAD'), head);
});

test('an edit of the application that is not chosen is refused, before anything is committed', async (t) => {
  const { work, write, act } = await world(t);
  await write('one/map.yaml', configMap('one', 'second'));
  await write('one/other.yaml', configMap('other', 'second'));
  const { outcome, because } = await act(['one/map.yaml']);
  assert.equal(because, 'left-out');
  assert.match(outcome?.result === 'refused' ? outcome.reason : '', /^one\/other\.yaml belongs to what is synced/);
  assert.equal((await work.git('rev-list', '--count', 'HEAD')).trim(), '2');
});

test('a file that is staged in part is refused', async (t) => {
  const { work, write, act } = await world(t);
  await write('one/map.yaml', configMap('one', 'staged'));
  await work.git('add', 'one/map.yaml');
  await write('one/map.yaml', configMap('one', 'later'));
  const { outcome, because } = await act(['one/map.yaml']);
  assert.equal(because, 'left-out');
  assert.match(outcome?.result === 'refused' ? outcome.reason : '', /staged in part/);
});

test('HEAD on no branch is refused where there is a remote, and not where there is none', async (t) => {
  const { work, write, act } = await world(t);
  await work.git('switch', '--quiet', '--detach');
  await write('one/map.yaml', configMap('one', 'second'));
  assert.equal((await act(['one/map.yaml'])).outcome?.result, 'done');
  await work.git('remote', 'add', 'origin', 'https://example.invalid/x.git');
  await write('one/map.yaml', configMap('one', 'third'));
  assert.equal((await act(['one/map.yaml'])).because, 'detached');
});

test('what the cluster refuses is refused before the commit', async (t) => {
  const { work, write, act } = await world(t);
  await write('one/map.yaml', configMap('one', 'x').replace('default', 'nowhere'));
  assert.equal((await act(['one/map.yaml'])).because, 'plan');
  assert.equal((await work.git('rev-list', '--count', 'HEAD')).trim(), '2');
});

test('stopped: a sentence says what was done', async (t) => {
  const { write, act } = await world(t);
  await write('one/map.yaml', configMap('one', 'second'));
  const { outcome } = await act(['one/map.yaml'], AbortSignal.abort(new Error('stopped')));
  assert.ok(outcome?.result === 'stopped');
  assert.equal(stoppedText(outcome), 'Stopped. Nothing was committed; the cluster was not touched.');
});

test('a file that nothing reads is in nobody’s way; one that is gone is', async (t) => {
  const { work, write, act, recorded } = await world(t);
  await write('one/notes.txt', 'remember');
  assert.deepEqual((await act([])).outcome, { result: 'done', health: 'healthy' });
  assert.equal(await recorded(), (await work.git('rev-parse', 'HEAD')).trim());
  await work.commit({ 'one/other.yaml': configMap('other', 'x') });
  await rm(join(work.folder, 'one/other.yaml'));
  assert.equal((await act([])).because, 'left-out');
});
