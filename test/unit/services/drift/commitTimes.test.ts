import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { openRepository } from '../../../../src/adapters/git/localRepository.ts';
import { SpawnRunner } from '../../../../src/adapters/process/spawnRunner.ts';
import type { Location } from '../../../../src/core/location.ts';
import type { FileTree } from '../../../../src/ports/fileTree.ts';
import type { GitRepository } from '../../../../src/ports/gitRepository.ts';
import type { CommandSpec, ProcessRunner } from '../../../../src/ports/processRunner.ts';
import { editedTree } from '../../../../src/services/actions/editedTree.ts';
import { CommitTimes } from '../../../../src/services/drift/commitTimes.ts';
import { GitFixture } from '../../adapters/git/gitFixture.ts';

const lines = (prefix: string, count: number): string =>
  Array.from({ length: count }, (_, index) => `${prefix}${index + 1}: x\n`).join('');
const at = (file: string, ...wanted: number[]): Location[] =>
  wanted.map((line) => ({ file, line, via: 'manifest' as const }));

describe('the times of the lines that decide', () => {
  const runs: string[][] = [];
  const inner = new SpawnRunner();
  const runner: ProcessRunner = {
    run<T>(spec: CommandSpec<T>, signal?: AbortSignal): Promise<T> {
      runs.push([...spec.args]);
      return inner.run(spec, signal);
    },
    find: (command) => inner.find(command),
  };
  let fixture: GitFixture;
  let repository: GitRepository;
  let tree: FileTree;
  let times: CommitTimes;
  before(async () => {
    fixture = await GitFixture.create({ 'a.yaml': lines('a', 700), 'b.yaml': lines('b', 5) });
    repository = await openRepository(fixture.directory, runner);
    tree = repository.workingTree();
  });
  beforeEach(() => {
    times = new CommitTimes(repository);
    runs.length = 0;
  });
  after(async () => {
    await repository.dispose();
    await fixture.remove();
  });

  test('all lines of a file are one run of Git, and what is known is none', async () => {
    const wanted = [...at('a.yaml', 1, 2, 3, 50, 3), ...at('b.yaml', 5)];
    const found = await times.timesOf(wanted, tree);
    assert.equal(found.filter((time) => Math.abs(Date.parse(time ?? '') - Date.now()) < 600_000).length, 6);
    assert.deepEqual(runs.map((args) => args.slice(0, -2).join(' ')).sort(), [
      'blame --porcelain --contents - -L 1,3 -L 50,50',
      'blame --porcelain --contents - -L 5,5',
    ]);
    runs.length = 0;
    assert.deepEqual(await times.timesOf(wanted, tree), found);
    assert.equal(runs.length, 0);
    await times.timesOf([...wanted, ...at('a.yaml', 60)], tree);
    assert.deepEqual(
      runs.map((args) => args.join(' ')),
      ['blame --porcelain --contents - -L 60,60 -- a.yaml'],
    );
  });

  test('so many ranges that a command line would grow too long are several runs', async () => {
    const odd = Array.from({ length: 350 }, (_, index) => index * 2 + 1);
    const found = await times.timesOf(at('a.yaml', ...odd), tree);
    assert.ok(found.every((time) => time !== undefined));
    assert.equal(runs.length, 4);
    assert.ok(runs.every((args) => args.length <= 2 * 100 + 6));
  });

  test('a line of an editor that is not saved is newer than every commit, and moves no other', async () => {
    const text = `new: 0\n${lines('b', 5)}`;
    const edited = editedTree(tree, new Map([['b.yaml', Buffer.from(text)]]));
    const [typed, moved] = await times.timesOf(at('b.yaml', 1, 6), edited);
    assert.equal(typed, '9999-12-31T23:59:59Z');
    assert.ok(Date.parse(moved ?? '') <= Date.now());
  });

  test('a commit makes another answer of the same content', async () => {
    await fixture.write({ 'b.yaml': `new: 0\n${lines('b', 5)}` });
    assert.deepEqual(await times.timesOf(at('b.yaml', 1), tree), ['9999-12-31T23:59:59Z']);
    await fixture.commitAll('Add a line');
    const [time] = await times.timesOf(at('b.yaml', 1), tree);
    assert.ok(Date.parse(time ?? '') <= Date.now(), time);
  });

  test('a cancelled look is no answer', async () => {
    await assert.rejects(times.timesOf(at('a.yaml', 1), tree, AbortSignal.abort()));
    assert.notEqual((await times.timesOf(at('a.yaml', 1), tree))[0], undefined);
  });

  test('outside of a repository, and of another revision, there is no time', async () => {
    assert.deepEqual(await new CommitTimes(undefined).timesOf(at('a.yaml', 1), tree), [undefined]);
    const commit = await repository.tree('HEAD');
    runs.length = 0;
    assert.deepEqual(await times.timesOf(at('a.yaml', 1), commit), [undefined]);
    assert.equal(runs.length, 0);
    await commit.dispose();
  });
});
