import assert from 'node:assert/strict';
import { test } from 'node:test';
import { editedTree } from '../../../../src/services/actions/editedTree.ts';
import { pause } from '../../../../src/services/actions/pause.ts';
import { withFiles } from '../../adapters/folderFixture.ts';

const text = (content: string): Uint8Array => new TextEncoder().encode(content);

test('files as they will be: changed, new, gone; nothing is written', async () => {
  await withFiles({ 'a/one.yaml': 'one', 'a/two.yaml': 'two', 'b/three.yaml': 'three' }, async (base) => {
    const changes = new Map([
      ['a/one.yaml', text('ONE')],
      ['a/new.yaml', text('new')],
      ['a/two.yaml', undefined],
    ]);
    const tree = editedTree(base, changes);
    assert.equal(tree.directory, undefined, 'a renderer copies what it reads');
    assert.deepEqual(await tree.list('a'), ['a/new.yaml', 'a/one.yaml']);
    assert.deepEqual(await tree.list(), ['a/new.yaml', 'a/one.yaml', 'b/three.yaml']);
    assert.deepEqual(await tree.read('a/one.yaml'), text('ONE'));
    assert.equal(await tree.read('a/two.yaml'), undefined);
    assert.equal(await tree.fingerprint('a/two.yaml'), undefined);
    assert.equal(new TextDecoder().decode(await base.read('a/one.yaml')), 'one');
    assert.deepEqual(await tree.read('b/three.yaml'), await base.read('b/three.yaml'));
  });
});

test('a fingerprint is Git’s id of the content, as trees of commits have it', async () => {
  await withFiles({ 'a.yaml': 'old' }, async (base) => {
    const tree = editedTree(base, new Map([['a.yaml', text('hello\n')]]), 'abc');
    // printf 'hello\n' | git hash-object --stdin
    assert.equal(await tree.fingerprint('a.yaml'), 'ce013625030ba8dba906f756967f9e9ca394464a');
    assert.equal(tree.revision, 'abc');
  });
});

test('a pause ends at once when it is stopped', async () => {
  const controller = new AbortController();
  const paused = pause(60_000, controller.signal);
  controller.abort(new Error('stopped'));
  await assert.rejects(paused, /stopped/);
  await assert.rejects(pause(60_000, controller.signal), /stopped/);
  await pause(1);
});
