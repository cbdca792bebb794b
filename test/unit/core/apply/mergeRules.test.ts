import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type ApplyResult, applyConfiguration } from '../../../../src/core/apply/applyConfiguration.ts';
import { compareObjects } from '../../../../src/core/apply/compare.ts';
import type { FieldSet } from '../../../../src/core/apply/fieldSet.ts';
import { fieldSetOf } from '../../../../src/core/apply/fieldSetOf.ts';
import { type Managers } from '../../../../src/core/apply/managers.ts';
import { mergeInto } from '../../../../src/core/apply/merge.ts';
import { isUnchanged } from '../../../../src/core/apply/unchanged.ts';
import { updateObject } from '../../../../src/core/apply/updateObject.ts';
import { type Json, type JsonObject, equalJson } from '../../../../src/core/json.ts';
import { formatPath, formatServerPath } from '../../../../src/core/schema/path.ts';
import { describeFindings } from '../../../../src/core/schema/validate.ts';
import { items, ruleNode } from './rules.ts';

function paths(set: FieldSet): string {
  return [...set.paths()].map(formatPath).sort().join(' ');
}

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

interface State {
  live: Json | undefined;
  managers: Managers;
}

/** Plays steps such as `m1: {...}` (apply), `m1!: {...}` (force), `m1=: {...}` (update). */
function play(steps: readonly [string, Json][]): State & { last: ApplyResult | undefined } {
  let state: State = { live: undefined, managers: new Map() };
  let last: ApplyResult | undefined;
  for (const [who, object] of steps) {
    const manager = who.replace(/[!=]$/, '');
    const common = { ...state, manager, apiVersion: 'v1', node: ruleNode };
    if (who.endsWith('=')) {
      state = updateObject({ ...common, object });
      continue;
    }
    last = applyConfiguration({ ...common, config: object, force: who.endsWith('!') });
    if (last.result === 'ok' || last.result === 'unchanged') state = last;
  }
  return { ...state, last };
}

function owned(managers: Managers): Record<string, string> {
  return Object.fromEntries([...managers].map(([manager, { set }]) => [manager, paths(set)]));
}

function conflicts(result: ApplyResult | undefined): string[] {
  if (result?.result !== 'conflict') return [];
  return result.conflicts.map(({ manager, segments }) => `${manager} ${formatServerPath(segments)}`);
}

describe('ownership (semantics M-10 to M-13)', () => {
  test('dropping a field that no one else owns removes it', () => {
    const { live, managers } = play([
      ['m', { labels: { a: '1', b: '1' } }],
      ['m', { labels: { a: '1' } }],
    ]);
    assert.deepEqual(live, { labels: { a: '1' } });
    assert.deepEqual(owned(managers), { m: 'labels.a' });
  });

  test('a field that another owns stays', () => {
    const { live } = play([
      ['m', { labels: { a: '1', b: '1' } }],
      ['n', { labels: { b: '1' } }],
      ['m', { labels: { a: '1' } }],
    ]);
    assert.deepEqual(live, { labels: { a: '1', b: '1' } });
  });

  test('a field that was never owned stays', () => {
    const managers: Managers = new Map();
    const first = applyConfiguration({
      live: { labels: { x: '1' } },
      managers,
      config: { labels: { a: '1' } },
      manager: 'm',
      apiVersion: 'v1',
      force: false,
      node: ruleNode,
    });
    assert.ok(first.result === 'ok');
    const second = applyConfiguration({
      live: first.live,
      managers: first.managers,
      config: { text: 't' },
      manager: 'm',
      apiVersion: 'v1',
      force: false,
      node: ruleNode,
    });
    // Nobody owns anything under labels any more, so it goes with all that is left in it: the exception of M-10.
    assert.deepEqual(second.result === 'ok' && second.live, { text: 't' });
  });

  test('unowned siblings stay where someone owns a child', () => {
    const base = play([
      ['m', { labels: { a: '1', b: '1' } }],
      ['n', { labels: { b: '1' } }],
    ]);
    const live = { labels: { a: '1', b: '1', x: '1' } };
    const next = applyConfiguration({
      live,
      managers: base.managers,
      config: { text: 't' },
      manager: 'm',
      apiVersion: 'v1',
      force: false,
      node: ruleNode,
    });
    assert.deepEqual(next.result === 'ok' && next.live, { labels: { b: '1', x: '1' }, text: 't' });
  });

  test('dropping an item removes it, its unowned fields included', () => {
    const { live } = play([
      ['m', { items: items('a,b') }],
      ['u=', { items: [{ name: 'a' }, { name: 'b' }, { name: 'c' }] }],
      ['m', { items: items('a') }],
    ]);
    assert.deepEqual(live, { items: [{ name: 'a' }, { name: 'c' }] });
  });

  test('an update of a field inside an item does not keep the item, owning the item does', () => {
    const updated: [string, Json] = ['u=', { items: [{ name: 'a' }, { name: 'b', value: 'u' }] }];
    const { live } = play([['m', { items: items('a,b') }], updated, ['m', { items: items('a') }]]);
    assert.deepEqual(live, { items: [{ name: 'a' }] });
    const shared = play([
      ['m', { items: items('a,b') }],
      updated,
      ['n', { items: items('b') }],
      ['m', { items: items('a') }],
    ]);
    assert.deepEqual(shared.live, { items: [{ name: 'a' }, { name: 'b', value: 'u' }] });
  });

  test('a map that loses all it held becomes null where the configuration still names it (M-18)', () => {
    const { live } = play([
      ['m', { labels: { a: '1' } }],
      ['m', { labels: {} }],
    ]);
    assert.deepEqual(live, { labels: null });
  });

  test('a changed value conflicts; the same value is shared', () => {
    const steps: [string, Json][] = [['m', { num: 1, text: 'a' }]];
    assert.deepEqual(conflicts(play([...steps, ['n', { num: 2, text: 'a' }]]).last), ['m .num']);
    assert.deepEqual(owned(play([...steps, ['n', { num: 1 }]]).managers), { m: 'num text', n: 'num' });
  });

  test('force takes a field from its owners, who vanish with their last', () => {
    const { managers } = play([
      ['m', { num: 1 }],
      ['n!', { num: 2 }],
    ]);
    assert.deepEqual(owned(managers), { n: 'num' });
  });

  test('a field that another owns and live lacks conflicts when it is added (M-13)', () => {
    const { managers } = play([['m', { num: 1, text: 'a' }]]);
    const outcome = applyConfiguration({
      live: { text: 'a' },
      managers,
      config: { num: 1 },
      manager: 'n',
      apiVersion: 'v1',
      force: false,
      node: ruleNode,
    });
    assert.deepEqual(conflicts(outcome), ['m .num']);
  });

  test('a reorder is a change without a conflict', () => {
    const { live, last } = play([
      ['m', { items: items('a,b') }],
      ['n', { items: items('b,a') }],
    ]);
    assert.equal(last?.result, 'ok');
    assert.deepEqual(live, { items: items('b,a') });
  });

  test('an empty configuration field over a filled one is unchanged', () => {
    const { last, managers } = play([
      ['m', { labels: { a: '1' } }],
      ['n', { labels: {} }],
    ]);
    assert.equal(last?.result, 'unchanged');
    assert.deepEqual(owned(managers), { m: 'labels.a', n: 'labels' });
  });

  test('an atomic value is owned and taken as a whole', () => {
    const steps: [string, Json][] = [['m', { atomicMap: { a: '1' } }]];
    assert.deepEqual(conflicts(play([...steps, ['n', { atomicMap: { a: '1', b: '1' } }]]).last), ['m .atomicMap']);
  });

  test("an update takes what it changes, without a conflict, and what it removes is no one's", () => {
    const { managers } = play([
      ['m', { labels: { a: '1', b: '1', c: '1' } }],
      ['u=', { labels: { a: '2', b: '1' } }],
    ]);
    assert.deepEqual(owned(managers), { m: 'labels.b', u: 'labels.a' });
  });

  test('the words of what does not fit', () => {
    const outcome = play([['m', { items: items('a,a'), wrong: 1, num: 'x' }]]).last;
    assert.equal(
      outcome?.result === 'invalid' && describeFindings(outcome.findings),
      'errors:\n  .items: duplicate entries for key [name="a"]\n  .wrong: field not declared in schema\n  .num: expected numeric (int or float), got string',
    );
  });
});

describe('properties', () => {
  const letter = fc.constantFrom('a', 'b', 'c', 'd');
  const dictionary = fc.dictionary(letter, fc.constantFrom('1', '2'), { noNullPrototype: true });
  const keyed = fc.uniqueArray(
    fc.record({ name: letter, value: fc.constantFrom('1', '2') }, { requiredKeys: ['name'], noNullPrototype: true }),
    { selector: ({ name }) => name },
  );
  const object = fc.record(
    {
      num: fc.integer({ min: 0, max: 2 }),
      labels: fc.option(dictionary),
      atomicMap: dictionary,
      atomicList: fc.array(letter, { maxLength: 2 }),
      set: fc.uniqueArray(letter),
      items: keyed,
      struct: fc.record(
        { a: letter, deep: fc.record({ x: letter }, { requiredKeys: [], noNullPrototype: true }) },
        { requiredKeys: [], noNullPrototype: true },
      ),
      free: fc.oneof(letter, dictionary, fc.array(letter)),
    },
    { requiredKeys: [], noNullPrototype: true },
  ) as fc.Arbitrary<Json>;

  test('the fast path says unchanged only where the merge does, and never changes who owns what', () => {
    let hits = 0;
    fc.assert(
      fc.property(object, fc.option(object), fc.option(object, { freq: 1 }), (before, other, changed) => {
        const base = play([['m', before], ...(other === null ? [] : [['n!', other] as [string, Json]])]);
        const config = changed ?? before;
        const own = base.managers.get('m')?.set;
        if (base.live === undefined || !isUnchanged(base.live, config, own, ruleNode)) return;
        hits++;
        const outcome = applyConfiguration({
          live: base.live,
          managers: base.managers,
          config,
          manager: 'm',
          apiVersion: 'v1',
          force: true,
          node: ruleNode,
        });
        assert.equal(outcome.result, 'unchanged');
      }),
      { numRuns: 500 },
    );
    assert.ok(hits > 20, `only ${hits} cases were unchanged`);
  });

  test('items that share a key are never unchanged by the fast path: the merge would make them one', () => {
    assert.equal(isUnchanged({ set: ['a', 'a'] }, { set: ['a'] }, undefined, ruleNode), false);
    assert.equal(isUnchanged({ set: ['a', 'b'] }, { set: ['a'] }, undefined, ruleNode), true);
  });

  test('applying the same again is unchanged', () => {
    fc.assert(
      fc.property(object, object, (before, config) => {
        const once = play([
          ['n', before],
          ['m!', config],
        ]);
        const twice = applyConfiguration({
          ...once,
          config,
          manager: 'm',
          apiVersion: 'v1',
          force: false,
          node: ruleNode,
        });
        assert.ok(twice.result === 'unchanged' && twice.live === once.live, JSON.stringify(twice));
      }),
    );
  });

  test('after a forced apply the object says what the configuration says', () => {
    fc.assert(
      fc.property(object, object, (before, config) => {
        const { live } = play([
          ['n', before],
          ['m!', config],
        ]);
        assert.ok(live !== undefined);
        assert.equal(mergeInto(live, config, ruleNode), live);
      }),
    );
  });

  test('a difference is empty exactly where only order or nothing differs', () => {
    fc.assert(
      fc.property(object, object, (a, b) => {
        const { added, modified, removed } = compareObjects(a, b, ruleNode);
        const isSame = added.isEmpty && modified.isEmpty && removed.isEmpty;
        if (equalJson(a, b)) assert.ok(isSame);
        const back = compareObjects(b, a, ruleNode);
        assert.ok(added.equals(back.removed) && removed.equals(back.added) && modified.equals(back.modified));
      }),
    );
  });
});
