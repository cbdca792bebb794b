import { type Json, isJsonObject } from '../../../../src/core/json.ts';

const uid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** An answer without what differs from one time to the next: uids, times, versions, random names. */
export function withoutChance(value: Json): Json {
  if (typeof value === 'string')
    return value.replaceAll(uid, 'UID').replace(/^kube-api-access-\w{5}$/, 'kube-api-access-RANDOM');
  if (Array.isArray(value)) return value.map(withoutChance);
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value)
    .filter(([key]) => !['creationTimestamp', 'resourceVersion', 'time', 'lastPhaseTransitionTime'].includes(key))
    .map(([key, item]): [string, Json] => [key, withoutChance(item)]);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
