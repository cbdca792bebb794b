import { type Json, fieldAt, stringAt } from '../json.ts';
import { countAt } from './condition.ts';
import { type HealthOptions, type HealthResult, healthy, progressing } from './healthResult.ts';

export function daemonSetHealth(object: Json, { flavour }: HealthOptions): HealthResult {
  if (fieldAt(object, 'status', 'observedGeneration') === undefined)
    return progressing('not yet seen by its controller');
  const wanted = countAt(object, flavour === 'argocd' ? 0 : -1, 'status', 'desiredNumberScheduled');
  const current = countAt(object, 0, 'status', 'currentNumberScheduled');
  const updated = countAt(object, 0, 'status', 'updatedNumberScheduled');
  const available = countAt(object, 0, 'status', 'numberAvailable');
  if (wanted < 0) return progressing('not yet seen by its controller');
  const isByHand = stringAt(object, 'spec', 'updateStrategy', 'type') === 'OnDelete';
  if (isByHand && flavour === 'argocd') return healthy('Pods are replaced by hand');
  if (current < wanted && flavour !== 'argocd') return progressing(`${current} of ${wanted} nodes have a Pod`);
  if (updated < wanted && !(isByHand && flavour === undefined))
    return progressing(`${updated} of ${wanted} Pods updated`);
  if (available < wanted) return progressing(`${available} of ${wanted} Pods available`);
  const ready = countAt(object, 0, 'status', 'numberReady');
  if (ready < wanted && flavour !== 'argocd') return progressing(`${ready} of ${wanted} Pods ready`);
  return healthy(`${available} of ${wanted} Pods available`);
}
