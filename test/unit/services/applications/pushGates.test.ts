import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { openRepository } from '../../../../src/adapters/git/localRepository.ts';
import { SpawnRunner } from '../../../../src/adapters/process/spawnRunner.ts';
import type { Application } from '../../../../src/core/delivery/application.ts';
import type { FileTree } from '../../../../src/ports/fileTree.ts';
import type { GitRepository } from '../../../../src/ports/gitRepository.ts';
import { PushGates } from '../../../../src/services/applications/pushGates.ts';
import { GitFixture } from '../../adapters/git/gitFixture.ts';

const url = 'https://git.example/org/fleet.git';
const application: Application = {
  id: 'flux:default/shop',
  name: 'shop',
  engine: 'flux',
  foundIn: 'flux',
  source: { kind: 'kustomize', path: 'apps/shop' },
  destination: {},
  gates: [],
};

describe('what is not pushed yet', () => {
  let fixture: GitFixture;
  let repository: GitRepository;
  let tree: FileTree;
  let gates: PushGates;
  /** Methods of the repository that start a program, in the order in which they were asked. */
  let asked: string[];

  before(async () => {
    fixture = await GitFixture.create({ 'apps/shop/web.yaml': 'a: 1\n', 'other/notes.yaml': 'b: 1\n' });
    await fixture.git('remote', 'add', 'origin', 'git@git.example:org/fleet');
    await fixture.git('update-ref', 'refs/remotes/origin/main', 'HEAD');
    repository = await openRepository(fixture.directory, new SpawnRunner());
  });
  beforeEach(() => {
    asked = [];
    tree = repository.workingTree();
    gates = new PushGates(
      new Proxy(repository, {
        get(target, name: keyof GitRepository) {
          const member: unknown = Reflect.get(target, name);
          if (typeof member !== 'function') return member;
          return (...args: unknown[]): unknown => {
            if (name !== 'fingerprint') asked.push(name);
            return Reflect.apply(member, target, args);
          };
        },
      }),
    );
  });
  after(() => fixture.remove());

  const look = async (branch = 'main'): Promise<string | undefined> => {
    const source = { application, files: ['apps/shop/web.yaml'], url, branch };
    const found = await gates.gatesOf([source], tree, await tree.list());
    return found.get(application.id)?.message;
  };

  test('nothing, while all is where the engine fetches', async () => {
    assert.equal(await look(), undefined);
  });

  test('a branch that was never fetched says nothing', async () => {
    assert.equal(await look('release'), undefined);
  });

  test('edits, then commits, then nothing after the push', async () => {
    await fixture.write({ 'apps/shop/web.yaml': 'a: 2\n', 'apps/shop/new.yaml': 'c: 1\n' });
    assert.equal(await look(), '2 files with edits not committed: Flux does not see this yet.');
    await fixture.commitAll('second');
    assert.equal(await look(), '1 commit not pushed to origin/main: Flux does not see this yet.');
    await fixture.write({ 'apps/shop/web.yaml': 'a: 3\n' });
    const both = '1 file with edits not committed, 1 commit not pushed to origin/main: Flux does not see this yet.';
    assert.equal(await look(), both);
    await fixture.commitAll('third');
    await fixture.git('update-ref', 'refs/remotes/origin/main', 'HEAD');
    assert.equal(await look(), undefined);
  });

  test('what lies elsewhere does not hold it up', async () => {
    await fixture.write({ 'other/notes.yaml': 'b: 2\n' });
    assert.equal(await look(), undefined);
    await fixture.commitAll('elsewhere');
    assert.equal(await look(), undefined);
  });

  test('a deleted file is an edit', async () => {
    await fixture.git('rm', '-q', 'apps/shop/new.yaml');
    assert.equal(await look(), '1 file with edits not committed: Flux does not see this yet.');
    await fixture.git('reset', '-q', '--hard');
  });

  test('Git is asked again only for what changed', async () => {
    await look();
    assert.deepEqual(asked, ['status', 'remotes', 'resolve', 'log']);
    asked.length = 0;
    await look();
    assert.deepEqual(asked, []);
    await fixture.write({ 'apps/shop/web.yaml': 'a: 4\n' });
    await look();
    assert.deepEqual(asked, ['status']);
    asked.length = 0;
    await fixture.commitAll('fourth');
    await look();
    assert.deepEqual(asked.toSorted(), ['log', 'remotes', 'resolve', 'status']);
  });

  test('a question that was given up is asked again', async () => {
    const aborted = AbortSignal.abort();
    const source = { application, files: [], url, branch: 'main' };
    await assert.rejects(gates.gatesOf([source], tree, [], aborted));
    assert.equal(await look(), '1 commit not pushed to origin/main: Flux does not see this yet.');
  });
});
