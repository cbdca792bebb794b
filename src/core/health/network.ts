import { type Json, listAt, stringAt } from '../json.ts';
import { type HealthOptions, type HealthResult, healthy, progressing } from './healthResult.ts';

/** A load balancer's Service waits for its address; Flux only for its cluster IP (semantics H-3). */
export function serviceHealth(object: Json, { flavour }: HealthOptions): HealthResult {
  if (stringAt(object, 'spec', 'type') !== 'LoadBalancer') return healthy();
  if (flavour === 'flux') {
    return (stringAt(object, 'spec', 'clusterIP') ?? '') === '' ? progressing('no cluster IP yet') : healthy();
  }
  return hasAddress(object) ? healthy() : progressing('no address of the load balancer yet');
}

/** Many controllers never write an address, so only Argo CD waits for one (semantics H-3). */
export function ingressHealth(object: Json, { flavour }: HealthOptions): HealthResult {
  return flavour === 'argocd' && !hasAddress(object) ? progressing('no address yet') : healthy();
}

function hasAddress(object: Json): boolean {
  return listAt(object, 'status', 'loadBalancer', 'ingress').length > 0;
}
