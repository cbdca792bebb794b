import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Rerun } from '../../../src/core/rerun.ts';

test('one run goes on at a time, and all who ask during it share the one that follows', async () => {
  const gates: (() => void)[] = [];
  let going = 0;
  const rerun = new Rerun(async () => {
    assert.equal(++going, 1);
    await new Promise<void>((resolve) => gates.push(resolve));
    going--;
  });
  const first = rerun.request();
  const others = [rerun.request(), rerun.request()];
  assert.equal(gates.length, 1);
  gates[0]?.();
  let isSettled = false;
  void Promise.all([first, ...others]).then(() => (isSettled = true));
  await new Promise(setImmediate);
  assert.equal(gates.length, 2);
  assert.equal(isSettled, false, 'who asked waits for the run that began after it');
  gates[1]?.();
  await Promise.all([first, ...others, rerun.settled()]);
  assert.equal(gates.length, 2);
  const later = rerun.request();
  gates[2]?.();
  await later;
  assert.equal(gates.length, 3);
});
