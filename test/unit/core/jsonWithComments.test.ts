import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseJsonWithComments } from '../../../src/core/jsonWithComments.ts';

const cases: readonly [name: string, text: string, value: unknown][] = [
  ['plain', '{"a": [1, 2]}', { a: [1, 2] }],
  ['comments', '// x\n{"a": 1 /* , */ // "b": 2\n}', { a: 1 }],
  ['what looks like a comment', '{"a": "http://x/*y*/", "b": "\\"//"}', { a: 'http://x/*y*/', b: '"//' }],
  ['commas at the end', '{"a": [1, 2,], "b": {"c": ",]"},\n}', { a: [1, 2], b: { c: ',]' } }],
  ['byte order mark', '\uFEFF{}', {}],
];
for (const [name, text, value] of cases) {
  test(`JSON with comments: ${name}`, () => {
    assert.deepEqual(parseJsonWithComments(text), value);
  });
}

test('JSON with comments: anything else is refused', () => {
  for (const text of ['', '{a: 1}', '[1,,2]', '{"a": 1} x']) {
    assert.throws(() => parseJsonWithComments(text), SyntaxError);
  }
});
