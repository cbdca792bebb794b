import { type JsonObject, fieldAt } from '../../json.ts';
import type { KubeObject } from '../../kube/objectKey.ts';
import type { Controller } from '../controllerLoop.ts';
import { hasCondition } from '../conditions.ts';
import { isDeleting, timestamp } from '../metadata.ts';
import type { SimulatedCluster } from '../simulatedCluster.ts';
import { childrenOf, mapAt, numberAt, selfOrOwner, textAt, withCondition, writeStatus } from './controlled.ts';
import { isReady, makePod, podStorage, removePod } from './podSets.ts';

const storageKey = 'batch/jobs';

/** Runs a Job's Pods to their end. */
export const jobs: Controller = {
  name: 'jobs',
  concerns: (change) => selfOrOwner(change, storageKey, 'Job', podStorage),
  reconcile: ({ namespace, name }, cluster) => {
    const job = cluster.store.get(storageKey, namespace, name);
    if (job !== undefined && !isDeleting(job) && !hasCondition(job, 'Complete')) reconcile(job, cluster);
    return undefined;
  },
};

function reconcile(job: KubeObject, cluster: SimulatedCluster): void {
  const isSuspended = fieldAt(job, 'spec', 'suspend') === true;
  const pods = childrenOf(cluster, podStorage, job);
  const succeeded = pods.filter((pod) => textAt(pod, 'status', 'phase') === 'Succeeded').length;
  const completions = numberAt(job, 'spec', 'completions') || 1;
  const active = pods.filter((pod) => !['Succeeded', 'Failed'].includes(textAt(pod, 'status', 'phase')));
  if (isSuspended) for (const pod of active) removePod(cluster, pod);
  const wanted = isSuspended ? 0 : Math.min(numberAt(job, 'spec', 'parallelism'), completions - succeeded);
  for (let count = active.length; count < wanted; count++) if (makePod(cluster, job) === undefined) break;
  report(job, completions, isSuspended, cluster);
}

function report(job: KubeObject, completions: number, isSuspended: boolean, cluster: SimulatedCluster): void {
  const now = cluster.now();
  const pods = childrenOf(cluster, podStorage, job);
  const succeeded = pods.filter((pod) => textAt(pod, 'status', 'phase') === 'Succeeded').length;
  const active = pods.length - succeeded;
  const isComplete = succeeded >= completions;
  const conditions = conditionsOf(job, isComplete, isSuspended, now);
  const startTime = textAt(job, 'status', 'startTime') || (isSuspended ? '' : timestamp(now));
  const status: JsonObject = {
    ...(conditions.length === 0 ? {} : { conditions }),
    ...(startTime === '' ? {} : { startTime }),
    ...(isComplete ? { completionTime: timestamp(now) } : {}),
    ...(active === 0 ? {} : { active }),
    ...(succeeded === 0 ? {} : { succeeded }),
    terminating: 0,
    uncountedTerminatedPods: mapAt(job, 'status', 'uncountedTerminatedPods'),
    ready: pods.filter(isReady).length,
  };
  writeStatus(cluster, storageKey, job, status);
}

function conditionsOf(
  job: KubeObject,
  isComplete: boolean,
  isSuspended: boolean,
  now: Date,
): ReturnType<typeof withCondition> {
  if (isComplete) {
    const reached = {
      status: 'True',
      reason: 'CompletionsReached',
      message: 'Reached expected number of succeeded pods',
    } as const;
    const first = withCondition(job, { type: 'SuccessCriteriaMet', ...reached }, now);
    return withCondition({ ...job, status: { conditions: first } }, { type: 'Complete', ...reached }, now);
  }
  if (!isSuspended && !hasCondition(job, 'Suspended')) return [...withoutChange(job)];
  const suspended = isSuspended
    ? ({ status: 'True', reason: 'JobSuspended', message: 'Job suspended' } as const)
    : ({ status: 'False', reason: 'JobResumed', message: 'Job resumed' } as const);
  return withCondition(job, { type: 'Suspended', ...suspended }, now);
}

function withoutChange(job: KubeObject): ReturnType<typeof withCondition> {
  const conditions = mapAt(job, 'status')['conditions'];
  return Array.isArray(conditions) ? conditions : [];
}
