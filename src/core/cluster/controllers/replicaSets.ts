import type { JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube/objectKey.ts';
import type { Controller } from '../controllerLoop.ts';
import { isDeleting } from '../metadata.ts';
import type { SimulatedCluster } from '../simulatedCluster.ts';
import { childrenOf, mapAt, numberAt, selfOrOwner, writeStatus } from './controlled.ts';
import { availableAt, isReady, leastMissedFirst, makePod, podStorage, removePod } from './podSets.ts';

export const replicaSetStorage = 'apps/replicasets';

/** Keeps as many Pods as a ReplicaSet says. */
export const replicaSets: Controller = {
  name: 'replicaSets',
  concerns: (change) => selfOrOwner(change, replicaSetStorage, 'ReplicaSet', podStorage),
  reconcile: ({ namespace, name }, cluster) => {
    const set = cluster.store.get(replicaSetStorage, namespace, name);
    return set === undefined || isDeleting(set) ? undefined : reconcile(set, cluster);
  },
};

function reconcile(set: KubeObject, cluster: SimulatedCluster): Date | undefined {
  const wanted = numberAt(set, 'spec', 'replicas');
  const pods = childrenOf(cluster, podStorage, set);
  for (const pod of leastMissedFirst(pods).slice(0, Math.max(pods.length - wanted, 0))) removePod(cluster, pod);
  for (let missing = wanted - pods.length; missing > 0; missing--) if (makePod(cluster, set) === undefined) break;

  const current = childrenOf(cluster, podStorage, set);
  const now = cluster.now();
  const availability = current.map((pod) => availableAt(pod, numberAt(set, 'spec', 'minReadySeconds'), now));
  const ready = current.filter(isReady).length;
  const available = availability.filter((at) => at === undefined).length;
  const generation = set.metadata['generation'];
  writeStatus(cluster, replicaSetStorage, set, {
    replicas: current.length,
    ...(current.length === 0 ? {} : { fullyLabeledReplicas: current.length }),
    ...(ready === 0 ? {} : { readyReplicas: ready }),
    ...(available === 0 ? {} : { availableReplicas: available }),
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    ...conditionsOf(set),
  });
  const later = availability.filter((at) => at instanceof Date);
  return later.length === 0 ? undefined : new Date(Math.min(...later.map((at) => at.getTime())));
}

function conditionsOf(set: KubeObject): JsonObject {
  const conditions = mapAt(set, 'status')['conditions'];
  return conditions === undefined ? {} : { conditions };
}
