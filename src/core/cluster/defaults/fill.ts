import { type Json, type JsonObject, isJsonObject } from '../../json.ts';

/** Defaulting changes the copy that `withBuiltInDefaults` made; these find the places in it. */

/** Sets a field that is missing or null. */
export function fill(object: JsonObject, key: string, value: Json): void {
  if (object[key] === undefined || object[key] === null) object[key] = value;
}

/** Sets a text that is missing or empty: Go does not tell the two apart. */
export function fillText(object: JsonObject, key: string, value: string): void {
  if (object[key] === '') delete object[key];
  fill(object, key, value);
}

/** The map at a path, or undefined where there is none. */
export function mapAt(object: JsonObject, ...path: readonly string[]): JsonObject | undefined {
  let found: Json | undefined = object;
  for (const key of path) found = isJsonObject(found) && Object.hasOwn(found, key) ? found[key] : undefined;
  return isJsonObject(found) ? found : undefined;
}

/** The map at a key, made where it is missing. */
export function madeMap(object: JsonObject, key: string): JsonObject {
  const found = object[key];
  if (isJsonObject(found)) return found;
  const made: JsonObject = {};
  object[key] = made;
  return made;
}

/** The maps in a list; empty where there is no list. */
export function mapsAt(object: JsonObject | undefined, key: string): JsonObject[] {
  const found = object?.[key];
  return Array.isArray(found) ? found.filter(isJsonObject) : [];
}
