import { ClusterError } from '../../ports/clusterError.ts';
import { GitError } from '../../ports/gitError.ts';
import type { Log } from '../../ports/log.ts';
import type { KnownApplication } from '../drift/driftSession.ts';
import type { CommitPlans } from './commitPlans.ts';
import { type CommitPlan, type PlanSettings, type PlanSource } from './commitPlans.ts';

/** What there is to plan, in this order; a chain comes after all that it begins with. */
export interface PlanGoal {
  /** Names the state of the cluster that all chains start from. */
  base: string;
  chains: readonly (readonly PlanSource[])[];
  known: KnownApplication;
  settings: PlanSettings;
}

type Plans = Pick<CommitPlans, 'known' | 'keepOnly' | 'compute' | 'clear'>;

/** How far the plan of a row is. */
export type PlanState =
  | { state: 'waiting' | 'computing' }
  | { state: 'ready'; plan: CommitPlan }
  | { state: 'failed'; message: string; remedy?: string };

/**
 * Computes plans one after the other, the last goal only: work that a new goal has no use for is cancelled, work that it needs as well
 * goes on.
 */
export class PlanQueue {
  readonly #plans: Plans;
  readonly #log: Log;
  readonly #onDidChange: () => void;
  readonly #failures = new Map<string, Extract<PlanState, { state: 'failed' }>>();
  #goal: PlanGoal | undefined;
  #running: { id: string; controller: AbortController } | undefined;

  constructor(plans: Plans, log: Log, onDidChange: () => void) {
    this.#plans = plans;
    this.#log = log;
    this.#onDidChange = onDidChange;
  }

  /** Undefined stops all work; what is known stays known. */
  aim(goal: PlanGoal | undefined): void {
    this.#goal = goal;
    if (goal !== undefined) this.#plans.keepOnly(goal.base, goal.chains);
    const wanted = new Set(goal?.chains.map((chain) => chainId(goal.base, chain)));
    for (const id of this.#failures.keys()) if (!wanted.has(id)) this.#failures.delete(id);
    if (this.#running !== undefined && !wanted.has(this.#running.id)) this.#running.controller.abort();
    if (this.#running === undefined || this.#running.controller.signal.aborted) void this.#run();
  }

  /** Forgets what was computed, and what failed. */
  clear(): void {
    this.#running?.controller.abort();
    this.#plans.clear();
    this.#failures.clear();
  }

  stateOf(chain: readonly PlanSource[]): PlanState {
    const goal = this.#goal;
    if (goal === undefined) return { state: 'waiting' };
    const plan = this.#plans.known(goal.base, chain);
    if (plan?.failure !== undefined) {
      const { message, remedy } = plan.failure;
      return { state: 'failed', message, ...(remedy === undefined ? {} : { remedy }) };
    }
    if (plan !== undefined) return { state: 'ready', plan };
    const id = chainId(goal.base, chain);
    return this.#failures.get(id) ?? { state: this.#running?.id === id ? 'computing' : 'waiting' };
  }

  async #run(): Promise<void> {
    for (;;) {
      const goal = this.#goal;
      const next = goal?.chains.find((chain) => this.stateOf(chain).state === 'waiting');
      if (goal === undefined || next === undefined) return;
      const running = { id: chainId(goal.base, next), controller: new AbortController() };
      this.#running = running;
      this.#onDidChange();
      try {
        await this.#plans.compute(goal.base, next, goal.known, goal.settings, running.controller.signal);
      } catch (error) {
        if (!running.controller.signal.aborted) this.#failed(goal, next, error);
      }
      // A later goal has cancelled this work and gone on by itself.
      if (this.#running !== running) return;
      this.#running = undefined;
      this.#onDidChange();
    }
  }

  /** What follows a plan that failed has nothing to start from. */
  #failed(goal: PlanGoal, chain: readonly PlanSource[], error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    if (!ClusterError.is(error) && !GitError.is(error)) this.#log.error('A plan failed', error);
    const remedy = ClusterError.is(error) || GitError.is(error) ? error.remedy : undefined;
    const failure = { state: 'failed' as const, message, ...(remedy === undefined ? {} : { remedy }) };
    const id = chainId(goal.base, chain);
    for (const other of goal.chains) {
      const otherId = chainId(goal.base, other);
      if (otherId === id || otherId.startsWith(`${id}\n`)) this.#failures.set(otherId, failure);
    }
  }
}

function chainId(base: string, chain: readonly PlanSource[]): string {
  return [base, ...chain.map((source) => source.fingerprint)].join('\n');
}
