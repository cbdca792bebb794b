import type { KubeObject } from '../kube/objectKey.ts';
import { namespaceOf } from '../kube/objectKey.ts';
import { stringAt } from '../json.ts';
import { type ServedKind, storageKeyOf } from './servedKind.ts';
import type { SimulatedCluster } from './simulatedCluster.ts';
import { forbidden, notFound } from './statusError.ts';
import { nameOf } from '../kube/objectKey.ts';

/**
 * What admission and the storage strategies make of an object beside defaults: namespaces are checked, addresses and volumes
 * assigned. Throws StatusError where the object may not be.
 */
export function admitted(
  cluster: SimulatedCluster,
  kind: ServedKind,
  object: KubeObject,
  live: KubeObject | undefined,
): KubeObject {
  if (live === undefined && kind.namespaced) checkNamespace(cluster, kind, object);
  return object;
}

function checkNamespace(cluster: SimulatedCluster, kind: ServedKind, object: KubeObject): void {
  const name = namespaceOf(object);
  const namespace = cluster.store.get('/namespaces', '', name);
  if (namespace === undefined) throw notFound({ group: '', resource: 'namespaces' }, name);
  if (stringAt(namespace, 'status', 'phase') !== 'Terminating') return;
  const why = `unable to create new content in namespace ${name} because it is being terminated`;
  throw forbidden(kind, nameOf(object), why, {
    causes: [
      { reason: 'NamespaceTerminating', message: `namespace ${name} is being terminated`, field: 'metadata.namespace' },
    ],
  });
}

export const namespaceStorage = storageKeyOf({ group: '', resource: 'namespaces' });
