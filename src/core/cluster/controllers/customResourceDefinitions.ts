import { type JsonObject, equalJson, fieldAt, isJsonObject, listAt, stringAt } from '../../json.ts';
import type { KubeObject } from '../../kube/objectKey.ts';
import { nameOf, namespaceOf } from '../../kube/objectKey.ts';
import { crdCleanup } from '../deletion.ts';
import type { Controller } from '../controllerLoop.ts';
import { finalizersOf, isDeleting, timestamp } from '../metadata.ts';
import type { SimulatedCluster } from '../simulatedCluster.ts';

const storageKey = 'apiextensions.k8s.io/customresourcedefinitions';

/** Establishes CustomResourceDefinitions, and empties those that are deleted. */
export const customResourceDefinitions: Controller = {
  name: 'customResourceDefinitions',
  concerns: (change, cluster) => {
    if (change.storageKey === storageKey) return [{ storageKey, namespace: '', name: nameOf(change.object) }];
    // The last object of a kind that is going lets its definition go.
    if (change.type !== 'DELETED') return [];
    const [group = '', resource = ''] = change.storageKey.split('/');
    const crd = cluster.catalog.preferred(group, resource)?.custom?.crd;
    return crd === undefined ? [] : [{ storageKey, namespace: '', name: crd }];
  },
  reconcile: ({ name }, cluster) => {
    const crd = cluster.store.get(storageKey, '', name);
    if (crd === undefined) return undefined;
    if (isDeleting(crd)) empty(crd, cluster);
    else establish(crd, cluster);
    return undefined;
  },
};

function establish(crd: KubeObject, cluster: SimulatedCluster): void {
  const kind = cluster.catalog.byKind('apiextensions.k8s.io', 'v1', 'CustomResourceDefinition');
  if (kind === undefined) return;
  const status = establishedStatus(crd, cluster.now());
  if (equalJson(status, fieldAt(crd, 'status'))) return;
  const request = { type: 'merge', subresource: 'status', fieldManager: 'kube-apiserver' } as const;
  cluster.patch(kind, '', nameOf(crd), { status }, request);
}

function establishedStatus(crd: KubeObject, now: Date): JsonObject {
  const names = fieldAt(crd, 'spec', 'names');
  const storage = listAt(crd, 'spec', 'versions').find((version) => fieldAt(version, 'storage') === true);
  const stored = new Set(listAt(crd, 'status', 'storedVersions').filter((version) => typeof version === 'string'));
  const storageVersion = stringAt(storage, 'name');
  if (storageVersion !== undefined) stored.add(storageVersion);
  return {
    conditions: [
      condition(crd, 'NamesAccepted', 'NoConflicts', 'no conflicts found', now),
      condition(crd, 'Established', 'InitialNamesAccepted', 'the initial names have been accepted', now),
    ],
    acceptedNames: isJsonObject(names) ? names : {},
    storedVersions: [...stored],
  };
}

function condition(crd: KubeObject, type: string, reason: string, message: string, now: Date): JsonObject {
  const known = listAt(crd, 'status', 'conditions').find((one) => stringAt(one, 'type') === type);
  const since = stringAt(known, 'lastTransitionTime') ?? timestamp(now);
  const observed = crd.metadata['generation'];
  return {
    type,
    status: 'True',
    lastTransitionTime: since,
    reason,
    message,
    ...(isJsonObject(known) && known['observedGeneration'] !== undefined && observed !== undefined
      ? { observedGeneration: known['observedGeneration'] }
      : {}),
  };
}

function empty(crd: KubeObject, cluster: SimulatedCluster): void {
  const kinds = cluster.catalog.kinds.filter((kind) => kind.custom?.crd === nameOf(crd));
  const [kind] = kinds;
  if (kind !== undefined) {
    for (const object of cluster.list(kind).objects) cluster.delete(kind, namespaceOf(object), nameOf(object));
    if (cluster.list(kind).objects.length > 0) return;
  }
  if (!finalizersOf(crd).includes(crdCleanup)) return;
  const definition = cluster.catalog.byKind('apiextensions.k8s.io', 'v1', 'CustomResourceDefinition');
  if (definition === undefined) return;
  const finalizers = finalizersOf(crd).filter((finalizer) => finalizer !== crdCleanup);
  cluster.patch(
    definition,
    '',
    nameOf(crd),
    { metadata: { finalizers } },
    { type: 'merge', fieldManager: 'kube-apiserver' },
  );
}
