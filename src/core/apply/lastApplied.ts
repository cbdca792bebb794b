import { type Json, type JsonObject, field, fieldAt, isJsonObject, stringAt } from '../json.ts';
import { parseJson, printJson } from '../jsonText.ts';
import type { SchemaNode } from '../schema/schemaNode.ts';
import { compareObjects } from './compare.ts';
import { type FieldSet, emptyFieldSet } from './fieldSet.ts';
import { fieldSetOf } from './fieldSetOf.ts';

/** Where client-side apply keeps what it applied (semantics T-5). */
export const lastAppliedAnnotation = 'kubectl.kubernetes.io/last-applied-configuration';

/** What a client-side applier applied last; undefined where the object does not say, or not readably. */
export function lastAppliedOf(object: Json | undefined): JsonObject | undefined {
  const text = stringAt(object, 'metadata', 'annotations', lastAppliedAnnotation);
  if (text === undefined || text === '') return undefined;
  try {
    const value = parseJson(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The object with the annotation that client-side apply writes: itself as compact JSON with a line break, without the annotation. */
export function withLastApplied<T extends JsonObject>(object: T, applied: JsonObject = object): T {
  return setLastApplied(object, lastAppliedText(applied));
}

function lastAppliedText(applied: JsonObject): string {
  const annotations = fieldAt(applied, 'metadata', 'annotations');
  // Client-side apply prints the annotations even where nothing is left of them.
  const bare = isJsonObject(annotations) ? { ...annotations } : {};
  delete bare[lastAppliedAnnotation];
  const metadata = field(applied, 'metadata');
  const printed = { ...applied, metadata: { ...(isJsonObject(metadata) ? metadata : {}), annotations: bare } };
  return `${printJson(sorted(printed))}\n`;
}

function setLastApplied<T extends JsonObject>(object: T, text: string): T {
  const metadata = field(object, 'metadata');
  const annotations = field(metadata, 'annotations');
  return {
    ...object,
    metadata: {
      ...(isJsonObject(metadata) ? metadata : {}),
      annotations: { ...(isJsonObject(annotations) ? annotations : {}), [lastAppliedAnnotation]: text },
    },
  };
}

/** Go prints the keys of maps sorted. */
function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isJsonObject(value)) return value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, sorted(value[key] as Json)]));
}

/**
 * The fields that `kubectl apply --server-side` may take over without a conflict (semantics M-16): those that client-side apply set
 * and that still have the value it gave them.
 */
export function fieldsOfLastApplied(live: JsonObject, node: SchemaNode): FieldSet {
  const applied = lastAppliedOf(live);
  if (applied === undefined || applied['apiVersion'] !== live['apiVersion']) return emptyFieldSet;
  const { added, modified, removed } = compareObjects(applied, live, node);
  return fieldSetOf(applied, node).difference(modified).difference(added).difference(removed);
}

/**
 * Server-side apply by a manager named `kubectl` brings the annotation up to date where the object has one. The very object where
 * that changes nothing.
 */
export function withUpdatedLastApplied<T extends JsonObject>(object: T, applied: JsonObject): T {
  const before = stringAt(object, 'metadata', 'annotations', lastAppliedAnnotation);
  if (before === undefined || before === '') return object;
  const text = lastAppliedText(applied);
  return text === before ? object : setLastApplied(object, text);
}
