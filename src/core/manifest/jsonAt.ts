import { type Json, cloneJson, equalJson, field, isJsonObject } from '../json.ts';
import type { PathSegment } from '../location.ts';

/** The position of the list item that a segment names, or -1. */
export function itemIndex(
  items: readonly (Json | undefined)[],
  segment: Exclude<PathSegment, { field: string }>,
): number {
  if ('index' in segment) return segment.index < items.length ? segment.index : -1;
  if ('value' in segment) return items.findIndex((item) => equalJson(item, segment.value));
  const names = Object.keys(segment.key);
  const equal = (item: Json | undefined, name: string): boolean => equalJson(field(item, name), segment.key[name]);
  const exact = items.findIndex((item) => names.every((name) => equal(item, name)));
  if (exact !== -1) return exact;
  // A key field that a file leaves out has its default (semantics M-5), and no second item can have the same key.
  return items.findIndex(
    (item) =>
      isJsonObject(item) &&
      names.some((name) => equal(item, name)) &&
      names.every((name) => field(item, name) === undefined || equal(item, name)),
  );
}

/** The value at a path, or undefined. */
export function jsonAt(root: Json, segments: readonly PathSegment[]): Json | undefined {
  let found: Json | undefined = root;
  for (const segment of segments) {
    if ('field' in segment) found = field(found, segment.field);
    else if (!Array.isArray(found)) return undefined;
    else found = found[itemIndex(found, segment)];
  }
  return found;
}

/** A change of one place: a new value, or undefined to remove it. */
export interface JsonChange {
  segments: readonly PathSegment[];
  value: Json | undefined;
  /** Where in the list a new item goes; at its end unless told. */
  insertAt?: number;
}

/** What a value is after a change; undefined where the path leads through something that is neither map nor list. */
export function withChange(root: Json, change: JsonChange): Json | undefined {
  const [segment, ...rest] = change.segments;
  if (segment === undefined) return change.value === undefined ? undefined : cloneJson(change.value);
  if ('field' in segment) {
    if (root !== null && !isJsonObject(root)) return undefined;
    const copy = { ...root };
    if (rest.length === 0 && change.value === undefined) delete copy[segment.field];
    else {
      const inner = withChange(field(root, segment.field) ?? null, { ...change, segments: rest });
      if (inner === undefined) return undefined;
      copy[segment.field] = inner;
    }
    return copy;
  }
  if (root !== null && !Array.isArray(root)) return undefined;
  const items = [...(root ?? [])];
  const index = itemIndex(items, segment);
  if (rest.length === 0 && change.value === undefined) {
    if (index !== -1) items.splice(index, 1);
  } else {
    const held = index === -1 ? newItem(segment) : (items[index] ?? null);
    const inner = withChange(held, { ...change, segments: rest });
    if (inner === undefined) return undefined;
    if (index === -1) items.splice(change.insertAt ?? items.length, 0, inner);
    else items[index] = inner;
  }
  return items;
}

/** What an item that a path names is before anything is set in it: its key fields. */
function newItem(segment: Exclude<PathSegment, { field: string }>): Json {
  return 'key' in segment ? { ...segment.key } : null;
}
