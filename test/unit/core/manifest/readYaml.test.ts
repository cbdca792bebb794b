import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readYamlValues } from '../../../../src/core/manifest/readManifests.ts';

/**
 * What Go makes of whole documents, recorded from kubectl 1.35.4 as in scalars.test.ts. `raw` and `kustomize` hold the values as JSON, or a
 * problem's code after `!`.
 */
const cases: { name: string; text: string; raw: string; kustomize?: string }[] = [
  // Merge keys (Y-4): go-yaml v2 goes by order, v3 lets what the map spells out win.
  { name: 'merge, then key', text: 'm: &m {q: 1}\nx: {<<: *m, q: 3}\n', raw: '[{"m":{"q":1},"x":{"q":3}}]' },
  {
    name: 'key, then merge',
    text: 'm: &m {q: 1}\nx: {q: 3, <<: *m}\n',
    raw: '[{"m":{"q":1},"x":{"q":1}}]',
    kustomize: '[{"m":{"q":1},"x":{"q":3}}]',
  },
  { name: 'merge of a list', text: '<<: [{a: 1, b: 1}, {a: 2, c: 2}]\nb: 3\n', raw: '[{"a":1,"b":3,"c":2}]' },
  { name: 'merge of no map', text: 'x: {<<: 3}\n', raw: '!invalid-yaml' },
  { name: 'merge before its anchor', text: 'x: {<<: *m}\nm: &m {q: 1}\n', raw: '!invalid-yaml' },
  { name: 'quoted merge key', text: 'x: "<<"\n', raw: '[{"x":"<<"}]' },
  // Duplicate keys (Y-5).
  { name: 'duplicate key', text: 'x: 1\nx: 2\n', raw: '[{"x":2}]', kustomize: '!duplicate-key' },
  { name: 'duplicate key in flow', text: '{"x": 1, "x": 2}', raw: '[{"x":2}]', kustomize: '!duplicate-key' },
  { name: 'duplicate by value', text: '1: a\n"1": b\n', raw: '[{"1":"b"}]', kustomize: '!invalid-yaml' },
  // Quoted scalars (Y-6).
  { name: 'continuation at column 0', text: "x: 'a\nb'\nz: 1\n", raw: '[{"x":"a b","z":1}]' },
  {
    name: 'continuation at the key',
    text: "x:\n  w: 'it''s\n  b'\n  z: \"q\n r\"\n",
    raw: '[{"x":{"w":"it\'s b","z":"q r"}}]',
  },
  {
    name: 'continuation in an anchored map',
    text: "x: &a\n  w: 'a\n  b'\nz: *a\n",
    raw: '[{"x":{"w":"a b"},"z":{"w":"a b"}}]',
  },
  { name: 'blank lines between quotes', text: "x: 'a\n\n  b\n  c'\n", raw: '[{"x":"a\\nb c"}]' },
  {
    name: 'escapes',
    text: 'x: "a\\\n  b\\x41\\u00e9\\U0001F600\\e\\_\\N\\L\\t"\n',
    raw: '[{"x":"abAé😀\\u001b\\u00a0\\u0085\\u2028\\t"}]',
  },
  { name: 'escaped line feed in folds', text: 'x: "a\n  \\n  b"\n', raw: '[{"x":"a \\n  b"}]' },
  { name: 'unknown escape', text: 'x: "\\q"\n', raw: '!invalid-yaml' },
  { name: 'unclosed quote', text: 'x: "a\ny: 1\n', raw: '!invalid-yaml' },
  // Block scalars.
  { name: 'literal', text: 'a: |\n  x\n   y\n\n  z\n\nb: 1\n', raw: '[{"a":"x\\n y\\n\\nz\\n","b":1}]' },
  { name: 'literal, stripped', text: 'a: |-\n  x\n\nb: 1\n', raw: '[{"a":"x","b":1}]' },
  { name: 'literal, kept', text: 'a: |+\n  x\n\nb: 1\n', raw: '[{"a":"x\\n\\n","b":1}]' },
  { name: 'literal, indented by number', text: 'a: |2-\n   x\n  y\n\n', raw: '[{"a":" x\\ny"}]' },
  { name: 'empty literal', text: 'a: |\n\n\nb: 1\n', raw: '[{"a":"","b":1}]' },
  { name: 'comment after a literal', text: 'x: | # c\n  a\n # c\ny1: 1\n', raw: '[{"x":"a\\n","y1":1}]' },
  { name: 'folded', text: 'a: >\n  x\n  y\n\n   z\n  w\n', raw: '[{"a":"x y\\n\\n z\\nw\\n"}]' },
  { name: 'folded with gaps', text: 'x: >-\n  a\n\n\n  b\n   c\n\n  d\n', raw: '[{"x":"a\\n\\nb\\n c\\n\\nd"}]' },
  { name: 'literal without a last line break', text: 'a: |\n  x', raw: '[{"a":"x\\n"}]', kustomize: '[{"a":"x"}]' },
  { name: 'literal that loses its indentation', text: 'x: |\n    a\n  b\n', raw: '!invalid-yaml' },
  // Plain scalars.
  { name: 'a tab within a key of a flow document', text: '{a\tb: c\td}\n', raw: '[{"a\\tb":"c\\td"}]' },
  { name: 'plain over lines', text: 'y1: a\n b\n\n c\n', raw: '[{"y1":"a b\\nc"}]' },
  { name: 'plain that looks like a list', text: 'x:\n- a\n -b\n', raw: '[{"x":["a -b"]}]' },
  { name: 'comments', text: 'x: a #b\nz: a# b # c\n# d\n', raw: '[{"x":"a","z":"a# b"}]' },
  { name: 'a tab within a plain text of two lines', text: '{a: b\n  c\td}\n', raw: '[{"a":"b c\\td"}]' },
  { name: 'a tab behind an empty line', text: '{a:\n  b\n\n  c\td}\n', raw: '[{"a":"b\\nc\\td"}]' },
  {
    name: 'an escaped apostrophe, beside what only the library reads',
    text: `a: &x "it\\'s \\'x\\'"\nb: *x\n`,
    raw: `[{"a":"it's 'x'","b":"it's 'x'"}]`,
  },
  { name: 'tab after the colon', text: 'x:\n  z:\t1\n', raw: '[{"x":{"z":1}}]' },
  { name: 'tab as indentation', text: 'x:\n\tz: 1\n', raw: '!invalid-yaml' },
  { name: 'colon in a plain scalar', text: 'x: a: b\n', raw: '!invalid-yaml' },
  { name: 'reserved character', text: 'x: @a\n', raw: '!invalid-yaml' },
  // Collections.
  { name: 'lists in lists', text: 'x:\n- - a\n  - b\n-   c: 1\n    d: 2\n', raw: '[{"x":[["a","b"],{"c":1,"d":2}]}]' },
  { name: 'list at the column of its key', text: 'x:\n- a\nz:\n  - b\n', raw: '[{"x":["a"],"z":["b"]}]' },
  { name: 'items without a value', text: 'x:\n-\n- a\n-\n', raw: '[{"x":[null,"a",null]}]' },
  {
    name: 'flow over lines',
    text: 'x: [a, b\n]\nz: {a: 1,\n  b: [2]}\n',
    raw: '[{"x":["a","b"],"z":{"a":1,"b":[2]}}]',
  },
  { name: 'flow with less indentation', text: 'x:\n  y1: {\n  a: 1}\n', raw: '[{"x":{"y1":{"a":1}}}]' },
  { name: 'flow pair', text: 'x: [a: b]\n', raw: '[{"x":[{"a":"b"}]}]' },
  { name: 'flow with a last comma', text: 'x: [a, b, ]\n', raw: '[{"x":["a","b"]}]' },
  { name: 'flow with two commas', text: 'x: [a,, b]\n', raw: '!invalid-yaml' },
  { name: 'explicit key', text: '? a\n: b\n', raw: '[{"a":"b"}]' },
  { name: 'alias as key', text: 'x: &a k\nq: {*a : 1}\n', raw: '[{"x":"k","q":{"k":1}}]' },
  { name: 'anchor used twice', text: 'x: &a 1\nz: &a 2\nw: *a\n', raw: '[{"x":1,"z":2,"w":2}]' },
  { name: 'anchor that holds itself', text: 'x: &a [*a]\n', raw: '!invalid-yaml' },
  { name: 'unknown anchor', text: 'x: *b\n', raw: '!invalid-yaml' },
  {
    name: 'tagged collections',
    text: 'v: !!map {a: 1}\nw: !!omap [a: 1]\nx: !foo {a: 1}\n',
    raw: '[{"v":{"a":1},"w":[{"a":1}],"x":{"a":1}}]',
  },
  // Streams (Y-9).
  { name: 'several documents', text: 'a: 1\n---\nb: 2\n--- # c\nc: 3\n', raw: '[{"a":1},{"b":2},{"c":3}]' },
  { name: 'empty documents', text: '---\n---\n# only\n---\na: 1\n---\n', raw: '[{"a":1}]' },
  { name: 'document ends', text: 'a: 1\n...\n---\nb: 1\n...\n# c\n', raw: '[{"a":1},{"b":1}]' },
  { name: 'directive', text: '%YAML 1.1\n---\na: yes\n', raw: '[{"a":true}]', kustomize: '[{"a":"yes"}]' },
  { name: 'value on the marker line', text: '--- {a: 1}\n--- b\n', raw: '[{"a":1},"b"]' },
  { name: 'marker ends a literal', text: 'a: |\n  x\n---\nb: 1\n', raw: '[{"a":"x\\n"},{"b":1}]' },
  { name: 'marker inside a literal', text: 'a: |\n  x\n  ---\n  y\n', raw: '[{"a":"x\\n---\\ny\\n"}]' },
  { name: 'wrong document between good ones', text: 'a: 1\n---\nb: [\n---\nc: 1\n', raw: '!invalid-yaml' },
  // Bytes.
  { name: 'byte order mark', text: '\uFEFFa: 1\n', raw: '[{"a":1}]' },
  {
    name: 'carriage returns',
    text: 'a: |\r\n  x\r\n  y1\r\nb: "q\r\n  r"\r\nc: p\r\n',
    raw: '[{"a":"x\\ny1\\n","b":"q r","c":"p"}]',
  },
  {
    name: 'carriage returns with an anchor',
    text: 'a: &a |\r\n  x\r\n  y1\r\nb: *a\r\n',
    raw: '[{"a":"x\\ny1\\n","b":"x\\ny1\\n"}]',
  },
  { name: 'control character', text: 'a: x\u0001y\n', raw: '!not-text' },
  // JSON.
  { name: 'JSON with tabs', text: '{\t"a":\n\t[1,\t2],\r\n"b":"\\/\\ud83d\\ude00"}\n', raw: '[{"a":[1,2],"b":"/😀"}]' },
  { name: 'JSON with a tab in a key', text: '{"a\tb": &x 1}\n', raw: '[{"a\\tb":1}]' },
  { name: 'JSON, cut off', text: '{"a": [1, 2\n', raw: '!invalid-json' },
];

describe('documents as Go reads them', () => {
  for (const { name, text, raw, kustomize = raw } of cases) {
    for (const [profile, expected] of [['raw', raw] as const, ['kustomize', kustomize] as const]) {
      it(`${name} (${profile})`, () => {
        const { values, problems } = readYamlValues(text, { profile });
        const errors = problems.filter((problem) => problem.severity === 'error');
        if (expected.startsWith('!')) assert.equal(errors[0]?.code, expected.slice(1));
        else {
          assert.deepEqual(errors, []);
          assert.deepEqual(values, JSON.parse(expected));
        }
      });
    }
  }

  it('loses only the document that is wrong', () => {
    const { values, problems } = readYamlValues('a: 1\n---\nb: [\n---\nc: 1\n', { profile: 'raw' });
    assert.deepEqual(values, [{ a: 1 }, { c: 1 }]);
    assert.equal(problems.length, 1);
  });
});
