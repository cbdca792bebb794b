import { type JsonObject, fieldAt, listAt } from '../../json.ts';
import { type KubeObject, nameOf } from '../../kube/objectKey.ts';
import type { SimulatedCluster } from '../simulatedCluster.ts';
import { mapAt, numberAt, shareOf, textAt, withCondition, writeStatus } from './controlled.ts';

/** Writes what a Deployment says of itself. Returns when its deadline passes, while it is not yet through. */
export function deploymentStatus(
  deployment: KubeObject,
  newest: KubeObject | undefined,
  sets: readonly KubeObject[],
  cluster: SimulatedCluster,
): Date | undefined {
  const sum = (field: string): number => sets.reduce((total, set) => total + numberAt(set, 'status', field), 0);
  const counts = {
    replicas: sum('replicas'),
    updatedReplicas: numberAt(newest, 'status', 'replicas'),
    readyReplicas: sum('readyReplicas'),
    availableReplicas: sum('availableReplicas'),
  };
  const wanted = numberAt(deployment, 'spec', 'replicas');
  const missing = Math.max(
    sets.reduce((total, set) => total + numberAt(set, 'spec', 'replicas'), 0) - counts.availableReplicas,
    0,
  );
  const live =
    cluster.store.get('apps/deployments', textAt(deployment, 'metadata', 'namespace'), nameOf(deployment)) ??
    deployment;
  const isComplete =
    counts.updatedReplicas === wanted && counts.replicas === wanted && counts.availableReplicas === wanted;
  const { conditions, deadline } = conditionsOf(live, newest, counts, isComplete, cluster.now());
  const generation = live.metadata['generation'];
  const status: JsonObject = {
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    ...Object.fromEntries(Object.entries(counts).filter(([, value]) => value > 0)),
    ...(missing === 0 ? {} : { unavailableReplicas: missing }),
    conditions,
  };
  writeStatus(cluster, 'apps/deployments', live, status);
  return deadline;
}

function conditionsOf(
  deployment: KubeObject,
  newest: KubeObject | undefined,
  counts: { availableReplicas: number; updatedReplicas: number },
  isComplete: boolean,
  now: Date,
): { conditions: ReturnType<typeof withCondition>; deadline: Date | undefined } {
  const wanted = numberAt(deployment, 'spec', 'replicas');
  const rolling = mapAt(deployment, 'spec', 'strategy', 'rollingUpdate');
  const isAvailable = counts.availableReplicas >= wanted - shareOf(rolling['maxUnavailable'], wanted, 'down');
  const available = {
    type: 'Available',
    status: isAvailable ? 'True' : 'False',
    reason: isAvailable ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
    message: isAvailable ? 'Deployment has minimum availability.' : 'Deployment does not have minimum availability.',
  } as const;
  const withAvailable = {
    ...deployment,
    status: { conditions: withCondition(deployment, available, now, { updateTime: true }) },
  };
  const name = newest === undefined ? '' : nameOf(newest);
  if (fieldAt(deployment, 'spec', 'paused') === true) {
    const paused = {
      type: 'Progressing',
      status: 'Unknown',
      reason: 'DeploymentPaused',
      message: 'Deployment is paused',
    } as const;
    return { conditions: withCondition(withAvailable, paused, now, { updateTime: true }), deadline: undefined };
  }
  const known = listAt(deployment, 'status', 'conditions').find((one) => textAt(one, 'type') === 'Progressing');
  const deadline = deadlineOf(deployment, newest, known === undefined ? undefined : textAt(known, 'lastUpdateTime'));
  const isNamed = textAt(known, 'message').includes(JSON.stringify(name));
  // What missed its deadline stays late until it is complete, or another set takes its place.
  const wasLate = isNamed && textAt(known, 'reason') === 'ProgressDeadlineExceeded';
  const isLate = !isComplete && (wasLate || (deadline !== undefined && deadline <= now));
  const progress = isComplete
    ? { reason: 'NewReplicaSetAvailable', message: `ReplicaSet ${JSON.stringify(name)} has successfully progressed.` }
    : isLate
      ? { reason: 'ProgressDeadlineExceeded', message: `ReplicaSet ${JSON.stringify(name)} has timed out progressing.` }
      : { reason: 'ReplicaSetUpdated', message: `ReplicaSet ${JSON.stringify(name)} is progressing.` };
  const progressing = { type: 'Progressing', status: isLate ? 'False' : 'True', ...progress } as const;
  const conditions = withCondition(withAvailable, progressing, now, { updateTime: true });
  return { conditions, deadline: isComplete || isLate ? undefined : deadline };
}

/** The deadline counts from the last progress: a new set, or a new message of the condition. */
function deadlineOf(
  deployment: KubeObject,
  newest: KubeObject | undefined,
  lastUpdate: string | undefined,
): Date | undefined {
  const seconds = fieldAt(deployment, 'spec', 'progressDeadlineSeconds');
  const created = Date.parse(textAt(newest, 'metadata', 'creationTimestamp'));
  if (typeof seconds !== 'number' || Number.isNaN(created)) return undefined;
  const updated = lastUpdate === undefined ? NaN : Date.parse(lastUpdate);
  return new Date(Math.max(created, Number.isNaN(updated) ? created : updated) + seconds * 1000);
}
