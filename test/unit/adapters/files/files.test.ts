import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { access, mkdir, readFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { overriddenTree } from '../../../../src/adapters/files/overriddenTree.ts';
import { PrivateCopy } from '../../../../src/adapters/files/privateCopy.ts';
import { makePrivateFolder, removeLeftovers } from '../../../../src/adapters/files/privateFolder.ts';
import { RenderCache, contentIds } from '../../../../src/adapters/files/renderCache.ts';
import { withFiles, writeFiles } from '../folderFixture.ts';

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

describe('private folders', () => {
  test('are the user’s alone, and gone when removed', async () => {
    const folder = await makePrivateFolder('test');
    assert.equal((await stat(folder.path)).mode & 0o777, 0o700);
    await folder.remove();
    assert.equal(await exists(folder.path), false);
  });

  test('of a process that is no more are removed, of a running one not', async () => {
    // A process id that was in use a moment ago and is not now.
    const { pid } = spawnSync(process.execPath, ['--version']);
    const left = join(tmpdir(), `plumbline-${pid}-tree-left`);
    await mkdir(left);
    const own = await makePrivateFolder('test');
    await removeLeftovers();
    assert.equal(await exists(left), false);
    assert.equal(await exists(own.path), true);
    await own.remove();
  });

  test('are gone when the process ends without removing them', () => {
    const source = `
      import { makePrivateFolder } from ${JSON.stringify(join(import.meta.dirname, '../../../../src/adapters/files/privateFolder.ts'))};
      console.log((await makePrivateFolder('test')).path);
      process.exit(3);`;
    const { stdout, status } = spawnSync(process.execPath, ['--input-type=module-typescript', '-e', source], {
      encoding: 'utf8',
    });
    assert.equal(status, 3);
    const path = stdout.trim();
    assert.ok(path.includes('plumbline-'));
    assert.equal(spawnSync('ls', [path]).status === 0, false);
  });
});

test('a copy takes changes and gives them up again', async () => {
  await withFiles({ 'a/x.yaml': '1', 'b.yaml': '2', 'not-copied.yaml': '3' }, async (tree) => {
    const copy = await PrivateCopy.make(tree, ['a/x.yaml', 'b.yaml', 'missing.yaml']);
    const text = (path: string): Promise<string> => readFile(join(copy.directory, path), 'utf8');
    await copy.set(
      new Map([
        ['a/x.yaml', 'changed'],
        ['new/y.yaml', 'new'],
      ]),
    );
    assert.deepEqual([await text('a/x.yaml'), await text('b.yaml'), await text('new/y.yaml')], ['changed', '2', 'new']);
    await copy.set(new Map([['b.yaml', 'other']]));
    assert.deepEqual([await text('a/x.yaml'), await text('b.yaml')], ['1', 'other']);
    assert.equal(await exists(join(copy.directory, 'new/y.yaml')), false);
    assert.equal(await exists(join(copy.directory, 'not-copied.yaml')), false);
    await assert.rejects(copy.set(new Map([['../out', 'x']])), RangeError);
    await copy.dispose();
    assert.equal(await exists(copy.directory), false);
  });
});

test('renders are kept by the content of what they read, the oldest given up first', async () => {
  await withFiles({ 'a.yaml': '1', 'b.yaml': '1' }, async (tree, directory) => {
    const cache = new RenderCache<string>(3);
    await cache.put('one', tree, await contentIds(tree, ['a.yaml', 'absent.yaml']), 'first');
    assert.equal(await cache.get('one', tree), 'first');
    assert.equal(await cache.get('two', tree), undefined);
    await writeFiles(directory, { 'b.yaml': '2' });
    assert.equal(await cache.get('one', tree), 'first');
    await writeFiles(directory, { 'absent.yaml': 'now here' });
    assert.equal(await cache.get('one', tree), undefined);
    await cache.put('one', tree, await contentIds(tree, ['a.yaml', 'absent.yaml']), 'second');
    assert.equal(await cache.get('one', tree), 'second');
    for (const value of ['x', 'y']) await cache.put(value, tree, await contentIds(tree, ['a.yaml']), value);
    assert.deepEqual(
      [await cache.get('one', tree), await cache.get('x', tree), await cache.get('y', tree)],
      ['second', 'x', 'y'],
    );
    await cache.put('z', tree, await contentIds(tree, ['a.yaml']), 'z');
    assert.deepEqual([await cache.get('one', tree), await cache.get('z', tree)], [undefined, 'z']);
  });
});

test('a file that changes while it is read poisons no cache', async () => {
  await withFiles({ 'a.yaml': '1' }, async (tree, directory) => {
    const cache = new RenderCache<string>(3);
    const ids = await contentIds(tree, ['a.yaml']);
    await writeFiles(directory, { 'a.yaml': '2' });
    await cache.put('one', tree, ids, 'of content 1');
    assert.equal(await cache.get('one', tree), undefined);
    await writeFiles(directory, { 'a.yaml': '1' });
    assert.equal(await cache.get('one', tree), undefined);
  });
});

test('a tree with other texts for some files', async () => {
  await withFiles({ 'a.yaml': '1', 'd/b.yaml': '1' }, async (tree) => {
    const other = overriddenTree(
      tree,
      new Map([
        ['a.yaml', '2'],
        ['d/new.yaml', 'n'],
      ]),
    );
    const text = async (path: string): Promise<string | undefined> => {
      const bytes = await other.read(path);
      return bytes && Buffer.from(bytes).toString();
    };
    assert.deepEqual([await text('a.yaml'), await text('d/b.yaml'), await text('d/new.yaml')], ['2', '1', 'n']);
    assert.deepEqual(await other.list('d'), ['d/b.yaml', 'd/new.yaml']);
    assert.deepEqual(await other.list(), ['a.yaml', 'd/b.yaml', 'd/new.yaml']);
    assert.notEqual(await other.fingerprint('a.yaml'), await tree.fingerprint('a.yaml'));
    assert.equal(await other.fingerprint('d/b.yaml'), await tree.fingerprint('d/b.yaml'));
    assert.equal(other.directory, undefined);
  });
});
