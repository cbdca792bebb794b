import { type Json, fieldAt } from '../json.ts';
import { conditionOf, countAt, wordsOf } from './condition.ts';
import { type HealthOptions, type HealthResult, degraded, healthy, progressing, suspended } from './healthResult.ts';

const noDeadline = 2 ** 31 - 1;

/** A paused Deployment is suspended, save to Flux, which counts its Pods all the same (semantics H-3). */
export function deploymentHealth(object: Json, { flavour }: HealthOptions): HealthResult {
  if (flavour !== 'flux' && fieldAt(object, 'spec', 'paused') === true) return suspended('paused');
  const rollout = conditionOf(object, 'Progressing');
  if (rollout?.reason === 'ProgressDeadlineExceeded') return degraded('the rollout exceeded its progress deadline');
  const failure = conditionOf(object, 'ReplicaFailure');
  if (flavour === undefined && failure?.status === 'True') return degraded(wordsOf(failure));

  const wanted = countAt(object, 1, 'spec', 'replicas');
  const total = countAt(object, 0, 'status', 'replicas');
  const updated = countAt(object, 0, 'status', 'updatedReplicas');
  const available = countAt(object, 0, 'status', 'availableReplicas');
  if (updated < wanted) return progressing(`${updated} of ${wanted} Pods updated`);
  if (total > updated || total > wanted) return progressing(`${total - Math.min(updated, wanted)} old Pods to end`);
  if (available < updated) return progressing(`${available} of ${updated} Pods available`);
  if (flavour === 'argocd') return healthy();
  const ready = countAt(object, 0, 'status', 'readyReplicas');
  if (ready < wanted) return progressing(`${ready} of ${wanted} Pods ready`);
  // The controller reports no progress where there is no deadline, for which the largest number stands as well.
  const hasDeadline = countAt(object, noDeadline, 'spec', 'progressDeadlineSeconds') !== noDeadline;
  const isRolledOut = rollout?.status === 'True' && rollout.reason === 'NewReplicaSetAvailable';
  if (hasDeadline && !isRolledOut) return progressing('the new ReplicaSet is not available yet');
  if (conditionOf(object, 'Available')?.status !== 'True') return progressing('not available yet');
  return healthy(`${available} of ${wanted} Pods available`);
}
