import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mapLimited } from '../../../src/core/mapLimited.ts';

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('answers in the order of the items, with no more than so many under way', async () => {
  let under = 0;
  let most = 0;
  const results = await mapLimited([5, 1, 4, 2, 3], 2, async (turns) => {
    most = Math.max(most, ++under);
    for (let turn = 0; turn < turns; turn++) await nextTurn();
    under--;
    return turns * 10;
  });
  assert.deepEqual(results, [50, 10, 40, 20, 30]);
  assert.equal(most, 2);
  assert.deepEqual(await mapLimited([], 2, nextTurn), []);
});

test('the first error ends it once those under way are done', async () => {
  const begun: number[] = [];
  const done: number[] = [];
  const mapped = mapLimited([0, 1, 2, 3], 2, async (item) => {
    begun.push(item);
    await nextTurn();
    if (item === 0) throw new Error('zero');
    await nextTurn();
    done.push(item);
  });
  await assert.rejects(mapped, /zero/);
  assert.deepEqual([begun, done], [[0, 1], [1]]);
});

test('an abort begins no more', async () => {
  const controller = new AbortController();
  const begun: number[] = [];
  const mapped = mapLimited(
    [0, 1, 2],
    1,
    async (item) => {
      begun.push(item);
      await nextTurn();
      controller.abort(new Error('stopped'));
    },
    controller.signal,
  );
  await assert.rejects(mapped, /stopped/);
  assert.deepEqual(begun, [0]);
});
