import { type Json, fieldAt, listAt, stringAt } from '../json.ts';
import { type HealthOptions, type HealthResult, degraded, healthy, suspended } from './healthResult.ts';

/** Its last run is judged where it has ended; Flux judges none. */
export function cronJobHealth(object: Json, { flavour }: HealthOptions): HealthResult {
  if (flavour === 'flux') return healthy();
  if (fieldAt(object, 'spec', 'suspend') === true) {
    // Argo CD calls it healthy for now, because a suspended child would hold up its application.
    return flavour === 'argocd' ? healthy('suspended') : suspended('suspended');
  }
  const scheduled = stringAt(object, 'status', 'lastScheduleTime');
  const succeeded = stringAt(object, 'status', 'lastSuccessfulTime');
  if (scheduled === undefined) return healthy('has not run yet');
  if (listAt(object, 'status', 'active').length > 0) return healthy('running');
  if (succeeded === undefined) return healthy('no run has succeeded yet');
  return succeeded < scheduled ? degraded('its last run did not succeed') : healthy('its last run succeeded');
}
