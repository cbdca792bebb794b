import { type Json, fieldAt, stringAt } from '../json.ts';
import { countAt } from './condition.ts';
import { type HealthOptions, type HealthResult, healthy, progressing } from './healthResult.ts';

/** With strategy OnDelete a person decides when Pods are replaced, so waiting for it is no fault (semantics H-3). */
export function statefulSetHealth(object: Json, { flavour }: HealthOptions): HealthResult {
  const isByHand = stringAt(object, 'spec', 'updateStrategy', 'type') === 'OnDelete';
  const wanted = countAt(object, 1, 'spec', 'replicas');
  const ready = countAt(object, 0, 'status', 'readyReplicas');
  if (isByHand && flavour === 'flux') return healthy('Pods are replaced by hand');
  if (fieldAt(object, 'status', 'observedGeneration') === undefined && flavour !== 'flux') {
    return progressing('not yet seen by its controller');
  }
  if (ready < wanted) return progressing(`${ready} of ${wanted} Pods ready`);
  if (isByHand) return healthy('Pods are replaced by hand');
  const total = countAt(object, 0, 'status', 'replicas');
  if (flavour !== 'argocd' && total > wanted) return progressing(`${total - wanted} Pods to end`);
  const partition = fieldAt(object, 'spec', 'updateStrategy', 'rollingUpdate', 'partition');
  const updated = countAt(object, 0, 'status', 'updatedReplicas');
  if (typeof partition === 'number') {
    const share = wanted - partition;
    return updated < share
      ? progressing(`${updated} of ${share} Pods updated, ${partition} held back`)
      : healthy(`${ready} of ${wanted} Pods ready`);
  }
  const current = countAt(object, 0, 'status', 'currentReplicas');
  if (flavour === 'flux' && current < wanted) return progressing(`${current} of ${wanted} Pods current`);
  const isRolled = stringAt(object, 'status', 'currentRevision') === stringAt(object, 'status', 'updateRevision');
  return isRolled ? healthy(`${ready} of ${wanted} Pods ready`) : progressing(`${updated} of ${wanted} Pods updated`);
}
