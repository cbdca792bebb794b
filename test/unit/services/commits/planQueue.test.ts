import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '../../../../src/ports/log.ts';
import { ClusterError } from '../../../../src/ports/clusterError.ts';
import type { CommitPlan, PlanSource } from '../../../../src/services/commits/commitPlans.ts';
import { type PlanGoal, PlanQueue } from '../../../../src/services/commits/planQueue.ts';

const source = (revision: string): PlanSource => ({
  revision,
  fingerprint: revision,
  tree: () => Promise.reject(new Error('not in this test')),
});
const [a, b, c] = ['a', 'b', 'c'].map(source) as [PlanSource, PlanSource, PlanSource];

const goal = (base: string, ...chains: PlanSource[][]): PlanGoal =>
  ({ base, chains, known: {}, settings: {} }) as unknown as PlanGoal;

const idOf = (base: string, chain: readonly PlanSource[]): string => [base, ...chain.map((one) => one.revision)].join();

/** Plans that are computed when the test says so. */
class ScriptedPlans {
  readonly started: string[] = [];
  readonly cancelled: string[] = [];
  readonly #done = new Map<string, CommitPlan>();
  readonly #waiting = new Map<string, PromiseWithResolvers<CommitPlan>>();

  known(base: string, chain: readonly PlanSource[]): CommitPlan | undefined {
    return this.#done.get(idOf(base, chain));
  }

  keepOnly(): void {}

  clear(): void {
    this.#done.clear();
  }

  compute(
    base: string,
    chain: readonly PlanSource[],
    _known: unknown,
    _settings: unknown,
    signal: AbortSignal,
  ): Promise<CommitPlan> {
    const id = idOf(base, chain);
    const waiting = Promise.withResolvers<CommitPlan>();
    this.started.push(id);
    this.#waiting.set(id, waiting);
    signal.addEventListener('abort', () => {
      this.cancelled.push(id);
      waiting.reject(signal.reason as Error);
    });
    return waiting.promise;
  }

  async finish(id: string): Promise<void> {
    const plan = { report: { to: id } } as CommitPlan;
    this.#done.set(id, plan);
    this.#waiting.get(id)?.resolve(plan);
    await settled();
  }

  async fail(id: string, error: Error): Promise<void> {
    this.#waiting.get(id)?.reject(error);
    await settled();
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function setUp(): { plans: ScriptedPlans; queue: PlanQueue } {
  const plans = new ScriptedPlans();
  return { plans, queue: new PlanQueue(plans, silentLog, () => undefined) };
}

test('plans are computed one after the other, oldest first', async () => {
  const { plans, queue } = setUp();
  queue.aim(goal('1', [a], [a, b]));
  assert.deepEqual(plans.started, ['1,a']);
  assert.deepEqual([queue.stateOf([a]).state, queue.stateOf([a, b]).state], ['computing', 'waiting']);
  await plans.finish('1,a');
  assert.deepEqual(plans.started, ['1,a', '1,a,b']);
  await plans.finish('1,a,b');
  assert.deepEqual([queue.stateOf([a]).state, queue.stateOf([a, b]).state], ['ready', 'ready']);
});

test('work that a new goal needs goes on, and work that it does not need is cancelled', async () => {
  const { plans, queue } = setUp();
  queue.aim(goal('1', [a], [a, b]));
  queue.aim(goal('1', [a], [a, c]));
  assert.deepEqual(plans.cancelled, []);
  await plans.finish('1,a');
  assert.deepEqual(plans.started, ['1,a', '1,a,c']);
  queue.aim(goal('2', [a]));
  await settled();
  assert.deepEqual([plans.cancelled, plans.started.at(-1)], [['1,a,c'], '2,a']);
});

test('without a goal nothing runs, and what is known is not computed again', async () => {
  const { plans, queue } = setUp();
  queue.aim(goal('1', [a], [a, b]));
  await plans.finish('1,a');
  queue.aim(undefined);
  await settled();
  assert.deepEqual(plans.cancelled, ['1,a,b']);
  queue.aim(goal('1', [a], [a, b]));
  await settled();
  assert.deepEqual(plans.started, ['1,a', '1,a,b', '1,a,b']);
});

test('what follows a plan that failed fails with it, is not tried again, and the rest goes on', async () => {
  const { plans, queue } = setUp();
  queue.aim(goal('1', [a], [a, b], [c]));
  await plans.fail('1,a', new ClusterError('unreachable', 'no answer', { remedy: 'Try again.' }));
  const failed = { state: 'failed', message: 'no answer', remedy: 'Try again.' };
  assert.deepEqual([queue.stateOf([a]), queue.stateOf([a, b])], [failed, failed]);
  await plans.finish('1,c');
  assert.deepEqual(plans.started, ['1,a', '1,c']);
  queue.clear();
  queue.aim(goal('1', [a]));
  assert.deepEqual(plans.started.at(-1), '1,a');
});
