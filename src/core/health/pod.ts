import { type Json, fieldAt, listAt, stringAt } from '../json.ts';
import { conditionOf, wordsOf } from './condition.ts';
import {
  type HealthOptions,
  type HealthResult,
  degraded,
  healthy,
  progressing,
  unknownHealth,
} from './healthResult.ts';

/** How long a Pod may wait for a node before that is a fault. */
const scheduleWindowInMilliseconds = 15_000;

export function podHealth(object: Json, options: HealthOptions): HealthResult {
  const { flavour } = options;
  const stuck = flavour === 'flux' ? undefined : stuckContainers(object);
  if (stuck !== undefined) return degraded(stuck);
  const words = stringAt(object, 'status', 'message') ?? '';
  switch (stringAt(object, 'status', 'phase') ?? '') {
    case 'Succeeded':
      return healthy('ended with success');
    case 'Failed': {
      const why = words || failedContainer(object);
      // To kstatus a Pod that has ended has reached what was asked of it (semantics H-3).
      return flavour === 'flux' ? healthy(`ended without success: ${why}`) : degraded(why);
    }
    case 'Running':
      return runningHealth(object, options);
    case 'Pending':
      return pendingHealth(object, options, words);
    case '':
      return progressing('not yet seen by a node');
    default:
      return unknownHealth(words);
  }
}

function runningHealth(object: Json, { flavour }: HealthOptions): HealthResult {
  const policy = stringAt(object, 'spec', 'restartPolicy') ?? 'Always';
  const isEnding = policy !== 'Always';
  const waived = stringAt(object, 'metadata', 'annotations', 'argocd.argoproj.io/ignore-restart-policy') === 'true';
  // It is meant to end, so running is on the way, as for hooks (semantics H-3).
  if (isEnding && flavour !== 'flux' && !waived) return progressing('running, and meant to end');
  if (conditionOf(object, 'Ready')?.status === 'True') return healthy('ready');
  const containers = listAt(object, 'status', 'containerStatuses');
  if (flavour === 'flux') {
    const looping = containers.filter(
      (status) => stringAt(status, 'state', 'waiting', 'reason') === 'CrashLoopBackOff',
    );
    if (looping.length > 0) return degraded(`crash loop: ${namesOf(looping)}`);
    return progressing('running, not ready');
  }
  const restarted = containers.filter((status) => fieldAt(status, 'lastState', 'terminated') !== undefined);
  if (restarted.length > 0) return degraded(`not ready, restarted: ${namesOf(restarted)}`);
  return progressing('running, not ready');
}

function pendingHealth(object: Json, { flavour, now }: HealthOptions, words: string): HealthResult {
  const scheduled = conditionOf(object, 'PodScheduled');
  const isUnschedulable = scheduled?.status === 'False' && scheduled.reason === 'Unschedulable';
  if (!isUnschedulable) return progressing(words || 'waiting for its containers');
  if (flavour === 'argocd') return progressing(wordsOf(scheduled));
  const created = Date.parse(stringAt(object, 'metadata', 'creationTimestamp') ?? '');
  const isYoung = now !== undefined && now.getTime() - created < scheduleWindowInMilliseconds;
  return isYoung ? progressing(wordsOf(scheduled)) : degraded(`no node takes it: ${wordsOf(scheduled)}`);
}

/** Containers that cannot start, of Pods that are meant to run on. */
function stuckContainers(object: Json): string | undefined {
  if ((stringAt(object, 'spec', 'restartPolicy') ?? 'Always') !== 'Always') return undefined;
  const statuses = [
    ...listAt(object, 'status', 'initContainerStatuses'),
    ...listAt(object, 'status', 'containerStatuses'),
  ];
  const stuck = statuses.filter((status) =>
    /^Err|Error$|BackOff$/.test(stringAt(status, 'state', 'waiting', 'reason') ?? ''),
  );
  if (stuck.length === 0) return undefined;
  return stuck
    .map((status) => `${stringAt(status, 'name') ?? ''}: ${stringAt(status, 'state', 'waiting', 'reason') ?? ''}`)
    .join(', ');
}

function failedContainer(object: Json): string {
  for (const list of ['initContainerStatuses', 'containerStatuses']) {
    for (const status of listAt(object, 'status', list)) {
      const ended = fieldAt(status, 'state', 'terminated');
      const why = stringAt(ended, 'message') || (stringAt(ended, 'reason') === 'OOMKilled' ? 'out of memory' : '');
      const code = fieldAt(ended, 'exitCode');
      const name = stringAt(status, 'name') ?? '';
      if (why !== '') return `${name}: ${why}`;
      if (typeof code === 'number' && code !== 0) return `${name} ended with code ${code}`;
    }
  }
  return stringAt(object, 'status', 'reason') ?? 'failed';
}

function namesOf(statuses: readonly Json[]): string {
  return statuses.map((status) => stringAt(status, 'name') ?? '').join(', ');
}
