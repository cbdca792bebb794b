import type { KubeObject } from '../../kube/objectKey.ts';
import type { Controller } from '../controllerLoop.ts';
import { isDeleting } from '../metadata.ts';
import type { SimulatedCluster } from '../simulatedCluster.ts';
import { childrenOf, hashOf, numberAt, selfOrOwner, textAt, writeStatus } from './controlled.ts';
import { isReady, labelOf, makePod, podStorage, removePod, templateOf } from './podSets.ts';

const storageKey = 'apps/daemonsets';
const revisionLabel = 'controller-revision-hash';

/** Keeps a Pod on each node, which is one here. */
export const daemonSets: Controller = {
  name: 'daemonSets',
  concerns: (change) => selfOrOwner(change, storageKey, 'DaemonSet', podStorage),
  reconcile: ({ namespace, name }, cluster) => {
    const set = cluster.store.get(storageKey, namespace, name);
    if (set !== undefined && !isDeleting(set)) reconcile(set, cluster);
    return undefined;
  },
};

function reconcile(set: KubeObject, cluster: SimulatedCluster): void {
  const revision = hashOf(templateOf(set));
  const nodes = cluster.store.count('/nodes');
  const replaces = textAt(set, 'spec', 'updateStrategy', 'type') === 'RollingUpdate';
  const before = childrenOf(cluster, podStorage, set);
  const kept = before.filter((pod) => !replaces || labelOf(pod, revisionLabel) === revision);
  for (const pod of before) if (!kept.includes(pod)) removePod(cluster, pod);
  for (const pod of kept.slice(nodes)) removePod(cluster, pod);
  for (let count = kept.length; count < nodes; count++) {
    if (makePod(cluster, set, { labels: { [revisionLabel]: revision } }) === undefined) break;
  }
  const pods = childrenOf(cluster, podStorage, set);
  const updated = pods.filter((pod) => labelOf(pod, revisionLabel) === revision).length;
  const ready = pods.filter(isReady).length;
  const generation = set.metadata['generation'];
  writeStatus(cluster, storageKey, set, {
    currentNumberScheduled: pods.length,
    numberMisscheduled: 0,
    desiredNumberScheduled: nodes,
    numberReady: ready,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    ...(updated === 0 ? {} : { updatedNumberScheduled: updated }),
    ...(ready === 0 ? {} : { numberAvailable: ready }),
    ...(nodes - ready === 0 ? {} : { numberUnavailable: nodes - ready }),
    ...(numberAt(set, 'status', 'collisionCount') === 0
      ? {}
      : { collisionCount: numberAt(set, 'status', 'collisionCount') }),
  });
}
