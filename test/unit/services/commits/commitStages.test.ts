import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { openRepository } from '../../../../src/adapters/git/localRepository.ts';
import { SpawnRunner } from '../../../../src/adapters/process/spawnRunner.ts';
import type { GitRepository } from '../../../../src/ports/gitRepository.ts';
import {
  type CommitStages,
  readCommitStages,
  readOlderCommits,
} from '../../../../src/services/commits/commitStages.ts';
import type { EngineState } from '../../../../src/services/commits/engineState.ts';
import { GitFixture } from '../../adapters/git/gitFixture.ts';

const application = { id: 'apps/shop', path: 'apps/shop', files: ['apps/shop/web.yaml', 'base/web.yaml'] };
const url = 'https://git.example/org/fleet.git';
const flux: EngineState = { engine: 'flux', fetches: true, gates: [], followed: { url, branch: 'main' } };
const direct: EngineState = { engine: 'direct', fetches: false, gates: [] };

describe('where the commits of an application stand', () => {
  let fixture: GitFixture;
  let repository: GitRepository;
  /** Commit ids by what they are called here. */
  const ids = new Map<string, string>();
  const named = (id: string): string => [...ids].find(([, known]) => known === id)?.[0] ?? id;
  const id = (name: string): string => ids.get(name) ?? '';
  const look = async (engine: EngineState): Promise<CommitStages> => readCommitStages(repository, application, engine);
  const picture = ({ unapplied, applied, base }: CommitStages): string[] => [
    ...unapplied.map(({ commit, stage }) => `${named(commit.id)} ${stage}`),
    ...(applied === undefined ? [] : [`${named(applied.commit?.id ?? '')} applied`]),
    ...(base === undefined ? [] : [`${named(base.id)} base`]),
  ];
  const commit = async (name: string, file: string): Promise<void> => {
    await fixture.write({ [file]: `name: ${name}\n` });
    ids.set(name, await fixture.commitAll(name));
  };

  before(async () => {
    fixture = await GitFixture.create({ 'README.md': 'a\n' });
    await commit('first', 'apps/shop/web.yaml');
    await commit('applied', 'apps/shop/web.yaml');
    await commit('elsewhere', 'apps/other/web.yaml');
    await commit('fetched', 'apps/shop/web.yaml');
    await commit('pushed', 'base/web.yaml');
    await fixture.git('remote', 'add', 'origin', 'git@git.example:org/fleet');
    await fixture.git('update-ref', 'refs/remotes/origin/main', 'HEAD');
    await fixture.git('branch', '--set-upstream-to=origin/main');
    await commit('local', 'apps/shop/web.yaml');
    await fixture.write({ 'apps/shop/new.yaml': 'a: 1\n', 'apps/other/new.yaml': 'a: 1\n' });
    repository = await openRepository(fixture.directory, new SpawnRunner());
  });
  after(async () => {
    await repository.dispose();
    await fixture.remove();
  });

  test('Flux: not pushed, pushed, fetched and applied, each commit in one place', async () => {
    const stages = await look({ ...flux, fetched: id('fetched'), applied: { revision: id('elsewhere') } });
    assert.deepEqual(picture(stages), [
      'local not-pushed',
      'pushed not-fetched',
      'fetched not-applied',
      'applied applied',
    ]);
    assert.equal(stages.pushedTo, 'origin/main');
    assert.deepEqual(
      stages.edited.map((file) => file.path),
      ['apps/shop/new.yaml'],
    );
    assert.equal(named(stages.olderThan ?? ''), 'applied');
  });

  test('Flux: what is fetched and not in this clone is newer than all of it, and is said', async () => {
    const stages = await look({ ...flux, fetched: 'f'.repeat(40), applied: { revision: id('applied') } });
    assert.deepEqual(picture(stages), [
      'local not-pushed',
      'pushed not-applied',
      'fetched not-applied',
      'applied applied',
    ]);
    assert.deepEqual(
      stages.problems.map((problem) => problem.message),
      ['The revision fffffff that is fetched is not in this clone.'],
    );
  });

  test('Flux: where nothing was applied, the newest that it could apply is what there is to compare', async () => {
    const stages = await look({ ...flux, fetched: id('fetched') });
    assert.deepEqual(picture(stages), ['local not-pushed', 'pushed not-fetched', 'fetched base']);
  });

  test('direct: a commit is applied or not, whether or not it was pushed', async () => {
    assert.deepEqual(picture(await look({ ...direct, applied: { revision: id('fetched') } })), [
      'local not-pushed',
      'pushed not-applied',
      'fetched applied',
    ]);
    assert.deepEqual(picture(await look({ ...direct, applied: { revision: id('local') } })), ['local applied']);
  });

  test('direct: from the working tree, or by another tool, no commit is known to be applied', async () => {
    assert.deepEqual(picture(await look({ ...direct, applied: 'worktree' })), ['local not-pushed', 'pushed base']);
    assert.deepEqual(picture(await look(direct)), ['local not-pushed', 'pushed base']);
  });

  test('older commits are those before the last one in view that touched the application', async () => {
    const older = await readOlderCommits(repository, application, id('fetched'), 1);
    assert.deepEqual(
      older.map((item) => named(item.id)),
      ['applied'],
    );
    const all = await readOlderCommits(repository, application, id('fetched'), 10);
    assert.deepEqual(
      all.map((item) => named(item.id)),
      ['applied', 'first'],
    );
  });
});

test('a repository without a commit has only a working tree', async () => {
  const fixture = await GitFixture.create();
  const repository = await openRepository(fixture.directory, new SpawnRunner());
  try {
    await fixture.write({ 'apps/shop/web.yaml': 'a: 1\n' });
    const stages = await readCommitStages(repository, application, direct);
    assert.deepEqual([stages.head, stages.unapplied, stages.edited.length], [undefined, [], 1]);
  } finally {
    await repository.dispose();
    await fixture.remove();
  }
});
