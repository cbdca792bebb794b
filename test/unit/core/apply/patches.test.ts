import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { applyJsonPatch } from '../../../../src/core/apply/jsonPatch.ts';
import { lastAppliedAnnotation, withLastApplied } from '../../../../src/core/apply/lastApplied.ts';
import { applyMergePatch, createMergePatch } from '../../../../src/core/apply/mergePatch.ts';
import { createStrategicPatch } from '../../../../src/core/apply/strategicDiff.ts';
import { applyStrategicMergePatch } from '../../../../src/core/apply/strategicMergePatch.ts';
import { clientSideApply, threeWayPatch } from '../../../../src/core/apply/threeWay.ts';
import { type Json, type JsonObject, equalJson, field, stringAt } from '../../../../src/core/json.ts';
import {
  type SchemaNode,
  integerNode,
  listNode,
  mapNode,
  metadataNode,
  stringNode,
  structNode,
} from '../../../../src/core/schema/schemaNode.ts';

function outcome(result: { result: 'ok'; object: Json } | { result: 'invalid'; error: string }): Json {
  return result.result === 'ok' ? result.object : `error: ${result.error}`;
}

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

describe('merge patch (RFC 7386)', () => {
  /** The table of the RFC's appendix. */
  const cases = `
{"a":"b"} {"a":"c"} {"a":"c"}
{"a":"b"} {"b":"c"} {"a":"b","b":"c"}
{"a":"b"} {"a":null} {}
{"a":"b","b":"c"} {"a":null} {"b":"c"}
{"a":["b"]} {"a":"c"} {"a":"c"}
{"a":"c"} {"a":["b"]} {"a":["b"]}
{"a":{"b":"c"}} {"a":{"b":"d","c":null}} {"a":{"b":"d"}}
{"a":[{"b":"c"}]} {"a":[1]} {"a":[1]}
["a","b"] ["c","d"] ["c","d"]
{"a":"b"} ["c"] ["c"]
{"a":"foo"} null null
{"a":"foo"} "bar" "bar"
{"e":null} {"a":1} {"e":null,"a":1}
[1,2] {"a":"b","c":null} {"a":"b"}
{} {"a":{"bb":{"ccc":null}}} {"a":{"bb":{}}}
`;
  for (const line of cases.trim().split('\n')) {
    const [target = '', patch = '', result = ''] = line.split(' ');
    test(line, () =>
      assert.deepEqual(applyMergePatch(JSON.parse(target) as Json, JSON.parse(patch) as Json), JSON.parse(result)),
    );
  }

  test('a created patch makes the one of the other', () => {
    const value = fc.letrec<{ value: Json; object: JsonObject }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        fc.integer(),
        fc.string(),
        fc.array(fc.integer(), { maxLength: 2 }),
        tie('object'),
      ),
      object: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), tie('value'), { noNullPrototype: true }),
    })).object;
    fc.assert(
      fc.property(value, value, (from, to) => {
        assert.ok(equalJson(applyMergePatch(from, createMergePatch(from, to)), to));
      }),
    );
  });
});

const port = structNode({ name: stringNode, port: integerNode, protocol: { ...stringNode, default: 'TCP' } });
const container = structNode({
  name: stringNode,
  image: stringNode,
  args: listNode(stringNode),
  env: {
    ...listNode(structNode({ name: stringNode, value: stringNode }), ['name']),
    patchStrategy: ['merge'],
    patchMergeKey: 'name',
  },
});
const node: SchemaNode = {
  ...structNode({
    apiVersion: stringNode,
    kind: stringNode,
    metadata: metadataNode,
    data: mapNode(stringNode),
    ports: { ...listNode(port, ['port', 'protocol']), patchStrategy: ['merge'], patchMergeKey: 'port' },
    containers: { ...listNode(container, ['name']), patchStrategy: ['merge'], patchMergeKey: 'name' },
    tags: { ...listNode(stringNode, 'set'), patchStrategy: ['merge'] },
    strategy: {
      ...structNode({ type: stringNode, rollingUpdate: structNode({ maxSurge: integerNode }) }),
      patchStrategy: ['retainKeys'],
    },
    whole: { ...mapNode(stringNode), patchStrategy: ['replace'] },
  }),
  builtIn: true,
};

function names(...all: string[]): Json[] {
  return all.map((name) => ({ name }));
}

describe('strategic merge patch (semantics T-2)', () => {
  const cases: [string, JsonObject, JsonObject, Json][] = [
    ['maps merge', { data: { a: '1', b: '2' } }, { data: { b: null, c: '3' } }, { data: { a: '1', c: '3' } }],
    [
      'items merge by their key',
      { containers: [{ name: 'a', image: 'x' }, { name: 'b' }] },
      { containers: [{ name: 'a', image: 'y' }] },
      { containers: [{ name: 'a', image: 'y' }, { name: 'b' }] },
    ],
    [
      'new items come before those of the server',
      { containers: names('a', 'b') },
      { containers: names('c') },
      { containers: names('c', 'a', 'b') },
    ],
    [
      '$patch: delete takes an item',
      { containers: names('a', 'b') },
      { containers: [{ name: 'a', $patch: 'delete' }] },
      { containers: names('b') },
    ],
    [
      '$patch: replace in a list takes the rest as the whole',
      { containers: names('a', 'b') },
      { containers: [{ $patch: 'replace' }, { name: 'c' }] },
      { containers: names('c') },
    ],
    ['$patch: replace in a map', { data: { a: '1' } }, { data: { $patch: 'replace', b: '2' } }, { data: { b: '2' } }],
    ['$patch: delete in a map', { data: { a: '1' } }, { data: { $patch: 'delete' } }, { data: {} }],
    ['an unknown $patch', { data: {} }, { data: { $patch: 'x' } }, 'error: unknown patch type found: "x"'],
    [
      'a list without a strategy is replaced',
      { containers: [{ name: 'a', args: ['x', 'y'] }] },
      { containers: [{ name: 'a', args: ['z'] }] },
      { containers: [{ name: 'a', args: ['z'] }] },
    ],
    ['scalars are added once', { tags: ['a', 'b'] }, { tags: ['b', 'c'] }, { tags: ['a', 'b', 'c'] }],
    ['$deleteFromPrimitiveList', { tags: ['a', 'b'] }, { '$deleteFromPrimitiveList/tags': ['a'] }, { tags: ['b'] }],
    [
      '$setElementOrder',
      { containers: names('x', 'a', 'b') },
      { '$setElementOrder/containers': names('b', 'a') },
      { containers: names('x', 'b', 'a') },
    ],
    [
      '$setElementOrder with a new item',
      { tags: ['a', 'b'] },
      { '$setElementOrder/tags': ['c', 'b', 'a'], tags: ['c'] },
      { tags: ['c', 'b', 'a'] },
    ],
    [
      '$setElementOrder with a new item in place of a deleted one',
      { containers: names('a', 'x', 'd') },
      {
        '$setElementOrder/containers': names('b', 'a'),
        containers: [{ name: 'b' }, { name: 'd', $patch: 'delete' }],
      },
      { containers: names('x', 'b', 'a') },
    ],
    [
      'of two new items only the first finds a place',
      { containers: names('x', 'd') },
      {
        '$setElementOrder/containers': names('c', 'b'),
        containers: [{ name: 'b' }, { name: 'c' }, { name: 'd', $patch: 'delete' }],
      },
      { containers: names('c', 'x', 'b') },
    ],
    [
      '$retainKeys clears what it does not name',
      { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } },
      { strategy: { $retainKeys: ['type'], type: 'Recreate' } },
      { strategy: { type: 'Recreate' } },
    ],
    [
      '$retainKeys must name what the patch sets',
      { strategy: {} },
      { strategy: { $retainKeys: ['x'], type: 'Recreate' } },
      'error: $retainKeys does not name "type", which the patch sets',
    ],
    ['a field with strategy replace', { whole: { a: '1' } }, { whole: { b: '2' } }, { whole: { b: '2' } }],
    [
      'an item without its key',
      { containers: names('a') },
      { containers: [{ image: 'x' }] },
      'error: map: {"image":"x"} does not contain declared merge key: name',
    ],
    [
      'directives and nulls do not get into new parts',
      {},
      { strategy: { $retainKeys: ['type'], type: 'R', rollingUpdate: null } },
      { strategy: { type: 'R' } },
    ],
    ['null for what is not there', {}, { data: null }, {}],
  ];
  for (const [name, object, patch, expected] of cases) {
    test(name, () => {
      const [objectBefore, patchBefore] = structuredClone([object, patch]);
      assert.deepEqual(outcome(applyStrategicMergePatch(object, patch, node)), expected);
      assert.deepEqual([object, patch], [objectBefore, patchBefore]);
    });
  }

  test('a created patch makes the one of the other, order included', () => {
    const item = fc.record({ name: fc.constantFrom('a', 'b', 'c', 'd'), image: fc.constantFrom('x', 'y') });
    const arbitrary = fc.record({
      data: fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('1', '2'), { noNullPrototype: true }),
      containers: fc.uniqueArray(item, { selector: ({ name }) => name, minLength: 1 }),
      tags: fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1 }),
    });
    fc.assert(
      fc.property(arbitrary, arbitrary, (from, to) => {
        const patch = createStrategicPatch(from, to, node);
        assert.ok(patch.result === 'ok');
        const applied = applyStrategicMergePatch(from, patch.object, node);
        assert.ok(applied.result === 'ok' && equalJson(applied.object, to), JSON.stringify([patch, applied]));
      }),
    );
  });
});

describe('three-way patch (semantics T-1)', () => {
  const base = { apiVersion: 'v1', kind: 'X', metadata: { name: 'x' } };

  function applyTwice(
    first: JsonObject,
    edit: (live: JsonObject) => JsonObject,
    second: JsonObject,
    type = node,
  ): Json {
    const live = edit(withLastApplied({ ...base, ...first }));
    const done = clientSideApply({ live, config: { ...base, ...second }, node: type });
    assert.notEqual(done.result, 'invalid', JSON.stringify(done));
    if (done.result === 'invalid') return null;
    const { apiVersion: _, kind: __, metadata: ___, ...rest } = done.object;
    return rest;
  }

  test('what was applied and is dropped goes, what others added stays', () => {
    const live = applyTwice(
      { data: { a: '1', b: '1' } },
      (x) => ({ ...x, data: { ...(x['data'] as JsonObject), c: '1' } }),
      { data: { a: '2' } },
    );
    assert.deepEqual(live, { data: { a: '2', c: '1' } });
  });

  test('without the annotation nothing is removed', () => {
    const done = clientSideApply({
      live: { ...base, data: { a: '1', b: '1' } },
      config: { ...base, data: { a: '1' } },
      node,
    });
    assert.ok(done.result === 'ok');
    assert.deepEqual(field(done.object, 'data'), { a: '1', b: '1' });
    assert.ok(JSON.stringify(done.patch).includes(lastAppliedAnnotation));
  });

  test('the same again sends nothing', () => {
    const done = clientSideApply({
      live: withLastApplied({ ...base, data: { a: '1' } }),
      config: { ...base, data: { a: '1' } },
      node,
    });
    assert.deepEqual(done.result === 'unchanged' && done.patch, {});
  });

  test('the annotation is spelt as Go prints strings', () => {
    const object = withLastApplied({ ...base, data: { a: '1 < 2 && 2 > 1\u2028' } });
    const text = stringAt(object, 'metadata', 'annotations', lastAppliedAnnotation);
    assert.ok(text?.includes(String.raw`"a":"1 \u003c 2 \u0026\u0026 2 \u003e 1\u2028"`), text);
  });

  test('the patch of kubectl, directives and all', () => {
    const made = threeWayPatch(
      { containers: [{ name: 'a', env: [{ name: 'x', value: '1' }] }, { name: 'b' }], tags: ['t', 'u'] },
      { containers: [{ name: 'a', env: [{ name: 'y', value: '1' }] }], tags: ['u'] },
      {
        containers: [{ name: 'a', env: [{ name: 'x', value: '1' }] }, { name: 'b' }, { name: 'side' }],
        tags: ['t', 'u'],
      },
      node,
    );
    assert.deepEqual(made, {
      result: 'ok',
      patch: {
        '$setElementOrder/containers': [{ name: 'a' }],
        containers: [
          {
            name: 'a',
            '$setElementOrder/env': [{ name: 'y' }],
            env: [
              { name: 'y', value: '1' },
              { $patch: 'delete', name: 'x' },
            ],
          },
          { $patch: 'delete', name: 'b' },
        ],
        '$setElementOrder/tags': ['u'],
        '$deleteFromPrimitiveList/tags': ['t'],
      },
    });
  });

  test('a union that changes its member loses the old one', () => {
    const rolling = { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } };
    assert.deepEqual(
      applyTwice({}, (x) => ({ ...x, ...rolling }), { strategy: { type: 'Recreate' } }),
      {
        strategy: { type: 'Recreate' },
      },
    );
  });

  test('two protocols on one port collapse (semantics T-3)', () => {
    const tcp = { name: 'tcp', port: 53, protocol: 'TCP' };
    const udp = { name: 'udp', port: 53, protocol: 'UDP' };
    const renamed = applyTwice({ ports: [tcp, udp] }, (x) => x, { ports: [tcp, { ...udp, name: 'dns' }] });
    assert.deepEqual(renamed, { ports: [{ name: 'dns', port: 53, protocol: 'TCP' }, udp] });
    const dropped = applyTwice({ ports: [tcp, udp] }, (x) => x, { ports: [udp] });
    assert.deepEqual(dropped, { ports: [] });
  });

  test('kinds without patch metadata take a JSON merge patch: lists are replaced whole', () => {
    const { builtIn: _, ...custom } = node;
    const live = applyTwice(
      { containers: names('a'), data: { a: '1', b: '1' } },
      (x) => ({ ...x, containers: names('a', 'side') }),
      { containers: names('a'), data: { a: '1' } },
      custom,
    );
    assert.deepEqual(live, { containers: names('a'), data: { a: '1' } });
  });
});
