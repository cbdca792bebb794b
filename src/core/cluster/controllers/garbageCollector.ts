import { type KubeObject, nameOf, namespaceOf } from '../../kube/objectKey.ts';
import type { Controller, ObjectRef } from '../controllerLoop.ts';
import { finalizersOf, isDeleting, ownersOf, uidOf, withMetadata } from '../metadata.ts';
import { storageKeyOf } from '../servedKind.ts';
import type { SimulatedCluster } from '../simulatedCluster.ts';
import { controllerManager, kindOf, refOf } from './controlled.ts';

/** Removes what belonged to objects that are gone, and finishes deletes that wait for it (foreground) or that leave it (orphan). */
export const garbageCollector: Controller = {
  name: 'garbageCollector',
  concerns: (change, cluster) => {
    const { object } = change;
    const refs: ObjectRef[] = [];
    if (change.type === 'DELETED') refs.push(...dependentsOf(cluster, object), ...waitingOwners(cluster, object));
    else if (ownersOf(object).length > 0 || waitsFor(object) !== undefined) refs.push(refOf(change.storageKey, object));
    return refs;
  },
  reconcile: (ref, cluster) => {
    const object = cluster.store.get(ref.storageKey, ref.namespace, ref.name);
    if (object === undefined) return undefined;
    const wait = waitsFor(object);
    if (wait === 'foregroundDeletion') finishForeground(ref, object, cluster);
    else if (wait === 'orphan') orphan(ref, object, cluster);
    else if (!isDeleting(object)) collect(ref, object, cluster);
    return undefined;
  },
};

function waitsFor(object: KubeObject): 'foregroundDeletion' | 'orphan' | undefined {
  if (!isDeleting(object)) return undefined;
  const finalizers = finalizersOf(object);
  if (finalizers.includes('foregroundDeletion')) return 'foregroundDeletion';
  return finalizers.includes('orphan') ? 'orphan' : undefined;
}

function dependentsOf(cluster: SimulatedCluster, owner: KubeObject): ObjectRef[] {
  return cluster.store.ownedBy(uidOf(owner)).map(({ storageKey, object }) => refOf(storageKey, object));
}

/** Owners that wait in the foreground until the last of their own is gone. */
function waitingOwners(cluster: SimulatedCluster, object: KubeObject): ObjectRef[] {
  return ownersOf(object).flatMap((reference) => {
    const found = ownerOf(cluster, object, reference);
    return found === undefined || waitsFor(found.object) === undefined ? [] : [refOf(found.storageKey, found.object)];
  });
}

function ownerOf(
  cluster: SimulatedCluster,
  object: KubeObject,
  reference: { apiVersion: string; kind: string; name: string; uid: string },
): { storageKey: string; object: KubeObject } | undefined {
  const group = reference.apiVersion.includes('/') ? (reference.apiVersion.split('/')[0] ?? '') : '';
  const kind = cluster.catalog.anyVersion(group, reference.kind);
  if (kind === undefined) return undefined;
  const found = cluster.store.get(storageKeyOf(kind), kind.namespaced ? namespaceOf(object) : '', reference.name);
  return found !== undefined && uidOf(found) === reference.uid
    ? { storageKey: storageKeyOf(kind), object: found }
    : undefined;
}

/** An object all of whose owners are gone goes too; owners of kinds that nobody serves are given the benefit of the doubt. */
function collect(ref: ObjectRef, object: KubeObject, cluster: SimulatedCluster): void {
  const owners = ownersOf(object);
  const isGone = owners.every((reference) => {
    const group = reference.apiVersion.includes('/') ? (reference.apiVersion.split('/')[0] ?? '') : '';
    return (
      cluster.catalog.anyVersion(group, reference.kind) !== undefined &&
      ownerOf(cluster, object, reference) === undefined
    );
  });
  const kind = kindOf(cluster, ref.storageKey);
  if (owners.length > 0 && isGone && kind !== undefined) cluster.delete(kind, ref.namespace, ref.name);
}

function finishForeground(ref: ObjectRef, owner: KubeObject, cluster: SimulatedCluster): void {
  for (const dependent of dependentsOf(cluster, owner)) {
    const kind = kindOf(cluster, dependent.storageKey);
    const object = cluster.store.get(dependent.storageKey, dependent.namespace, dependent.name);
    if (kind === undefined || object === undefined || isDeleting(object)) continue;
    cluster.delete(kind, dependent.namespace, dependent.name, { propagation: 'Foreground' });
  }
  const blocking = dependentsOf(cluster, owner).some(({ storageKey, namespace, name }) => {
    const object = cluster.store.get(storageKey, namespace, name);
    return object !== undefined && ownersOf(object).some((one) => one.uid === uidOf(owner) && one.blockOwnerDeletion);
  });
  if (!blocking) removeFinalizer(ref, owner, 'foregroundDeletion', cluster);
}

function orphan(ref: ObjectRef, owner: KubeObject, cluster: SimulatedCluster): void {
  for (const dependent of dependentsOf(cluster, owner)) {
    const object = cluster.store.get(dependent.storageKey, dependent.namespace, dependent.name);
    const kind = kindOf(cluster, dependent.storageKey);
    const references = object?.metadata['ownerReferences'];
    if (object === undefined || kind === undefined || !Array.isArray(references)) continue;
    const left = references.filter((_, index) => ownersOf(object)[index]?.uid !== uidOf(owner));
    cluster.update(kind, dependent.namespace, dependent.name, withMetadata(object, { ownerReferences: left }), {
      fieldManager: controllerManager,
    });
  }
  removeFinalizer(ref, owner, 'orphan', cluster);
}

function removeFinalizer(ref: ObjectRef, object: KubeObject, finalizer: string, cluster: SimulatedCluster): void {
  const kind = kindOf(cluster, ref.storageKey);
  if (kind === undefined) return;
  const finalizers = finalizersOf(object).filter((one) => one !== finalizer);
  const next = withMetadata(object, { finalizers });
  cluster.update(kind, namespaceOf(object), nameOf(object), next, { fieldManager: controllerManager });
}
