import { healthOf } from '../../core/health/healthOf.ts';
import { describeKey, keyText } from '../../core/kube/objectKey.ts';
import type { Health } from '../../core/report.ts';
import type { Cluster } from '../../ports/cluster.ts';
import { ClusterError } from '../../ports/clusterError.ts';
import type { DeclaredTarget } from '../drift/target.ts';
import { readLiveObjects } from '../live/readLiveObjects.ts';
import type { Sleep } from '../actions/pause.ts';
import { StuckPods } from './stuckPods.ts';
import type { SyncListener, SyncOutcome } from './syncOutcome.ts';

export interface WaitOptions {
  /** At most so long. */
  milliseconds: number;
  now(): Date;
  sleep: Sleep;
  signal?: AbortSignal;
}

const pollMilliseconds = 1000;
const next = 'it becomes healthy, or does not, without being watched';

/**
 * Waits until each object is healthy, or says which is not. An API server that goes away for a moment ends nothing: the wait goes on
 * until its time is over.
 */
export async function waitForHealth(
  cluster: Cluster,
  targets: readonly DeclaredTarget[],
  options: WaitOptions,
  onStep: SyncListener,
  done: string,
): Promise<SyncOutcome> {
  const deadline = options.now().getTime() + options.milliseconds;
  let waiting = [...targets];
  const stuck = new StuckPods(cluster, options);
  let last = '';
  for (;;) {
    let answer: Awaited<ReturnType<typeof look>>;
    let trouble: string | undefined;
    try {
      options.signal?.throwIfAborted();
      answer = await look(cluster, waiting, options.signal);
      trouble = answer === 'healthy' ? undefined : await stuck.look(answer.waiting);
    } catch (error) {
      if (options.signal?.aborted === true) return { result: 'stopped', done, next };
      throw error;
    }
    if (answer === 'healthy') {
      onStep({ step: 'healthy' });
      return { result: 'done', health: 'healthy' };
    }
    waiting = answer.waiting;
    const isOver = options.now().getTime() >= deadline;
    // What is degraded says itself why; the rest is merely not ready yet.
    const text = answer.health === 'degraded' ? answer.text : (trouble ?? answer.text);
    if (answer.health === 'degraded' || isOver) return { result: 'unhealthy', reason: text, done };
    if (text !== last) onStep({ step: 'waiting', for: text });
    last = text;
    // The next look ends a wait that was stopped.
    await options.sleep(pollMilliseconds, options.signal).catch((error: unknown) => {
      if (options.signal?.aborted !== true) throw error;
    });
  }
}

async function look(
  cluster: Cluster,
  targets: readonly DeclaredTarget[],
  signal: AbortSignal | undefined,
): Promise<'healthy' | { waiting: DeclaredTarget[]; health: Health; text: string }> {
  try {
    const { objects, unreadable } = await readLiveObjects(cluster, targets, signal);
    const waiting: DeclaredTarget[] = [];
    let worst: { health: Health; text: string } | undefined;
    for (const target of targets) {
      // A kind that came with the change has no resource yet, and what may not be read cannot be waited for.
      if (target.resource === undefined || unreadable.has(keyText(target.key))) continue;
      const live = objects.get(keyText(target.key));
      const { health, message } =
        live === undefined ? { health: 'missing' as const, message: 'not there' } : healthOf(live);
      // Suspended is meant; unknown is a kind that reports nothing.
      if (health === 'healthy' || health === 'suspended' || health === 'unknown') continue;
      waiting.push(target);
      if (worst === undefined || (health === 'degraded' && worst.health !== 'degraded')) {
        worst = { health, text: `${describeKey(target.key)}: ${message}` };
      }
    }
    return worst === undefined ? 'healthy' : { waiting, ...worst };
  } catch (error) {
    signal?.throwIfAborted();
    if (!ClusterError.is(error)) throw error;
    return { waiting: [...targets], health: 'unknown', text: error.message };
  }
}
