import { type Json, type JsonObject, field, isJsonObject } from '../json.ts';
import { type MapShape, type SchemaNode, metadataNode } from '../schema/schemaNode.ts';

/**
 * An object as it comes back from the API server's Go types (semantics N-10, M-18): nulls and empty maps and lists of optional
 * fields are gone, structs that are never absent are there as `{}`, required lists that were not given are null.
 * Of kinds that are not built in only the metadata is such a type. The very object comes back where nothing changes.
 * What Go drops of scalars (`0`, `""`, `false`) cannot be told from a schema and stays (N-11).
 */
export function asGoStores<T extends JsonObject>(object: T, node: SchemaNode): T {
  if (node.builtIn === true) return storedStruct(object, node) as T;
  const before = field(object, 'metadata');
  if (!isJsonObject(before)) return object;
  const metadata = storedStruct(before, metadataNode);
  return metadata === before ? object : { ...object, metadata };
}

/** The struct as Go prints one that nobody filled in: with the structs that are never absent, and null for what is required. */
export function zeroStruct(node: SchemaNode): JsonObject {
  return storedStruct({}, node);
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
    const kept = type === undefined ? item : storedField(item, key, type, node);
    changed ||= kept !== item;
    if (kept !== undefined && key !== '__proto__') out[key] = kept;
  }
  for (const [name, type] of fields) {
    if (Object.hasOwn(out, name)) continue;
    if (isAlwaysThere(type)) out[name] = storedStruct({}, type);
    else if (isNullWhenAbsent(name, type, node)) out[name] = null;
    else continue;
    changed = true;
  }
  return changed ? out : value;
}

function storedField(value: Json, name: string, type: SchemaNode, struct: SchemaNode): Json | undefined {
  if (value === null) {
    if (isAlwaysThere(type)) return storedStruct({}, type);
    return isNullWhenAbsent(name, type, struct) ? null : undefined;
  }
  const isKept = isNullWhenAbsent(name, type, struct) || struct.required?.includes(name) === true;
  return !isKept && isEmptyCollection(value, type) ? undefined : stored(value, type);
}

/** Required lists and maps have no `omitempty`, and some optional fields have none either. */
function isNullWhenAbsent(name: string, type: SchemaNode, struct: SchemaNode): boolean {
  if (struct.printsNull?.includes(name) === true) return true;
  const isCollection = type.scalar === undefined && (type.list ?? type.map) !== undefined;
  return isCollection && struct.required?.includes(name) === true && !isAlwaysThere(type);
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
