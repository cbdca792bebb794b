import type { KubeObject } from '../../kube/objectKey.ts';
import { listAt } from '../../json.ts';
import type { Controller } from '../controllerLoop.ts';
import { isDeleting, uidOf } from '../metadata.ts';
import { refOf, textAt, writeStatus } from './controlled.ts';

const storageKeys = new Set(['/services', 'networking.k8s.io/ingresses']);

/** In the place of a cloud: load balancers and ingresses get an address, at which nothing listens. */
export const addresses: Controller = {
  name: 'addresses',
  concerns: (change) =>
    storageKeys.has(change.storageKey) && change.type !== 'DELETED' ? [refOf(change.storageKey, change.object)] : [],
  reconcile: ({ storageKey, namespace, name }, cluster) => {
    const object = cluster.store.get(storageKey, namespace, name);
    if (object === undefined || isDeleting(object)) return undefined;
    const wants = storageKey !== '/services' || textAt(object, 'spec', 'type') === 'LoadBalancer';
    const has = listAt(object, 'status', 'loadBalancer', 'ingress').length > 0;
    if (wants === has) return undefined;
    const manager = storageKey === '/services' ? 'cloud-controller-manager' : 'ingress-controller';
    const entry = storageKey === '/services' ? { ip: addressOf(object), ipMode: 'VIP' } : { ip: addressOf(object) };
    writeStatus(cluster, storageKey, object, { loadBalancer: wants ? { ingress: [entry] } : {} }, manager);
    return undefined;
  },
};

/** From the range that is set aside for documentation (RFC 5737). */
function addressOf(object: KubeObject): string {
  return `203.0.113.${1 + ((Number.parseInt(uidOf(object).slice(0, 4), 16) || 0) % 254)}`;
}
