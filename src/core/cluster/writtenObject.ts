import { keepTimes, readManagedFields, withManagedFields, withoutManagedFields } from '../apply/managedFields.ts';
import { equalJson } from '../json.ts';
import type { KubeObject } from '../kube/objectKey.ts';
import { type FieldError, invalidValue } from './fieldError.ts';
import { uidOf } from './metadata.ts';

/** The API server keeps no time of what the `scale` subresource changed (verified on 1.35.4). */
export function withoutScaleTimes(object: KubeObject): KubeObject {
  const entries = readManagedFields(object);
  if (entries?.some((entry) => entry.subresource === 'scale' && entry.time !== undefined) !== true) return object;
  const timeless = entries.map((entry) => {
    if (entry.subresource !== 'scale') return entry;
    const { time: _, ...rest } = entry;
    return rest;
  });
  return withManagedFields(object, timeless);
}

/** An object in which nothing but the times of managedFields is new keeps the old ones: the API server does not write it. */
export function withOldTimes(object: KubeObject, live: KubeObject): KubeObject {
  const [entries, before] = [readManagedFields(object), readManagedFields(live)];
  if (entries === undefined || before === undefined) return object;
  if (!equalJson(withoutManagedFields(object), withoutManagedFields(live))) return object;
  return keepTimes(object, entries, before);
}

/** A uid that was sent has to be the object's own. */
export function changedUid(sent: KubeObject, live: KubeObject): FieldError[] {
  const uid = uidOf(sent);
  return uid === '' || uid === uidOf(live) ? [] : [invalidValue('metadata.uid', uid, 'field is immutable')];
}
