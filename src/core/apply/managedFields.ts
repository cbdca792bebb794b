import { type Json, type JsonObject, field, isJsonObject, stringAt } from '../json.ts';
import type { PathSegment } from '../location.ts';
import type { FieldManager } from '../report.ts';
import type { FieldSet } from './fieldSet.ts';
import { readFieldsV1, writeFieldsV1 } from './fieldsV1.ts';
import type { ManagedSet } from './managers.ts';

/** One entry of `metadata.managedFields`. */
export interface ManagedFieldsEntry {
  manager: string;
  operation: 'Apply' | 'Update';
  /** Of the object when the fields were recorded. */
  apiVersion: string;
  subresource?: string;
  /** RFC 3339; some writers leave none (`scale`, an apply that changed nothing). */
  time?: string;
  set: FieldSet;
}

/** The entries of an object's managedFields; empty where it has none, undefined where they cannot be read, as the server would not. */
export function readManagedFields(object: Json): ManagedFieldsEntry[] | undefined {
  const entries = field(field(object, 'metadata'), 'managedFields') ?? [];
  if (!Array.isArray(entries)) return undefined;
  const read = entries.map(readEntry);
  return read.every((entry) => entry !== undefined) ? read : undefined;
}

function readEntry(entry: Json): ManagedFieldsEntry | undefined {
  const operation = stringAt(entry, 'operation');
  const apiVersion = stringAt(entry, 'apiVersion') ?? '';
  if ((operation !== 'Apply' && operation !== 'Update') || apiVersion === '') return undefined;
  if (stringAt(entry, 'fieldsType') !== 'FieldsV1') return undefined;
  const set = readFieldsV1(field(entry, 'fieldsV1'));
  if (set === undefined) return undefined;
  const time = stringAt(entry, 'time');
  return {
    manager: stringAt(entry, 'manager') ?? '',
    operation,
    apiVersion,
    ...subresourceOf(stringAt(entry, 'subresource')),
    ...(time === undefined ? {} : { time }),
    set,
  };
}

/** The entries as `metadata.managedFields` holds them, in the API server's order: Apply first, then by time, manager and version. */
function writeManagedFields(entries: readonly ManagedFieldsEntry[]): JsonObject[] {
  return [...entries].sort(compareEntries).map((entry) => ({
    ...(entry.manager === '' ? {} : { manager: entry.manager }),
    operation: entry.operation,
    apiVersion: entry.apiVersion,
    ...(entry.time === undefined ? {} : { time: entry.time }),
    fieldsType: 'FieldsV1',
    fieldsV1: writeFieldsV1(entry.set),
    ...subresourceOf(entry.subresource),
  }));
}

function compareEntries(a: ManagedFieldsEntry, b: ManagedFieldsEntry): number {
  return (
    compareText(a.operation, b.operation) ||
    secondsOf(a.time) - secondsOf(b.time) ||
    compareText(a.manager, b.manager) ||
    compareText(a.apiVersion, b.apiVersion) ||
    compareText(a.subresource ?? '', b.subresource ?? '')
  );
}

/** The managers that own a path, or an atomic value that it lies in. */
export function ownersOf(
  entries: readonly ManagedFieldsEntry[],
  segments: readonly PathSegment[],
): ManagedFieldsEntry[] {
  return entries.filter((entry) => entry.set.covers(segments));
}

/** An entry's manager, as reports name it. */
export function fieldManagerOf(entry: ManagedFieldsEntry): FieldManager {
  return {
    name: entry.manager,
    operation: entry.operation,
    ...subresourceOf(entry.subresource),
    ...(entry.time === undefined ? {} : { time: entry.time }),
  };
}

/** The object without its managedFields; the very object where it has none. */
export function withoutManagedFields<T extends JsonObject>(object: T): T {
  const metadata = field(object, 'metadata');
  if (!isJsonObject(metadata) || !Object.hasOwn(metadata, 'managedFields')) return object;
  const { managedFields: _, ...rest } = metadata;
  return { ...object, metadata: rest };
}

/** The object with these managedFields in place of those it has; without entries it has none. */
export function withManagedFields<T extends JsonObject>(object: T, entries: readonly ManagedFieldsEntry[]): T {
  const bare = withoutManagedFields(object);
  if (entries.length === 0) return bare;
  const metadata = field(bare, 'metadata');
  return {
    ...bare,
    metadata: { ...(isJsonObject(metadata) ? metadata : {}), managedFields: writeManagedFields(entries) },
  };
}

/**
 * What makes two entries one manager (semantics M-14): name, operation and subresource, and for updates the version.
 * Sorts as the API server's own identifiers do.
 */
export function managerId(entry: Omit<ManagedFieldsEntry, 'set' | 'time'>): string {
  const { manager, operation, apiVersion, subresource } = entry;
  return JSON.stringify({
    ...(manager === '' ? {} : { manager }),
    operation,
    ...(operation === 'Apply' ? {} : { apiVersion }),
    ...subresourceOf(subresource),
  });
}

/** The entries of one object while they are worked on: sets by manager, and what the sets do not say. */
export class ManagerTable {
  readonly #sets = new Map<string, ManagedSet>();
  readonly #entries = new Map<string, ManagedFieldsEntry>();

  constructor(entries: readonly ManagedFieldsEntry[]) {
    for (const entry of entries) this.#remember(entry);
  }

  get sets(): ReadonlyMap<string, ManagedSet> {
    return this.#sets;
  }

  get(id: string): ManagedFieldsEntry | undefined {
    return this.#entries.get(id);
  }

  #remember(entry: ManagedFieldsEntry): void {
    const id = managerId(entry);
    this.#sets.set(id, { set: entry.set, apiVersion: entry.apiVersion, applied: entry.operation === 'Apply' });
    this.#entries.set(id, entry);
  }

  /** The entries with the sets that an operation left; managers that have none any more are dropped. `added` is the operation's own. */
  after(sets: ReadonlyMap<string, ManagedSet>, added?: ManagedFieldsEntry): ManagedFieldsEntry[] {
    const own = added === undefined ? undefined : managerId(added);
    const entries: ManagedFieldsEntry[] = [];
    for (const [id, { set, apiVersion }] of sets) {
      const entry = this.#entries.get(id);
      if (id !== own && entry !== undefined && !set.isEmpty) entries.push({ ...entry, set, apiVersion });
    }
    if (added !== undefined && !added.set.isEmpty) entries.push(added);
    return entries;
  }
}

/**
 * The new object with the old times, where nothing but the times of managedFields differs: the API server does not write such a
 * change at all.
 */
export function keepTimes<T extends JsonObject>(
  object: T,
  entries: readonly ManagedFieldsEntry[],
  before: readonly ManagedFieldsEntry[],
): T {
  const old = new Map(before.map((entry) => [managerId(entry), entry]));
  const same =
    entries.length === before.length &&
    entries.every((entry) => old.get(managerId(entry))?.set.equals(entry.set) === true);
  return withManagedFields(object, same ? before : entries);
}

function subresourceOf(subresource: string | undefined): { subresource?: string } {
  return subresource === undefined || subresource === '' ? {} : { subresource };
}

function secondsOf(time: string | undefined): number {
  const milliseconds = time === undefined ? 0 : Date.parse(time);
  return Number.isNaN(milliseconds) ? 0 : Math.floor(milliseconds / 1000);
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
