import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { lastAppliedAnnotation, withLastApplied } from '../../../../src/core/apply/lastApplied.ts';
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
import { outcome } from './outcome.ts';

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
