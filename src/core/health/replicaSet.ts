import type { Json } from '../json.ts';
import { conditionOf, countAt, wordsOf } from './condition.ts';
import { type HealthOptions, type HealthResult, degraded, healthy, progressing } from './healthResult.ts';

/** Pods that cannot be made are degraded, and merely in progress to Flux (semantics H-3). */
export function replicaSetHealth(object: Json, { flavour }: HealthOptions): HealthResult {
  const failure = conditionOf(object, 'ReplicaFailure');
  if (failure?.status === 'True') {
    return flavour === 'flux' ? progressing(wordsOf(failure)) : degraded(wordsOf(failure));
  }
  const wanted = countAt(object, 1, 'spec', 'replicas');
  const available = countAt(object, 0, 'status', 'availableReplicas');
  if (available < wanted) return progressing(`${available} of ${wanted} Pods available`);
  const ready = countAt(object, 0, 'status', 'readyReplicas');
  if (flavour !== 'argocd' && ready < wanted) return progressing(`${ready} of ${wanted} Pods ready`);
  const total = countAt(object, 0, 'status', 'replicas');
  if (flavour !== 'argocd' && total > wanted) return progressing(`${total - wanted} Pods to end`);
  return healthy(`${available} of ${wanted} Pods available`);
}
