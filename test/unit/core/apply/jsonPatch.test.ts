import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { applyJsonPatch } from '../../../../src/core/apply/jsonPatch.ts';
import type { Json } from '../../../../src/core/json.ts';
import { outcome } from './outcome.ts';

describe('JSON patch (RFC 6902)', () => {
  const document: Json = { a: { b: [1, 2, 3] }, 'm/n~': 'x', n: null };
  const cases: [string, Json, Json][] = [
    ['add a key', [{ op: 'add', path: '/a/c', value: 1 }], { ...document, a: { b: [1, 2, 3], c: 1 } }],
    ['add into a list', [{ op: 'add', path: '/a/b/1', value: 9 }], { ...document, a: { b: [1, 9, 2, 3] } }],
    ['add at the end', [{ op: 'add', path: '/a/b/-', value: 9 }], { ...document, a: { b: [1, 2, 3, 9] } }],
    ['add replaces a key', [{ op: 'add', path: '/n', value: 1 }], { ...document, n: 1 }],
    ['remove an item', [{ op: 'remove', path: '/a/b/0' }], { ...document, a: { b: [2, 3] } }],
    ['remove by an escaped pointer', [{ op: 'remove', path: '/m~1n~0' }], { a: { b: [1, 2, 3] }, n: null }],
    ['replace', [{ op: 'replace', path: '/a/b', value: [] }], { ...document, a: { b: [] } }],
    ['replace the whole', [{ op: 'replace', path: '', value: 1 }], 1],
    ['move', [{ op: 'move', from: '/a/b/0', path: '/n' }], { a: { b: [2, 3] }, 'm/n~': 'x', n: 1 }],
    ['copy', [{ op: 'copy', from: '/a/b/0', path: '/n' }], { ...document, n: 1 }],
    ['test that holds', [{ op: 'test', path: '/a/b', value: [1, 2, 3] }], document],
    ['test of null', [{ op: 'test', path: '/n', value: null }], document],
    ['test that fails', [{ op: 'test', path: '/n', value: 1 }], 'error: testing value "/n" failed'],
    ['nothing there', [{ op: 'remove', path: '/x' }], 'error: the document has nothing at "/x"'],
    ['no such item', [{ op: 'replace', path: '/a/b/3', value: 1 }], 'error: the document has nothing at "/a/b/3"'],
    ['leading zero', [{ op: 'remove', path: '/a/b/00' }], 'error: the document has nothing at "/a/b/00"'],
    ['no parent', [{ op: 'add', path: '/x/y', value: 1 }], 'error: the document has nothing at "/x/y"'],
    ['into itself', [{ op: 'move', from: '/a', path: '/a/b' }], 'error: "/a" cannot be moved into itself'],
    ['no pointer', [{ op: 'add', path: 'a', value: 1 }], 'error: "a" is not a JSON pointer'],
    ['no value', [{ op: 'add', path: '/a' }], 'error: the operation has no value'],
    ['no operation', [{ path: '/a' }], 'error: unknown operation ""'],
    ['no list', {}, 'error: a JSON patch is a list of operations'],
    ['a hostile key', [{ op: 'add', path: '/__proto__/x', value: 1 }], 'error: the key __proto__ is not allowed'],
  ];
  for (const [name, patch, expected] of cases) {
    test(name, () => {
      const before = structuredClone(document);
      assert.deepEqual(outcome(applyJsonPatch(document, patch)), expected);
      assert.deepEqual(document, before);
    });
  }
});
