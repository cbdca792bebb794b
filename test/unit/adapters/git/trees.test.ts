import assert from 'node:assert/strict';
import { access, readFile, readdir, stat, symlink, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { plainTree } from '../../../../src/adapters/files/plainTree.ts';
import { openRepository } from '../../../../src/adapters/git/localRepository.ts';
import { SpawnRunner } from '../../../../src/adapters/process/spawnRunner.ts';
import type { FileTree } from '../../../../src/ports/fileTree.ts';
import { GitError } from '../../../../src/ports/gitError.ts';
import type { GitRepository } from '../../../../src/ports/gitRepository.ts';
import { GitFixture } from './gitFixture.ts';

const text = async (tree: FileTree, path: string): Promise<string | undefined> => {
  const bytes = await tree.read(path);
  return bytes === undefined ? undefined : Buffer.from(bytes).toString();
};

const privateFolders = async (): Promise<string[]> =>
  (await readdir(tmpdir())).filter((name) => name.startsWith(`plumbline-${process.pid}-`));

describe('trees of a repository', () => {
  const runner = new SpawnRunner();
  let fixture: GitFixture;
  let repository: GitRepository;
  before(async () => {
    fixture = await GitFixture.create({
      'a.yaml': 'a: 1\n',
      'dir/b.yaml': 'b: 1\r\n',
      'odd/name with "quotes" ünï\nline.yaml': 'c: 1\n',
      'binary.bin': Uint8Array.from([0, 255, 10, 0, 128]),
      'gone.yaml': 'gone: 1\n',
      '.gitignore': 'ignored*\n',
      // Attributes that would change what `git archive` or a checkout gives.
      '.gitattributes': 'a.yaml export-ignore\ndir/b.yaml text eol=lf\nkeyword.txt export-subst ident\n',
      'keyword.txt': '$Format:%H$ $Id$\n',
    });
    repository = await openRepository(join(fixture.directory, 'dir'), runner);
  });
  after(async () => {
    await repository.dispose();
    await fixture.remove();
    assert.deepEqual(await privateFolders(), []);
  });

  test('the repository is found from a folder below', () => {
    assert.equal(repository.root, fixture.directory);
  });

  test('a folder without Git is a typed error, and a plain tree', async () => {
    const bare = await GitFixture.create();
    await bare.write({ 'x/y.yaml': 'y', 'node_modules/z.yaml': 'z', 'w.yaml': 'w' });
    await assert.rejects(openRepository(tmpdir(), runner), (error) => GitError.is(error, 'not-a-repository'));
    const tree = await plainTree(bare.directory);
    assert.deepEqual(await tree.list(), ['w.yaml', 'x/y.yaml']);
    assert.deepEqual(await tree.list('x'), ['x/y.yaml']);
    assert.deepEqual(await tree.list('../..'), []);
    await bare.remove();
  });

  test('the working tree has tracked and untracked files, without ignored and deleted ones', async () => {
    await fixture.write({ 'new.yaml': 'n: 1\n', 'ignored.env': 'TOKEN=x' });
    await unlink(join(fixture.directory, 'gone.yaml'));
    const tree = repository.workingTree();
    const names = await tree.list();
    assert.ok(names.includes('new.yaml') && names.includes('odd/name with "quotes" ünï\nline.yaml'));
    assert.ok(!names.includes('gone.yaml') && !names.includes('ignored.env'));
    assert.deepEqual(await tree.list('dir'), ['dir/b.yaml']);
    assert.equal(await text(tree, 'ignored.env'), 'TOKEN=x', 'a generator may read what Git ignores');
    await fixture.git('checkout', '-q', 'gone.yaml');
  });

  test('a tree of a commit has raw blobs: no smudge, no export-ignore, no keywords', async () => {
    const tree = await repository.tree('HEAD');
    assert.equal(await text(tree, 'a.yaml'), 'a: 1\n');
    assert.equal(await text(tree, 'keyword.txt'), '$Format:%H$ $Id$\n');
    assert.deepEqual([...((await tree.read('binary.bin')) ?? [])], [0, 255, 10, 0, 128]);
    assert.equal(await text(tree, 'odd/name with "quotes" ünï\nline.yaml'), 'c: 1\n');
    assert.ok(tree.directory !== undefined && !(await tree.list()).includes('new.yaml'));
    assert.equal((await stat(tree.directory)).mode & 0o777, 0o700);
    assert.equal(await readFile(join(tree.directory, 'a.yaml'), 'utf8'), 'a: 1\n');
    await tree.dispose();
    await assert.rejects(access(tree.directory));
  });

  test('`below` keeps a tree to some folders', async () => {
    const tree = await repository.tree('HEAD', { below: ['dir'] });
    assert.deepEqual(await tree.list(), ['dir/b.yaml']);
    await tree.dispose();
  });

  test('a list of a tree of a commit that goes wrong rejects, it never throws', async () => {
    const tree = await repository.tree('HEAD');
    let answer: Promise<string[]> | undefined;
    assert.doesNotThrow(() => (answer = tree.list(Symbol('folder') as unknown as string)));
    await assert.rejects(answer ?? Promise.resolve(), TypeError);
    await tree.dispose();
  });

  test('fingerprints are equal for equal content, whatever the tree', async () => {
    const [first, second] = [await repository.tree('HEAD'), repository.workingTree()];
    assert.equal(await first.fingerprint('a.yaml'), await second.fingerprint('a.yaml'));
    const before = await second.fingerprint('a.yaml');
    await fixture.write({ 'a.yaml': 'a: 2\n' });
    assert.notEqual(await second.fingerprint('a.yaml'), before);
    assert.equal(await second.fingerprint('nothing.yaml'), undefined);
    await fixture.write({ 'a.yaml': 'a: 1\n' });
    await first.dispose();
  });

  test('a revision that is not here is a typed error with a remedy', async () => {
    const unknown = 'f'.repeat(40);
    assert.equal(await repository.resolve(unknown), undefined);
    assert.equal(await repository.resolve('--upload-pack=x'), undefined);
    await assert.rejects(repository.tree(unknown), (error) => {
      return GitError.is(error, 'missing-revision') && (error.remedy ?? '').includes('unshallow');
    });
  });

  test('cancelled before it began, a tree leaves nothing', async () => {
    const had = (await privateFolders()).length;
    await assert.rejects(repository.tree('HEAD', { signal: AbortSignal.abort() }));
    assert.equal((await privateFolders()).length, had);
  });

  test('links that leave the tree are withheld, however they are chained', async () => {
    const links = await GitFixture.create({ 'deep/er/file.yaml': 'x: 1\n', 'top.yaml': 't: 1\n' });
    const at = (path: string): string => join(links.directory, path);
    await symlink('deep/er/file.yaml', at('inside'));
    await symlink('/etc/passwd', at('absolute'));
    await symlink('../../../etc/passwd', at('climbing'));
    // Inside when read as text, outside once `up` is followed.
    await symlink('../..', at('deep/er/up'));
    await symlink('deep/er/up/../secret', at('chained'));
    await symlink('nowhere', at('dangling'));
    await links.commitAll('links');
    const own = await openRepository(links.directory, runner);
    for (const tree of [await own.tree('HEAD'), own.workingTree()]) {
      assert.equal(await text(tree, 'inside'), 'x: 1\n');
      assert.equal(await text(tree, 'deep/er/up/top.yaml'), 't: 1\n');
      for (const path of ['absolute', 'climbing', 'chained', 'dangling', '../x', '/etc/passwd']) {
        assert.equal(await tree.read(path), undefined, path);
      }
      for (const path of ['absolute', 'climbing']) assert.equal(await tree.withheld(path), 'outside-repository', path);
      assert.equal(await tree.withheld('inside'), undefined);
      await tree.dispose();
    }
    await own.dispose();
    await links.remove();
  });

  test('submodules are withheld in both trees', async () => {
    const inner = await GitFixture.create({ 'base/kustomization.yaml': 'resources: []\n' });
    const outer = await GitFixture.create({ 'x.yaml': 'x: 1\n' });
    await outer.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', inner.directory, 'vendor/lib');
    await outer.commitAll('submodule');
    const own = await openRepository(outer.directory, runner);
    for (const tree of [await own.tree('HEAD'), own.workingTree()]) {
      assert.equal(await tree.withheld('vendor/lib/base/kustomization.yaml'), 'submodule');
      assert.equal(await tree.withheld('vendor/lib'), 'submodule');
      assert.equal(await tree.withheld('x.yaml'), undefined);
      assert.deepEqual(await tree.list(), ['.gitmodules', 'x.yaml']);
      await tree.dispose();
    }
    await own.dispose();
    await outer.remove();
    await inner.remove();
  });

  test('history, blame, remotes and head', async () => {
    const history = await GitFixture.create({ 'a.yaml': 'a: 1\nb: 1\n' });
    const own = await openRepository(history.directory, runner);
    const first = (await own.head())?.commit ?? '';
    await history.write({ 'a.yaml': 'a: 1\nb: 2\n', 'odd "name.yaml': 'x\n' });
    const second = await history.commitAll('Change b | with "signs"');
    await history.write({ 'c.yaml': 'c\n' });
    const third = await history.commitAll('Add c');
    await history.git('remote', 'add', 'origin', 'https://user:s3cret@example.com/repo.git');
    assert.deepEqual(await own.head(), { commit: third, branch: 'main' });
    assert.deepEqual(await own.remotes(), [{ name: 'origin', url: 'https://example.com/repo.git' }]);
    const log = await own.log({ from: first, to: 'main' });
    assert.deepEqual(
      log.map((commit) => commit.id),
      [third, second],
    );
    assert.equal(log[1]?.subject, 'Change b | with "signs"');
    assert.equal(log[1].author, 'Ada');
    assert.ok(Math.abs(Date.parse(log[1].at) - Date.now()) < 600_000);
    assert.deepEqual(
      (await own.log({ to: 'HEAD', paths: ['a.yaml'], limit: 1 })).map((commit) => commit.id),
      [second],
    );
    const blamed = await own.blame('a.yaml', { lines: [1, 2] });
    assert.deepEqual(
      [...blamed].map(([line, { commit }]) => [line, commit?.id]),
      [
        [1, first],
        [2, second],
      ],
    );
    assert.equal(Date.parse(blamed.get(2)?.commit?.at ?? ''), Date.parse(log[1].at));
    // What stands in an editor is not on the disk yet.
    const contents = Buffer.from('new: 0\na: 1\nb: 2\n');
    const edited = await own.blame('a.yaml', { lines: [1, 2, 3], contents });
    assert.deepEqual(
      [...edited.values()].map(({ commit }) => commit?.id),
      [undefined, first, second],
    );
    await history.write({ 'a.yaml': 'a: 5\nb: 2\n', 'untracked.yaml': 'u\n' });
    const uncommitted = { commit: undefined, uncommitted: true };
    assert.deepEqual((await own.blame('a.yaml', { lines: [1] })).get(1), uncommitted);
    assert.deepEqual([...(await own.blame('untracked.yaml', { lines: [1] }))], [[1, uncommitted]]);
    // A line that is not there takes nothing from those that are.
    assert.deepEqual([...(await own.blame('a.yaml', { lines: [99, 2] })).keys()], [2]);
    assert.equal((await own.blame('a.yaml', { lines: [99] })).size, 0);
    await assert.rejects(own.blame('../a.yaml', { lines: [1] }), (error) => GitError.is(error, 'outside-repository'));
    await own.dispose();
    await history.remove();
  });

  test('a shallow clone resolves only what it has', async () => {
    const source = await GitFixture.create({ 'a.yaml': '1' });
    const old = (await source.git('rev-parse', 'HEAD')).trim();
    await source.write({ 'a.yaml': '2' });
    await source.commitAll('second');
    await fixture.git('clone', '-q', '--depth=1', `file://${source.directory}`, join(source.directory, 'clone'));
    const own = await openRepository(join(source.directory, 'clone'), runner);
    assert.equal(await own.resolve(old), undefined);
    assert.ok((await own.resolve('HEAD')) !== undefined);
    const before = await own.fingerprint();
    assert.equal(await own.fingerprint(), before);
    await fixture.git('-C', own.root, 'fetch', '-q', '--unshallow');
    assert.notEqual(await own.fingerprint(), before);
    assert.equal(await own.resolve(old), old);
    await own.dispose();
    await source.remove();
  });

  test('an empty repository has no head, and its working tree is read', async () => {
    const empty = await GitFixture.create();
    await empty.write({ 'a.yaml': 'x' });
    const own = await openRepository(empty.directory, runner);
    assert.equal(await own.head(), undefined);
    assert.deepEqual(await own.workingTree().list(), ['a.yaml']);
    await empty.remove();
  });
});
