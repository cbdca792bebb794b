import { type Json, type JsonObject, isJsonObject } from '../json.ts';
import { parseJson, printJson } from '../jsonText.ts';
import type { PathSegment } from '../location.ts';
import type { ListShape, SchemaNode } from './schemaNode.ts';

/**
 * One step of a path as a string, spelt as in FieldsV1 (semantics M-20): `f:<name>`, `k:{"name":"x"}` with sorted keys,
 * `v:<scalar>`, `i:<index>`. Equal steps are equal strings, so sets and maps of them need nothing else.
 */
export type PathElement = string;

export function fieldElement(name: string): PathElement {
  return `f:${name}`;
}

export function indexElement(index: number): PathElement {
  return `i:${index}`;
}

export function elementOf(segment: PathSegment): PathElement {
  if ('field' in segment) return fieldElement(segment.field);
  if ('key' in segment) return keyElement(segment.key);
  return 'value' in segment ? `v:${printJson(segment.value)}` : indexElement(segment.index);
}

export function segmentOf(element: PathElement): PathSegment {
  const text = element.slice(2);
  switch (element.charAt(0)) {
    case 'k':
      return { key: parseJson(text) as JsonObject };
    case 'v':
      return { value: parseJson(text) };
    case 'i':
      return { index: Number(text) };
    default:
      return { field: text };
  }
}

const plainElement =
  /^(?:k:\{"[^"\\]*":(?:"[^"\\]*"|\d{1,15}|true|false)\}|v:(?:"[^"\\]*"|\d{1,15}|true|false)|i:\d{1,15})$/s;

/** An element as this module spells it, from one that others wrote; undefined where it is none. */
export function normalElement(text: string): PathElement | undefined {
  if (text.startsWith('f:') || plainElement.test(text)) return text;
  const kind = text.slice(0, 2);
  if (kind !== 'k:' && kind !== 'v:') return undefined;
  try {
    const value = parseJson(text.slice(2));
    if (kind === 'k:') return isJsonObject(value) ? keyElement(value) : undefined;
    return typeof value === 'object' ? undefined : `v:${printJson(value)}`;
  } catch {
    return undefined;
  }
}

/**
 * The step to an item of a keyed list or a set (semantics M-5), or why it has none: the text is the API server's.
 */
export function itemElement(list: ListShape, item: Json): PathElement | { error: string } {
  return list.relationship === 'map' ? keyedElement(list, item) : setElement(item);
}

function setElement(item: Json): PathElement | { error: string } {
  if (item === null) return { error: "associative list without keys has an element that's an explicit null" };
  if (Array.isArray(item)) return { error: 'not supported: associative list with lists as elements' };
  if (typeof item === 'object') return { error: "associative list without keys has an element that's a map type" };
  return `v:${printJson(item)}`;
}

function keyedElement(list: ListShape, item: Json): PathElement | { error: string } {
  if (item === null) return { error: 'associative list with keys may not have a null element' };
  if (!isJsonObject(item)) return { error: 'associative list with keys may not have non-map elements' };
  const { keys, items } = list;
  let parts = '';
  for (const name of sorted(keys)) {
    const value = keyValue(items, item, name);
    if (value !== undefined) parts += `${parts === '' ? '' : ','}${JSON.stringify(name)}:${printJson(value)}`;
  }
  if (parts !== '') return `k:{${parts}}`;
  const names = keys.map((name) => JSON.stringify(name)).join(' ');
  return {
    error: `associative list with keys has an element that omits all key fields [${names}] (and doesn't have default values for any key fields)`,
  };
}

const known = new WeakMap<readonly string[], readonly string[]>();

/** The keys of a list belong to its schema, and are asked for with every item. */
function sorted(keys: readonly string[]): readonly string[] {
  let result = keys.length < 2 ? keys : known.get(keys);
  if (result === undefined) {
    result = keys.toSorted();
    known.set(keys, result);
  }
  return result;
}

/** A missing key field takes its default; without one it is no part of the key. An explicit null is a value. */
function keyValue(items: SchemaNode, item: JsonObject, name: string): Json | undefined {
  if (Object.hasOwn(item, name)) return item[name];
  return items.map?.fields?.get(name)?.default ?? undefined;
}

function keyElement(key: Readonly<JsonObject>): PathElement {
  const names = Object.keys(key).sort();
  return `k:{${names.map((name) => `${JSON.stringify(name)}:${printJson(key[name] ?? null)}`).join(',')}}`;
}
