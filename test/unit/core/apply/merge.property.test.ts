import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { compareObjects } from '../../../../src/core/apply/compare.ts';
import { mergeInto } from '../../../../src/core/apply/merge.ts';
import { isUnchanged } from '../../../../src/core/apply/unchanged.ts';
import { type Json, equalJson } from '../../../../src/core/json.ts';
import { applyNext, play } from './play.ts';
import { ruleNode } from './rules.ts';

describe('properties of merge, comparison and apply', () => {
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
        const outcome = applyNext(base, 'm', config, true);
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
        const twice = applyNext(once, 'm', config);
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
