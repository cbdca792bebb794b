import { type Json, type JsonObject, cloneJson, field, isJsonObject } from '../json.ts';

/**
 * A custom resource with the defaults of its structural schema. A null where the schema allows none counts as missing: it takes the
 * default, or goes where there is none and `dropNulls` says so (semantics N-10). The very value where nothing changes.
 */
export function withCustomDefaults(value: Json, schema: Json | undefined, dropNulls: boolean): Json {
  if (Array.isArray(value)) {
    const items = field(schema, 'items');
    return items === undefined ? value : value.map((item) => withCustomDefaults(item, items, dropNulls));
  }
  if (!isJsonObject(value)) return value;
  const properties = field(schema, 'properties');
  const additional = field(schema, 'additionalProperties');
  const out: JsonObject = { ...value };
  for (const [name, property] of Object.entries(isJsonObject(properties) ? properties : {})) {
    const present = Object.hasOwn(out, name) ? out[name] : undefined;
    if (present !== undefined && (present !== null || field(property, 'nullable') === true)) continue;
    const fallback = field(property, 'default');
    if (fallback !== undefined) out[name] = cloneJson(fallback);
    else if (present === null && dropNulls) delete out[name];
  }
  for (const name of Object.keys(out)) {
    const property = field(properties, name) ?? (isJsonObject(additional) ? additional : undefined);
    if (property !== undefined) out[name] = withCustomDefaults(out[name] as Json, property, dropNulls);
  }
  return out;
}
