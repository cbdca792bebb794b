import { namespaceOf, nameOf } from '../../kube/objectKey.ts';
import type { Controller } from '../controllerLoop.ts';
import { isDeleting } from '../metadata.ts';
import type { SimulatedCluster } from '../simulatedCluster.ts';
import { controllerManager, kindOf } from './controlled.ts';

const storageKey = '/namespaces';

/** Gives namespaces what every one has, and empties those that are deleted before it lets them go. */
export const namespaces: Controller = {
  name: 'namespaces',
  concerns: (change) => {
    if (change.storageKey === storageKey) return [{ storageKey, namespace: '', name: nameOf(change.object) }];
    // The last object lets its namespace go; a service account that is deleted comes back.
    const namespace = namespaceOf(change.object);
    return change.type === 'DELETED' && namespace !== '' ? [{ storageKey, namespace: '', name: namespace }] : [];
  },
  reconcile: ({ name }, cluster) => {
    const namespace = cluster.store.get(storageKey, '', name);
    if (namespace === undefined) return undefined;
    if (isDeleting(namespace)) empty(name, cluster);
    else furnish(name, cluster);
    return undefined;
  },
};

function furnish(namespace: string, cluster: SimulatedCluster): void {
  const account = kindOf(cluster, '/serviceaccounts');
  if (account !== undefined && cluster.find(account, namespace, 'default') === undefined) {
    const object = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace } };
    cluster.create(account, namespace, object, { fieldManager: controllerManager });
  }
  const configMap = kindOf(cluster, '/configmaps');
  if (configMap === undefined || cluster.find(configMap, namespace, 'kube-root-ca.crt') !== undefined) return;
  const description =
    'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service ' +
    'IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.';
  const metadata = { name: 'kube-root-ca.crt', namespace, annotations: { 'kubernetes.io/description': description } };
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { 'ca.crt': '' } };
  cluster.create(configMap, namespace, object, { fieldManager: controllerManager });
}

function empty(name: string, cluster: SimulatedCluster): void {
  let left = 0;
  for (const storageKey of cluster.store.storageKeys) {
    const kind = kindOf(cluster, storageKey);
    if (kind?.namespaced !== true) continue;
    for (const object of cluster.store.list(storageKey, name)) {
      if (!isDeleting(object)) cluster.delete(kind, name, nameOf(object));
    }
    left += cluster.store.list(storageKey, name).length;
  }
  if (left === 0) cluster.store.remove(storageKey, '', name);
}
