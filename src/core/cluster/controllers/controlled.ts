import { type Json, type JsonObject, equalJson, fieldAt, isJsonObject, listAt, stringAt } from '../../json.ts';
import { type KubeObject, nameOf, namespaceOf } from '../../kube/objectKey.ts';
import type { ObjectRef } from '../controllerLoop.ts';
import { isControlledBy, ownersOf, timestamp, uidOf } from '../metadata.ts';
import type { StoreChange } from '../objectStore.ts';
import type { ServedKind } from '../servedKind.ts';
import type { SimulatedCluster } from '../simulatedCluster.ts';

/** What the controllers have in common. They write as the manager that the real ones write as. */
export const controllerManager = 'kube-controller-manager';

export function kindOf(cluster: SimulatedCluster, storageKey: string): ServedKind | undefined {
  const slash = storageKey.indexOf('/');
  return cluster.catalog.preferred(storageKey.slice(0, slash), storageKey.slice(slash + 1));
}

export function refOf(storageKey: string, object: KubeObject): ObjectRef {
  return { storageKey, namespace: namespaceOf(object), name: nameOf(object) };
}

/** For `concerns`: the object itself where it is of a kind, and the owner of that kind where it belongs to one. */
export function selfOrOwner(change: StoreChange, storageKey: string, ownerKind: string, children: string): ObjectRef[] {
  if (change.storageKey === storageKey) return change.type === 'DELETED' ? [] : [refOf(storageKey, change.object)];
  if (change.storageKey !== children) return [];
  const namespace = namespaceOf(change.object);
  return ownersOf(change.object)
    .filter((owner) => owner.controller && owner.kind === ownerKind)
    .map(({ name }) => ({ storageKey, namespace, name }));
}

/** The objects of a kind that belong to an owner, oldest first. */
export function childrenOf(cluster: SimulatedCluster, storageKey: string, owner: KubeObject): KubeObject[] {
  return cluster.store
    .ownedBy(uidOf(owner))
    .filter((owned) => owned.storageKey === storageKey && isControlledBy(owned.object, owner))
    .map(({ object }) => object)
    .sort((a, b) =>
      compareText(textAt(a, 'metadata', 'creationTimestamp'), textAt(b, 'metadata', 'creationTimestamp')),
    );
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

export function textAt(value: Json | undefined, ...path: readonly string[]): string {
  return stringAt(value, ...path) ?? '';
}

export function numberAt(value: Json | undefined, ...path: readonly string[]): number {
  const found = fieldAt(value, ...path);
  return typeof found === 'number' ? found : 0;
}

export function mapAt(value: Json | undefined, ...path: readonly string[]): JsonObject {
  const found = fieldAt(value, ...path);
  return isJsonObject(found) ? found : {};
}

/** Writes a status where it differs, as a controller does through the subresource. */
export function writeStatus(
  cluster: SimulatedCluster,
  storageKey: string,
  object: KubeObject,
  status: JsonObject,
  fieldManager = controllerManager,
): void {
  const kind = kindOf(cluster, storageKey);
  const live = cluster.store.get(storageKey, namespaceOf(object), nameOf(object));
  if (kind === undefined || live === undefined || equalJson(live['status'], status)) return;
  cluster.update(kind, namespaceOf(live), nameOf(live), { ...live, status }, { subresource: 'status', fieldManager });
}

/** The conditions of an object with one set; its transition time moves with its status alone. */
export function withCondition(
  object: KubeObject,
  condition: { type: string; status: 'True' | 'False' | 'Unknown'; reason: string; message: string },
  now: Date,
  options: { updateTime?: boolean } = {},
): Json[] {
  const conditions = listAt(object, 'status', 'conditions');
  const known = conditions.find((one) => textAt(one, 'type') === condition.type);
  const time = timestamp(now);
  const isSame = known !== undefined && textAt(known, 'status') === condition.status;
  const unchanged =
    isSame && textAt(known, 'reason') === condition.reason && textAt(known, 'message') === condition.message;
  if (unchanged) return [...conditions];
  const next: JsonObject = {
    ...condition,
    lastTransitionTime: isSame ? textAt(known, 'lastTransitionTime') : time,
    ...(options.updateTime === true ? { lastUpdateTime: time } : {}),
  };
  return known === undefined ? [...conditions, next] : conditions.map((one) => (one === known ? next : one));
}

/** A percentage or number of replicas; percentages round up for surge and down for what may be missing. */
export function shareOf(value: Json | undefined, total: number, round: 'up' | 'down'): number {
  if (typeof value === 'number') return value;
  const percent = typeof value === 'string' && value.endsWith('%') ? Number(value.slice(0, -1)) : 0;
  const share = (total * (Number.isNaN(percent) ? 0 : percent)) / 100;
  return round === 'up' ? Math.ceil(share) : Math.floor(share);
}

/** A short name that is equal for equal values: FNV-1a in the letters of generated names. */
export function hashOf(value: Json): string {
  const text = JSON.stringify(sorted(value));
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193) >>> 0;
  const letters = 'bcdfghjklmnpqrstvwxz2456789';
  let name = '';
  for (let rest = hash; name.length < 9; rest = Math.floor(rest / letters.length) || hash + name.length) {
    name += letters[rest % letters.length] ?? '';
  }
  return name;
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key] ?? null)]),
  );
}
