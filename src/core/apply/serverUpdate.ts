import { field, isJsonObject } from '../json.ts';
import type { KubeObject } from '../kube/objectKey.ts';
import type { SchemaNode } from '../schema/schemaNode.ts';
import type { FieldSet } from './fieldSet.ts';
import {
  type ManagedFieldsEntry,
  ManagerTable,
  managerId,
  readManagedFields,
  withManagedFields,
  withoutManagedFields,
} from './managedFields.ts';
import { emptyObject, statusFields, unownedMetadata } from './serverFields.ts';
import { updateObject } from './updateObject.ts';

export interface UpdateContext {
  manager: string;
  node: SchemaNode;
  /** RFC 3339 with seconds. */
  now: string;
  subresource?: string;
  /** As for `serverApply`. */
  reset?: FieldSet;
  isServed?: (apiVersion: string) => boolean;
}

export interface ServerUpdateInput extends UpdateContext {
  /** As the API server holds it; undefined for a create. */
  live?: KubeObject | undefined;
  /** The whole object as it will be, defaulted: after an update, or a patch of any kind but apply. */
  object: KubeObject;
}

/** The most updaters that an object names; the oldest beyond them become one (semantics M-16). */
const mostUpdaters = 10;

/** The object with its managedFields brought up to date for a create, an update or a patch (semantics M-12, M-14 to M-16). */
export function serverUpdate(input: ServerUpdateInput): KubeObject {
  const live = input.live === undefined ? undefined : withoutManagedFields(input.live);
  const object = withoutManagedFields(input.object);
  const entries = startingEntries(input).filter((entry) => input.isServed?.(entry.apiVersion) ?? true);
  // Of an object without managers only a create is tracked; later updates are not, until the first apply.
  if (entries.length === 0 && live !== undefined) return object;
  return withManagedFields(object, capUpdaters(trackUpdate(entries, live, object, input)));
}

/** Writers may send managedFields of their own: an empty list clears them, what cannot be read counts as none sent. */
function startingEntries({ live, object, subresource }: ServerUpdateInput): ManagedFieldsEntry[] {
  const fromLive = live === undefined ? [] : (readManagedFields(live) ?? []);
  if (subresource !== undefined && subresource !== '') return fromLive;
  const sent = field(object.metadata, 'managedFields');
  if (Array.isArray(sent)) {
    const [only] = sent;
    if (sent.length === 0 || (sent.length === 1 && isJsonObject(only) && Object.keys(only).length === 0)) return [];
  }
  const own = readManagedFields(object) ?? [];
  return own.length > 0 ? own : fromLive;
}

/** The entries after `object` took the place of `live`. The updater's time moves only where it came to own something. */
export function trackUpdate(
  entries: readonly ManagedFieldsEntry[],
  live: KubeObject | undefined,
  object: KubeObject,
  context: UpdateContext,
): ManagedFieldsEntry[] {
  const { node, reset = statusFields } = context;
  const table = new ManagerTable(entries);
  const own: Omit<ManagedFieldsEntry, 'set' | 'time'> = {
    manager: context.manager === '' ? 'unknown' : context.manager,
    operation: 'Update',
    apiVersion: object.apiVersion,
    ...(context.subresource === undefined ? {} : { subresource: context.subresource }),
  };
  // Under a name that no entry has, so that the updater's own older fields are released and taken like those of others.
  const operation = 'current-operation';
  const outcome = updateObject({
    live: live ?? emptyObject(object, node),
    managers: table.sets,
    object,
    manager: operation,
    apiVersion: object.apiVersion,
    node,
    ignored: reset,
  });
  const taken = outcome.managers.get(operation)?.set.difference(unownedMetadata);
  outcome.managers.delete(operation);
  if (taken === undefined || taken.isEmpty) return table.after(outcome.managers);
  const before = outcome.managers.get(managerId(own))?.set;
  const set = before === undefined ? taken : taken.union(before);
  return table.after(outcome.managers, { ...own, time: context.now, set });
}

/** Beyond ten updaters the oldest of each version are merged into `ancient-changes` (semantics M-16). */
function capUpdaters(entries: readonly ManagedFieldsEntry[]): ManagedFieldsEntry[] {
  const updaters = entries.filter((entry) => entry.operation === 'Update').sort(olderFirst);
  const left = new Set(entries);
  let count = updaters.length;
  const oldest = new Map<string, ManagedFieldsEntry>();
  for (const updater of updaters) {
    if (count <= mostUpdaters) break;
    const { apiVersion } = updater;
    const bucket = oldest.get(apiVersion);
    if (bucket === undefined) {
      oldest.set(apiVersion, updater);
      continue;
    }
    const merged: ManagedFieldsEntry = {
      manager: 'ancient-changes',
      operation: 'Update',
      apiVersion,
      ...(updater.time === undefined ? {} : { time: updater.time }),
      set: bucket.set.union(updater.set),
    };
    left.delete(bucket);
    left.delete(updater);
    left.add(merged);
    oldest.set(apiVersion, merged);
    count--;
  }
  return [...left];
}

function olderFirst(a: ManagedFieldsEntry, b: ManagedFieldsEntry): number {
  const byTime = secondsOf(a) - secondsOf(b);
  if (byTime !== 0) return byTime;
  const [left, right] = [managerId(a), managerId(b)];
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

function secondsOf({ time }: ManagedFieldsEntry): number {
  const milliseconds = time === undefined ? 0 : Date.parse(time);
  return Number.isNaN(milliseconds) ? 0 : Math.floor(milliseconds / 1000);
}
