import { type Json, type JsonObject, fieldAt, isJsonObject } from '../json.ts';

/** Whose entries are schemas by name, whatever the names are. */
const named = new Set(['properties', 'patternProperties']);
/** Whose entries are schemas in a list. */
const listed = new Set(['allOf', 'anyOf', 'oneOf']);
/** What holds one schema. */
const single = new Set(['items', 'additionalProperties', 'not']);

/**
 * An OpenAPI v3 document without its operations and the prose of its schemas, of which nothing here makes use: a tenth of it, where
 * every run has to parse what it needs.
 */
export function leanOpenApi(document: Json): Json {
  const schemas = fieldAt(document, 'components', 'schemas');
  return isJsonObject(schemas) ? { components: { schemas: leanEach(schemas) } } : document;
}

function lean(schema: Json): Json {
  if (!isJsonObject(schema)) return schema;
  const kept = Object.entries(schema).filter(([key, value]) => key !== 'description' || typeof value !== 'string');
  return Object.fromEntries(kept.map(([key, value]) => [key, leanBelow(key, value)]));
}

function leanBelow(key: string, value: Json): Json {
  if (named.has(key) && isJsonObject(value)) return leanEach(value);
  if (listed.has(key) && Array.isArray(value)) return value.map(lean);
  return single.has(key) ? lean(value) : value;
}

function leanEach(schemas: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, lean(schema)]));
}
