import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Json, equalJson, isJsonObject } from '../../../../src/core/json.ts';
import type { PathSegment } from '../../../../src/core/location.ts';
import {
  type EditOptions,
  type EditResult,
  insertItem,
  removeValue,
  setValue,
} from '../../../../src/core/manifest/edit.ts';
import { jsonAt, withChange } from '../../../../src/core/manifest/jsonAt.ts';
import { readYamlValues } from '../../../../src/core/manifest/readManifests.ts';
import { applyEdits } from '../../../../src/core/text/textEdits.ts';
import { anyDocument, anyJson, pathsOf, styles } from './arbitraries.ts';
import { path } from './path.ts';

const raw: EditOptions = { profile: 'raw' };
const pod = `# head
apiVersion: v1
kind: Pod
metadata:
  name: a   # the name
  labels: {app: "x", b: 'y'}  # flow
spec:
  containers:
    # web first
    - name: web
      image: "x:1"   # hi
      args: ['a', b]
      env: []
      script: |   # code
        one
        two
    # then side
    - name: side # s
  nodeSelector:   # nothing
  text: |+
    keep

  last: 1

# tail
`;
const json =
  '{\n  "metadata": {\n    "name": "a",\n    "labels": {}\n  },\n  "list": [\n    1\n  ],\n  "flat": ["x"]\n}\n';

type Operation = (text: string) => EditResult;
const set =
  (route: string, value: Json): Operation =>
  (text) =>
    setValue(text, 0, path(route), value, raw);
const remove =
  (route: string): Operation =>
  (text) =>
    removeValue(text, 0, path(route), raw);
const insert =
  (route: string, item: Json, at?: number): Operation =>
  (text) =>
    insertItem(text, 0, path(route), item, { ...raw, ...(at === undefined ? {} : { at }) });

/** What is done to a text, and the lines that go and come. */
const cases: [name: string, text: string, operation: Operation, change: string][] = [
  [
    'the last field goes with the empty lines that a scalar above would take for its own',
    'a: |+\n  x\n\nb: 1\n\n# end\n',
    remove('b'),
    '-b: 1\n-',
  ],
  ['plain scalar', pod, set('metadata/name', 'b'), '-  name: a   # the name\n+  name: b   # the name'],
  [
    'plain scalar that needs quotes',
    pod,
    set('metadata/name', 'yes'),
    '-  name: a   # the name\n+  name: "yes"   # the name',
  ],
  [
    'double quotes stay',
    pod,
    set('spec/containers/name=web/image', 'y:2'),
    '-      image: "x:1"   # hi\n+      image: "y:2"   # hi',
  ],
  [
    'single quotes stay',
    pod,
    set('metadata/labels/b', "it's"),
    `-  labels: {app: "x", b: 'y'}  # flow\n+  labels: {app: "x", b: 'it''s'}  # flow`,
  ],
  [
    'a number in place of quotes',
    pod,
    set('metadata/labels/app', 5),
    `-  labels: {app: "x", b: 'y'}  # flow\n+  labels: {app: 5, b: 'y'}  # flow`,
  ],
  [
    'a new field in flow style',
    pod,
    set('metadata/labels/c', 'on'),
    `-  labels: {app: "x", b: 'y'}  # flow\n+  labels: {app: "x", b: 'y', c: "on"}  # flow`,
  ],
  [
    'a whole map, of which one field differs',
    pod,
    set('metadata/labels', { app: 'z', b: 'y' }),
    `-  labels: {app: "x", b: 'y'}  # flow\n+  labels: {app: "z", b: 'y'}  # flow`,
  ],
  [
    'missing maps on the way',
    pod,
    set('metadata/annotations/a.b~1c', 'one\ntwo\n'),
    '+  annotations:\n+    a.b/c: |\n+      one\n+      two',
  ],
  [
    'missing maps in an item',
    pod,
    set('spec/containers/name=side/resources/limits/cpu', '100m'),
    '+      resources:\n+        limits:\n+          cpu: 100m',
  ],
  ['a field of an empty value', pod, set('spec/nodeSelector/zone', 'a'), '+    zone: a'],
  ['a missing keyed item', pod, set('spec/containers/name=log/image', 'l'), '+    - name: log\n+      image: l'],
  ['lines of a literal', pod, set('spec/containers/name=web/script', 'one\nthree\n'), '-        two\n+        three'],
  [
    'a literal that becomes one line',
    pod,
    set('spec/containers/name=web/script', 'one'),
    '-      script: |   # code\n-        one\n-        two\n+      script: one   # code',
  ],
  ['a literal with kept breaks', pod, set('spec/text', 'x'), '-  text: |+\n-    keep\n-\n+  text: x'],
  [
    'a scalar that becomes a map',
    pod,
    set('spec/last', { a: [1, { b: 2 }] }),
    '-  last: 1\n+  last:\n+    a:\n+      - 1\n+      - b: 2',
  ],
  [
    'a map that becomes a scalar',
    pod,
    set('metadata', 'none'),
    `-metadata:\n-  name: a   # the name\n-  labels: {app: "x", b: 'y'}  # flow\n+metadata: none`,
  ],
  [
    'an item of an empty list',
    pod,
    insert('spec/containers/name=web/env', { name: 'A', value: '1' }),
    '-      env: []\n+      env:\n+        - name: A\n+          value: "1"',
  ],
  ['an item of a missing list', pod, insert('spec/containers/name=side/args', 'x'), '+      args:\n+        - x'],
  [
    'an item before others in flow style',
    pod,
    insert('spec/containers/name=web/args', 'c', 0),
    "-      args: ['a', b]\n+      args: [c, 'a', b]",
  ],
  ['an item before a commented one', pod, insert('spec/containers', { name: 'mid' }, 1), '+    - name: mid'],
  [
    'an item after a literal whose last line looks like a comment',
    'list:\n  - |\n    text\n\n    # of the text\n  # about b\n  - b\n',
    insert('list', 'z', 1),
    '+  - z',
  ],
  [
    'an item right after a literal that ends like a comment',
    'list:\n  - |-\n\n    #\n  - b\n',
    insert('list', 'z', 1),
    '+  - z',
  ],
  [
    'an item at the end',
    pod,
    insert('spec/containers', { name: 'end', args: ['a'] }),
    '+    - name: end\n+      args:\n+        - a',
  ],
  ['removing an item', pod, remove('spec/containers/name=side'), '-    - name: side # s'],
  [
    'removing the first field of an item',
    pod,
    remove('spec/containers/name=web/name'),
    '-    - name: web\n-      image: "x:1"   # hi\n+    - image: "x:1"   # hi',
  ],
  ['removing the only field', pod, remove('spec/containers/name=side/name'), '-    - name: side # s\n+    - {} # s'],
  [
    'removing from flow style',
    pod,
    remove('metadata/labels/app'),
    `-  labels: {app: "x", b: 'y'}  # flow\n+  labels: {b: 'y'}  # flow`,
  ],
  [
    'removing the last in flow style',
    pod,
    remove('spec/containers/name=web/args/="b"'),
    "-      args: ['a', b]\n+      args: ['a']",
  ],
  ['removing a literal', pod, remove('spec/text'), '-  text: |+\n-    keep\n-'],
  ['what is already so', pod, set('spec/last', 1), ''],
  [
    'JSON: a field of an empty map',
    json,
    set('metadata/labels/x', 'yes'),
    '-    "labels": {}\n+    "labels": {\n+      "x": "yes"\n+    }',
  ],
  ['JSON: an item', json, insert('list', { a: 1 }), '-    1\n+    1,\n+    {\n+      "a": 1\n+    }'],
  ['JSON: an item on one line', json, insert('flat', 'y'), '-  "flat": ["x"]\n+  "flat": ["x", "y"]'],
  ['JSON: a field', json, set('spec/a', 1), '-  "flat": ["x"]\n+  "flat": ["x"],\n+  "spec": {\n+    "a": 1\n+  }'],
  [
    'JSON: removing the last field',
    json,
    remove('metadata/labels'),
    '-    "name": "a",\n-    "labels": {}\n+    "name": "a"',
  ],
  ['lists at the column of their key', 'a:\n- x\nb:\n    c: 1\n', set('d', { e: ['z'] }), '+d:\n+    e:\n+    - z'],
  ['a text without a last line break', 'x: 0\na: 1', set('b', 'x\ny\n'), '+b: |\n+  x\n+  y\n+'],
];

const anchored = 'a: &x {b: 1}\nc: *x\nd:\n  <<: *x\n  e: 1\nf: {? g : 1}\n';
/** Why a change of a text is refused. */
const refusals: [name: string, text: string, operation: Operation, reason: string][] = [
  ['an anchored value that others use', anchored, set('a/b', 2), 'anchor'],
  ['a value through an alias', anchored, set('c/b', 2), 'anchor'],
  ['an alias itself', anchored, set('c', 2), 'anchor'],
  ['a merged value', anchored, set('d/b', 2), 'anchor'],
  ['removing an anchor in use', anchored, remove('a'), 'anchor'],
  ['an explicit key', anchored, set('f/g', 2), 'unsupported'],
  ['the only field of a document', 'a: 1\n', remove('a'), 'unsupported'],
  ['a field of a text', pod, set('spec/last/x', 1), 'missing-parent'],
  ['an item of a map', pod, insert('metadata', 1), 'missing-parent'],
  ['removing what is not there', pod, remove('spec/none'), 'not-found'],
  ['removing an item that is not there', pod, remove('spec/containers/name=none'), 'not-found'],
  ['a wrong document', 'a: [\n', set('a', 1), 'unsupported'],
  ['no document', '', set('a', 1), 'not-found'],
];

describe('editing a manifest', () => {
  for (const [name, text, operation, change] of cases) {
    for (const lineBreak of ['\n', '\r\n']) {
      it(`${name}${lineBreak === '\n' ? '' : ' (CRLF)'}`, () => {
        const before = text.replaceAll('\n', lineBreak);
        const after = edited(before, operation(before));
        assert.equal(after.replaceAll('\r\n', '\n').includes('\r'), false);
        assert.equal(lineChanges(text, after.replaceAll('\r\n', '\n')), change);
        assert.equal(/[^\r]\n/.test(after), lineBreak === '\n');
      });
    }
  }

  for (const [name, text, operation, reason] of refusals) {
    it(`refuses ${name}: ${reason}`, () => {
      const result = operation(text);
      assert.equal(result.ok ? 'done' : result.reason, reason);
    });
  }

  it('edits beside anchors that nobody else uses', () => {
    assert.equal(edited(anchored, set('d/e', 2)(anchored)), anchored.replace('e: 1', 'e: 2'));
    assert.equal(edited('a: &x 1\n', set('a', 2)('a: &x 1\n')), 'a: &x 2\n');
  });

  it('edits one of several documents, and an item of a list of objects', () => {
    const text = `\uFEFFa: 1\n---\n# b\na: 1\n---\nkind: List\nitems:\n- a: 1\n- a: 1 # here\n`;
    assert.equal(edited(text, setValue(text, 1, path('a'), 2, raw)), text.replace('# b\na: 1', '# b\na: 2'));
    const item = setValue(text, 2, path('a'), 2, { ...raw, itemIndex: 1 });
    assert.equal(edited(text, item), text.replace('- a: 1 # here', '- a: 2 # here'));
    assert.equal(setValue(text, 2, path('a'), 2, { ...raw, itemIndex: 2 }).ok, false);
  });

  it('changes exactly the value, whatever the document and its style', () => {
    let done = 0;
    fc.assert(
      fc.property(
        anyDocument,
        fc.constantFrom(...styles),
        fc.nat(),
        anyJson,
        fc.constantFrom(...kinds),
        (value, style, pick, next, kind) => {
          const text = style(value);
          const before = readYamlValues(text, raw).values[0];
          // Some printers print what Go reads as something else; that is another test's matter.
          if (!equalJson(before, value)) return;
          const change = changeOf(kind, value, pick, next);
          if (change === undefined) return;
          const result = change.apply(text);
          const expected = withChange(value, change);
          if (!result.ok) {
            assert.equal(`${kind} ${result.reason}`, 'remove unsupported');
            assert.equal(Object.keys(value).length, 1, 'only the last field of a document may be refused');
            return;
          }
          const after = edited(text, result);
          assert.ok(equalJson(readYamlValues(after, raw).values[0], expected), `${text}\n=>\n${after}`);
          if (kind !== 'set') assert.deepEqual(lostComments(text, after, kind), []);
          done++;
        },
      ),
      { numRuns: 1500 },
    );
    assert.ok(done > 700, `only ${done} edits were made`);
  });
});

const kinds = ['set', 'add', 'insert', 'remove'] as const;
interface Change {
  segments: PathSegment[];
  value: Json | undefined;
  insertAt?: number;
  apply: Operation;
}

function changeOf(kind: (typeof kinds)[number], root: Json, pick: number, next: Json): Change | undefined {
  const paths = pathsOf(root).filter((segments) => {
    const value = jsonAt(root, segments);
    if (kind === 'add') return isJsonObject(value) && !Object.hasOwn(value, 'zz');
    return kind === 'insert' ? Array.isArray(value) : segments.length > 0;
  });
  const at = paths[pick % paths.length];
  if (at === undefined) return undefined;
  if (kind === 'set') return { segments: at, value: next, apply: (text) => setValue(text, 0, at, next, raw) };
  if (kind === 'remove') return { segments: at, value: undefined, apply: (text) => removeValue(text, 0, at, raw) };
  if (kind === 'add') {
    const segments = [...at, { field: 'zz' }, { field: 'y' }];
    return { segments, value: next, apply: (text) => setValue(text, 0, segments, next, raw) };
  }
  const insertAt = pick % ((jsonAt(root, at) as Json[]).length + 1);
  return {
    segments: [...at, { index: Number.MAX_SAFE_INTEGER }],
    value: next,
    insertAt,
    apply: (text) => insertItem(text, 0, at, next, { ...raw, at: insertAt }),
  };
}

function edited(text: string, result: EditResult): string {
  assert.ok(result.ok, result.ok ? '' : result.message);
  return applyEdits(text, result.edits);
}

/** Additions lose no comment; a removal loses those of what it removes. */
function lostComments(before: string, after: string, kind: string): string[] {
  const count = (text: string): number => text.split('# why').length;
  return kind !== 'remove' && count(after) < count(before) ? ['a comment was lost'] : [];
}

/** The lines that go (`-`) and come (`+`). */
function lineChanges(before: string, after: string): string {
  const [old, now] = [before.split('\n'), after.split('\n')];
  const shorter = Math.min(old.length, now.length);
  let start = 0;
  while (start < shorter && old[start] === now[start]) start++;
  let tail = 0;
  while (tail < shorter - start && old[old.length - 1 - tail] === now[now.length - 1 - tail]) tail++;
  const gone = old.slice(start, old.length - tail).map((line) => `-${line}`);
  return [...gone, ...now.slice(start, now.length - tail).map((line) => `+${line}`)].join('\n');
}
