import { fieldAt } from '../../json.ts';
import { type KubeObject, namespaceOf } from '../../kube/objectKey.ts';
import type { Controller } from '../controllerLoop.ts';
import { isDeleting } from '../metadata.ts';
import { labelSelectorMatch, labelsOf } from '../selectors.ts';
import type { SimulatedCluster } from '../simulatedCluster.ts';
import { numberAt, refOf, shareOf, withCondition, writeStatus } from './controlled.ts';
import { isReady, podStorage } from './podSets.ts';

const storageKey = 'policy/poddisruptionbudgets';

/** Counts what a PodDisruptionBudget allows. */
export const budgets: Controller = {
  name: 'budgets',
  concerns: (change, cluster) => {
    if (change.storageKey === storageKey) return change.type === 'DELETED' ? [] : [refOf(storageKey, change.object)];
    if (change.storageKey !== podStorage) return [];
    return cluster.store.list(storageKey, namespaceOf(change.object)).map((budget) => refOf(storageKey, budget));
  },
  reconcile: ({ namespace, name }, cluster) => {
    const budget = cluster.store.get(storageKey, namespace, name);
    if (budget !== undefined && !isDeleting(budget)) report(budget, cluster);
    return undefined;
  },
};

function report(budget: KubeObject, cluster: SimulatedCluster): void {
  const matches = labelSelectorMatch(fieldAt(budget, 'spec', 'selector'));
  const pods = cluster.store.list(podStorage, namespaceOf(budget)).filter((pod) => matches(labelsOf(pod)));
  const healthy = pods.filter(isReady).length;
  const least = fieldAt(budget, 'spec', 'minAvailable');
  const most = fieldAt(budget, 'spec', 'maxUnavailable');
  const desired =
    most === undefined
      ? shareOf(least, pods.length, 'up')
      : Math.max(pods.length - shareOf(most, pods.length, 'up'), 0);
  const allowed = Math.max(healthy - desired, 0);
  const condition = {
    type: 'DisruptionAllowed',
    status: allowed > 0 ? 'True' : 'False',
    reason: allowed > 0 ? 'SufficientPods' : 'InsufficientPods',
    message: '',
  } as const;
  const generation = numberAt(budget, 'metadata', 'generation');
  const conditions = withCondition(budget, condition, cluster.now());
  writeStatus(cluster, storageKey, budget, {
    ...(generation === 0 ? {} : { observedGeneration: generation }),
    disruptionsAllowed: allowed,
    currentHealthy: healthy,
    desiredHealthy: desired,
    expectedPods: pods.length,
    conditions,
  });
}
