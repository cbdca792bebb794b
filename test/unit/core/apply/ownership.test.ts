import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ApplyResult } from '../../../../src/core/apply/applyConfiguration.ts';
import type { Managers } from '../../../../src/core/apply/managers.ts';
import type { Json } from '../../../../src/core/json.ts';
import { formatServerPath } from '../../../../src/core/schema/path.ts';
import { describeFindings } from '../../../../src/core/schema/validate.ts';
import { applyNext, play } from './play.ts';
import { items, paths } from './rules.ts';

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
    const first = applyNext({ live: { labels: { x: '1' } }, managers }, 'm', { labels: { a: '1' } });
    assert.ok(first.result === 'ok');
    const second = applyNext(first, 'm', { text: 't' });
    // Nobody owns anything under labels any more, so it goes with all that is left in it: the exception of M-10.
    assert.deepEqual(second.result === 'ok' && second.live, { text: 't' });
  });

  test('unowned siblings stay where someone owns a child', () => {
    const base = play([
      ['m', { labels: { a: '1', b: '1' } }],
      ['n', { labels: { b: '1' } }],
    ]);
    const live = { labels: { a: '1', b: '1', x: '1' } };
    const next = applyNext({ live, managers: base.managers }, 'm', { text: 't' });
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
    const outcome = applyNext({ live: { text: 'a' }, managers }, 'n', { num: 1 });
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
