import { type Json, equalJson, fieldAt, isJsonObject } from '../../core/json.ts';
import type { KubeObject } from '../../core/kube/objectKey.ts';

/** Whether two live objects are the same to a plan. */
export function isSameToPlans(a: KubeObject | undefined, b: KubeObject | undefined): boolean {
  if (a === b) return true;
  return a !== undefined && b !== undefined && equalJson(essenceOf(a), essenceOf(b));
}

/**
 * Tells whether live objects changed in what a plan depends on. Status, and what the API server counts, change all the time while pods
 * come and go, and no plan with them.
 */
export class LiveVersions {
  readonly #known = new Map<string, { object: KubeObject; essence: KubeObject }>();
  #version = 0;

  /** A number that grows with each change that counts. Takes the objects as they are now, by key. */
  take(objects: ReadonlyMap<string, KubeObject>): number {
    let changed = false;
    for (const key of this.#known.keys()) {
      if (objects.has(key)) continue;
      this.#known.delete(key);
      changed = true;
    }
    for (const [key, object] of objects) {
      const known = this.#known.get(key);
      if (known?.object === object) continue;
      const essence = essenceOf(object);
      if (known === undefined || !equalJson(known.essence, essence)) changed = true;
      this.#known.set(key, { object, essence });
    }
    if (changed) this.#version += 1;
    return this.#version;
  }
}

function essenceOf(object: KubeObject): KubeObject {
  const { status: _status, ...rest } = object;
  const { resourceVersion: _version, generation: _generation, managedFields, ...metadata } = object.metadata;
  const owners = Array.isArray(managedFields)
    ? managedFields.filter((entry) => fieldAt(entry, 'subresource') !== 'status').map(withoutTime)
    : [];
  return {
    ...rest,
    apiVersion: object.apiVersion,
    kind: object.kind,
    metadata: { ...metadata, managedFields: owners },
  };
}

function withoutTime(entry: Json): Json {
  if (!isJsonObject(entry)) return entry;
  const { time: _time, ...rest } = entry;
  return rest;
}
