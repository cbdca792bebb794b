import { type Json, type JsonObject, field, stringAt } from '../json.ts';

export interface GroupVersionKind {
  /** Empty for the core group. */
  group: string;
  version: string;
  kind: string;
}

/** What identifies an object in a cluster, whatever version it is written in (semantics I-1). */
export interface ObjectKey {
  group: string;
  kind: string;
  /** Empty for a cluster-scoped object. */
  namespace: string;
  name: string;
}

/** An object with the fields that every Kubernetes object has. */
export interface KubeObject extends JsonObject {
  apiVersion: string;
  kind: string;
  metadata: JsonObject;
}

export function isKubeObject(value: Json | undefined): value is KubeObject {
  return (
    typeof field(value, 'apiVersion') === 'string' &&
    typeof field(value, 'kind') === 'string' &&
    typeof field(field(value, 'metadata'), 'name') === 'string'
  );
}

export function groupVersionKindOf(object: { apiVersion: string; kind: string }): GroupVersionKind {
  const slash = object.apiVersion.indexOf('/');
  const group = slash === -1 ? '' : object.apiVersion.slice(0, slash);
  return { group, version: object.apiVersion.slice(slash + 1), kind: object.kind };
}

export function apiVersionOf(gv: { group: string; version: string }): string {
  return gv.group === '' ? gv.version : `${gv.group}/${gv.version}`;
}

export function nameOf(object: KubeObject): string {
  return stringAt(object, 'metadata', 'name') ?? '';
}

export function namespaceOf(object: KubeObject): string {
  return stringAt(object, 'metadata', 'namespace') ?? '';
}

export function keyOf(object: KubeObject): ObjectKey {
  return {
    group: groupVersionKindOf(object).group,
    kind: object.kind,
    namespace: namespaceOf(object),
    name: nameOf(object),
  };
}

/** A string that is equal exactly for equal keys; for maps and sets. */
export function keyText(key: ObjectKey): string {
  return `${key.group}/${key.kind}/${key.namespace}/${key.name}`;
}

/** `Deployment podinfo/podinfo`, as people read it. */
export function describeKey(key: { kind: string; namespace: string; name: string }): string {
  return key.namespace === '' ? `${key.kind} ${key.name}` : `${key.kind} ${key.namespace}/${key.name}`;
}
