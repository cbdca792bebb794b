import { type Json, type JsonObject, isJsonObject } from '../json.ts';
import type { MapShape, SchemaNode } from '../schema/schemaNode.ts';

/**
 * A built-in object as it comes back from the API server's Go types (semantics N-10, M-18): nulls and empty maps and lists of
 * optional fields are gone, structs that are never absent are there as `{}`, required lists that were not given are null.
 * Objects of all other kinds come back as they are, and so does the very object where nothing changes.
 * What Go drops of scalars (`0`, `""`, `false`) cannot be told from a schema and stays (N-11).
 */
export function asGoStores<T extends JsonObject>(object: T, node: SchemaNode): T {
  return node.builtIn === true ? (storedStruct(object, node) as T) : object;
}

function stored(value: Json, node: SchemaNode): Json {
  if (Array.isArray(value)) {
    const items = node.list?.items;
    if (items === undefined) return value;
    const kept = value.map((item) => stored(item, items));
    return kept.every((item, index) => item === value[index]) ? value : kept;
  }
  if (!isJsonObject(value) || node.map === undefined || node.scalar !== undefined) return value;
  return node.map.fields === undefined ? storedMap(value, node.map) : storedStruct(value, node);
}

/** A Go map keeps its keys, whatever their values. */
function storedMap(value: JsonObject, shape: MapShape): Json {
  const values = shape.values;
  if (values === undefined) return value;
  const entries = Object.keys(value).map((key): [string, Json] => [key, stored(value[key] as Json, values)]);
  return entries.every(([key, item]) => item === value[key]) ? value : Object.fromEntries(entries);
}

function storedStruct(value: JsonObject, node: SchemaNode): JsonObject {
  const fields = node.map?.fields;
  if (fields === undefined) return value;
  let changed = false;
  const out: JsonObject = {};
  for (const key of Object.keys(value)) {
    const item = value[key] as Json;
    const type = fields.get(key);
    const kept = type === undefined ? item : storedField(item, type, node.required?.includes(key) === true);
    changed ||= kept !== item;
    if (kept !== undefined && key !== '__proto__') out[key] = kept;
  }
  for (const [name, type] of fields) {
    if (!Object.hasOwn(out, name) && isAlwaysThere(type)) {
      out[name] = storedStruct({}, type);
      changed = true;
    }
  }
  return changed ? out : value;
}

function storedField(value: Json, type: SchemaNode, required: boolean): Json | undefined {
  if (isAlwaysThere(type) && value === null) return storedStruct({}, type);
  if (value === null) return required && type.list !== undefined ? null : undefined;
  if (!required && isEmptyCollection(value, type)) return undefined;
  return stored(value, type);
}

function isEmptyCollection(value: Json, type: SchemaNode): boolean {
  if (Array.isArray(value)) return value.length === 0 && type.scalar === undefined;
  // An empty struct behind a pointer means something (`emptyDir: {}`); an empty Go map does not.
  const isGoMap = type.map !== undefined && type.map.fields === undefined && type.scalar === undefined;
  return isGoMap && isJsonObject(value) && Object.keys(value).length === 0;
}

/** A struct that is not behind a pointer: its schema says so by the default `{}`. */
function isAlwaysThere(type: SchemaNode): boolean {
  const { default: value, map } = type;
  return map?.fields !== undefined && isJsonObject(value) && Object.keys(value).length === 0;
}
