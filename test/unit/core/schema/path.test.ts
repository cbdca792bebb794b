import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { PathSegment } from '../../../../src/core/location.ts';
import { formatPath, formatServerPath, isUnder, valueAt } from '../../../../src/core/schema/path.ts';
import { elementOf, normalElement, segmentOf } from '../../../../src/core/schema/pathElement.ts';
import { integerNode, listNode, stringNode, structNode } from '../../../../src/core/schema/schemaNode.ts';

const cases: [PathSegment[], string, string][] = [
  [[], '', ''],
  [[{ field: 'spec' }, { field: 'replicas' }], 'spec.replicas', '.spec.replicas'],
  [
    [{ field: 'containers' }, { key: { name: 'web' } }, { field: 'image' }],
    'containers[name=web].image',
    '.containers[name="web"].image',
  ],
  [
    [{ field: 'ports' }, { key: { protocol: 'TCP', port: 53 } }],
    'ports[protocol=TCP,port=53]',
    '.ports[port=53,protocol="TCP"]',
  ],
  [
    [{ field: 'labels' }, { field: 'app.kubernetes.io/name' }],
    'labels["app.kubernetes.io/name"]',
    '.labels.app.kubernetes.io/name',
  ],
  [[{ field: 'a b' }, { field: 'x' }], '["a b"].x', '.a b.x'],
  [[{ field: 'finalizers' }, { value: 'a/b' }], 'finalizers[=a/b]', '.finalizers[="a/b"]'],
  [[{ field: 'set' }, { value: 'a b]' }], 'set[="a b]"]', '.set[="a b]"]'],
  [[{ field: 'set' }, { value: '' }], 'set[=""]', '.set[=""]'],
  [[{ field: 'args' }, { index: 2 }], 'args[2]', '.args[2]'],
  [[{ field: 'größe' }, { field: 'x-y_1' }], 'größe.x-y_1', '.größe.x-y_1'],
  [[{ field: '1st' }], '["1st"]', '.1st'],
];

for (const [segments, people, server] of cases) {
  test(`path ${people}`, () => {
    assert.equal(formatPath(segments), people);
    assert.equal(formatServerPath(segments), server);
    assert.deepEqual(segments.map(elementOf).map(segmentOf), segments.map(sortedKeys));
  });
}

function sortedKeys(segment: PathSegment): PathSegment {
  return 'key' in segment ? { key: Object.fromEntries(Object.entries(segment.key).sort()) } : segment;
}

test('elements of FieldsV1 have one spelling (semantics M-20)', () => {
  assert.equal(normalElement('k:{"protocol":"TCP", "port":53}'), 'k:{"port":53,"protocol":"TCP"}');
  assert.equal(normalElement('k:{"name":"\\u0061"}'), 'k:{"name":"a"}');
  assert.equal(normalElement('v:1.0'), 'v:1');
  assert.equal(normalElement('f:any thing:at all'), 'f:any thing:at all');
  for (const wrong of ['', 'x', 'x:1', 'k:1', 'k:{', 'v:{}', 'i:x', 'v:'])
    assert.equal(normalElement(wrong), undefined);
});

test('elements and segments are the same thing', () => {
  const scalar = fc.oneof(fc.string({ unit: 'grapheme' }), fc.integer(), fc.boolean());
  const segment: fc.Arbitrary<PathSegment> = fc.oneof(
    fc.record({ field: fc.string() }, { noNullPrototype: true }),
    fc.record({ value: scalar }, { noNullPrototype: true }),
    fc.record({ index: fc.nat() }, { noNullPrototype: true }),
  );
  fc.assert(
    fc.property(segment, (one) => {
      assert.deepEqual(segmentOf(elementOf(one)), one);
      assert.equal(normalElement(elementOf(one)), elementOf(one));
    }),
  );
});

test('valueAt follows fields, keys, values and positions', () => {
  const object = {
    list: [
      { name: 'a', v: 1 },
      { name: 'b', v: 2 },
    ],
    set: ['x', 'y'],
    ports: [
      { port: 53, protocol: 'UDP' },
      { port: 53, target: 1 },
    ],
  };
  assert.equal(valueAt(object, [{ field: 'list' }, { key: { name: 'b' } }, { field: 'v' }]), 2);
  assert.equal(valueAt(object, [{ field: 'set' }, { value: 'y' }]), 'y');
  assert.equal(valueAt(object, [{ field: 'set' }, { index: 0 }]), 'x');
  assert.equal(valueAt(object, []), object);
  for (const missing of [
    [{ field: 'constructor' }],
    [{ field: 'list' }, { key: { name: 'c' } }],
    [{ field: 'list' }, { field: 'length' }],
    [{ field: 'set' }, { index: 9 }],
    [{ field: 'set' }, { value: 'z' }],
    [{ field: 'no' }, { field: 'way' }],
  ] satisfies PathSegment[][]) {
    assert.equal(valueAt(object, missing), undefined);
  }
  const port = structNode({ port: integerNode, protocol: { ...stringNode, default: 'TCP' } }, { values: integerNode });
  const node = structNode({ ports: listNode(port, ['port', 'protocol']) });
  const tcp: PathSegment[] = [{ field: 'ports' }, { key: { port: 53, protocol: 'TCP' } }];
  assert.equal(valueAt(object, tcp), undefined, 'without a schema nothing tells the default');
  assert.deepEqual(valueAt(object, tcp, node), { port: 53, target: 1 });
});

test('isUnder', () => {
  const path: PathSegment[] = [{ field: 'a' }, { key: { name: 'x' } }, { field: 'b' }];
  assert.ok(isUnder(path, []));
  assert.ok(isUnder(path, path));
  assert.ok(isUnder(path, path.slice(0, 2)));
  assert.ok(!isUnder(path.slice(0, 2), path));
  assert.ok(!isUnder(path, [{ field: 'a' }, { key: { name: 'y' } }]));
  assert.ok(!isUnder(path, [{ value: 'a' }]));
});
