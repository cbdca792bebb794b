import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { compareObjects } from '../../../../src/core/apply/compare.ts';
import type { FieldSet } from '../../../../src/core/apply/fieldSet.ts';
import { fieldSetOf } from '../../../../src/core/apply/fieldSetOf.ts';
import { mergeInto } from '../../../../src/core/apply/merge.ts';
import { type Json, type JsonObject } from '../../../../src/core/json.ts';
import { items, paths, ruleNode } from './rules.ts';

describe('fields that a configuration declares (semantics M-7)', () => {
  const cases: [Json, string][] = [
    [{ num: 1, text: 'a', flag: false }, 'flag num text'],
    [{ struct: { a: '1', deep: { x: '1' } } }, 'struct.a struct.deep.x'],
    [{ struct: {} }, 'struct'],
    [{ struct: null, text: null }, 'struct text'],
    [{ labels: { a: '1', 'k8s.io/b': '2' } }, 'labels.a labels["k8s.io/b"]'],
    [{ labels: {} }, 'labels'],
    [{ atomicMap: { a: '1' }, atomicList: ['x'] }, 'atomicList atomicMap'],
    [{ atomicList: [] }, 'atomicList'],
    [{ set: ['b', 'a'] }, 'set[=a] set[=b]'],
    [{ set: [] }, ''],
    [{ items: null }, 'items'],
    [{ items: items('a*') }, 'items[name=a] items[name=a].name items[name=a].value'],
    [
      { ports: [{ port: 53 }, { port: 53, protocol: 'UDP' }] },
      'ports[port=53,protocol=TCP] ports[port=53,protocol=TCP].port ports[port=53,protocol=UDP] ports[port=53,protocol=UDP].port ports[port=53,protocol=UDP].protocol',
    ],
    [{ items: items('a,a*') }, 'items[name=a]'],
    [{ free: { a: { b: [1] }, c: {} } }, 'free.a free.a.b free.c'],
  ];
  for (const [config, expected] of cases) {
    test(JSON.stringify(config), () => assert.equal(paths(fieldSetOf(config, ruleNode)), expected));
  }
});

describe('merge (semantics M-8)', () => {
  const cases: [string, Json, Json, Json][] = [
    ['scalars replace', { num: 1, text: 'a' }, { num: 2 }, { num: 2, text: 'a' }],
    ['a null replaces a scalar', { text: 'a' }, { text: null }, { text: null }],
    [
      'maps merge by key',
      { labels: { a: '1', b: '1' } },
      { labels: { b: '2', c: '2' } },
      { labels: { a: '1', b: '2', c: '2' } },
    ],
    ['atomic maps replace', { atomicMap: { a: '1' } }, { atomicMap: { b: '1' } }, { atomicMap: { b: '1' } }],
    ['atomic lists replace', { atomicList: ['a', 'b'] }, { atomicList: ['c'] }, { atomicList: ['c'] }],
    ['an empty map contributes nothing', { labels: { a: '1' } }, { labels: {} }, { labels: { a: '1' } }],
    ['nor does a null one', { labels: { a: '1' } }, { labels: null }, { labels: { a: '1' } }],
    ['an empty map takes the place of null', { labels: null }, { labels: {} }, { labels: {} }],
    ['null takes the place of an empty map', { labels: {} }, { labels: null }, { labels: null }],
    ['an empty list contributes nothing', { items: items('a') }, { items: [] }, { items: items('a') }],
    ['items merge by key', { items: items('a*,b') }, { items: items('b*') }, { items: items('a*,b*') }],
    [
      'a default is part of a key',
      { ports: [{ port: 1, protocol: 'TCP', name: 'n' }] },
      { ports: [{ port: 1 }] },
      { ports: [{ port: 1, protocol: 'TCP', name: 'n' }] },
    ],
    [
      'another protocol is another port',
      { ports: [{ port: 1 }] },
      { ports: [{ port: 1, protocol: 'UDP' }] },
      { ports: [{ port: 1 }, { port: 1, protocol: 'UDP' }] },
    ],
    [
      'items that share a key in live are replaced as one (M-6)',
      {
        items: [
          { name: 'a', value: 'x' },
          { name: 'a', value: 'y' },
        ],
      },
      { items: [{ name: 'a', value: 'z' }] },
      { items: [{ name: 'a', value: 'z' }] },
    ],
    [
      'with nothing left of what live had in them',
      { items: items('a,a*,x') },
      { items: items('a,q') },
      { items: items('a,q,x') },
    ],
    [
      'their places go to new items',
      { set: ['a', 'x', 'a', 'y'] },
      { set: ['a', 'q', 'r'] },
      { set: ['a', 'x', 'q', 'y', 'r'] },
    ],
    [
      'without a schema maps merge',
      { free: { a: 1, m: { x: 1 } } },
      { free: { m: { y: 2 } } },
      { free: { a: 1, m: { x: 1, y: 2 } } },
    ],
    [
      'without a schema lists are leaves',
      { free: [{ name: 'a' }] },
      { free: [{ name: 'b' }] },
      { free: [{ name: 'b' }] },
    ],
    ['a kind that changes replaces', { free: { a: 1 } }, { free: 'x' }, { free: 'x' }],
    ['strings never equal numbers (N-7)', { free: 80 }, { free: '80' }, { free: '80' }],
  ];
  for (const [name, live, config, merged] of cases) {
    test(name, () => {
      const before = structuredClone([live, config]);
      assert.deepEqual(mergeInto(live, config, ruleNode), merged);
      assert.deepEqual([live, config], before);
    });
  }

  test('1 and 1.0 and the bigint 1 are one number (semantics N-8), and live stays the very object', () => {
    const live = { num: 1, quantity: 9007199254740993n };
    assert.equal(mergeInto(live, { num: 1n }, ruleNode), live);
    assert.equal(mergeInto(live, { quantity: 9007199254740993n }, ruleNode), live);
    assert.notEqual(mergeInto(live, { quantity: 9007199254740992n }, ruleNode), live);
  });

  test('a key named __proto__ reaches no prototype', () => {
    const config = JSON.parse('{"free": {"__proto__": {"polluted": true}, "a": 1}}') as Json;
    const merged = mergeInto({ free: { b: 1 } }, config, ruleNode) as { free: JsonObject };
    assert.deepEqual(Object.keys(merged.free).sort(), ['a', 'b']);
    assert.equal(merged.free['polluted'], undefined);
  });
});

/** live | config | merged. Upper case: in both lists. */
const orders = `
FOO,BAR | BAR,FOO | BAR,FOO
A,x,B | A,q,B | A,x,q,B
A,x,B,z | B,A | x,B,z,A
side,AA,BB | BB,AA | side,BB,AA
A,x | A,q | A,x,q
x,A | q,A | x,q,A
A,B,C | C,B,A | C,B,A
A,x,B,y,C | C,q,A | x,B,y,C,q,A
x,y | q,r | x,y,q,r
A,B | q,B,r,A,s | q,B,r,A,s
A,x,B,y | B,q | A,x,B,y,q
B,A,x | A,q,B | A,x,q,B
A,x,B,y,C,z | A,B,C | A,x,B,y,C,z
A | A,q,r | A,q,r
C,x,A,y,B | A,B,q,C | x,A,y,B,q,C
`;

describe('order of merged lists (semantics M-9)', () => {
  for (const line of orders.trim().split('\n')) {
    const [live = '', config = '', merged = ''] = line.split('|').map((part) => part.trim());
    test(line, () => {
      assert.deepEqual(mergeInto({ items: items(live) }, { items: items(config) }, ruleNode), { items: items(merged) });
      assert.deepEqual(mergeInto({ set: live.split(',') }, { set: config.split(',') }, ruleNode), {
        set: merged.split(','),
      });
    });
  }

  test('every item is there once, shared ones in the order of the configuration, live-only ones in that of live', () => {
    const list: fc.Arbitrary<string[]> = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), {
      minLength: 1,
    });
    fc.assert(
      fc.property(list, list, (live, config) => {
        const merged = (mergeInto({ set: live }, { set: config }, ruleNode) as { set: string[] }).set;
        assert.deepEqual([...merged].sort(), [...new Set([...live, ...config])].sort());
        assert.deepEqual(
          merged.filter((one) => config.includes(one)),
          config,
        );
        const liveOnly = live.filter((one) => !config.includes(one));
        assert.deepEqual(
          merged.filter((one) => !config.includes(one)),
          liveOnly,
        );
      }),
    );
  });
});

describe('comparison (semantics M-19)', () => {
  const cases: [string, Json, Json, string][] = [
    ['a changed scalar', { num: 1 }, { num: 2 }, 'modified num'],
    ['an added struct is added with all it holds', {}, { struct: { a: '1' } }, 'added struct struct.a'],
    ['a removed key', { labels: { a: '1', b: '1' } }, { labels: { a: '1' } }, 'removed labels.b'],
    ['a reorder is no difference', { items: items('a,b') }, { items: items('b,a') }, ''],
    ['an atomic list has an order', { atomicList: ['a', 'b'] }, { atomicList: ['b', 'a'] }, 'modified atomicList'],
    ['an added item', { items: items('a') }, { items: items('a,b') }, 'added items[name=b] items[name=b].name'],
    ['null and empty differ', { labels: null }, { labels: {} }, 'modified labels'],
    ['items that share a key are one', { items: items('a,a*') }, { items: items('a*,a*') }, 'modified items[name=a]'],
    [
      'one of two that share a key',
      { items: items('a,a*') },
      { items: items('a') },
      'added items[name=a] items[name=a].name; removed items[name=a]',
    ],
    [
      'a second one of a key',
      { items: items('a') },
      { items: items('a,a') },
      'added items[name=a]; removed items[name=a] items[name=a].name',
    ],
    ['a kind that changes', { free: { m: { x: 1 } } }, { free: { m: 1 } }, 'modified free.m; removed free.m.x'],
    ['equal numbers', { num: 1 }, { num: 1n }, ''],
  ];
  for (const [name, before, after, expected] of cases) {
    test(name, () => {
      const sets = Object.entries(compareObjects(before, after, ruleNode)) as [string, FieldSet][];
      const text = sets.filter(([, set]) => !set.isEmpty).map(([kind, set]) => `${kind} ${paths(set)}`);
      assert.deepEqual(text, expected === '' ? [] : expected.split('; '));
    });
  }
});
