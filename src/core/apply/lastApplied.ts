import { type Json, type JsonObject, field, isJsonObject, stringAt } from '../json.ts';
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
export function withLastApplied<T extends JsonObject>(object: T): T {
  // kubectl prints the annotations even where there are none.
  return setLastApplied(object, lastAppliedText(object, {}));
}

/** `none` stands for annotations that the applied object has not. */
function lastAppliedText(applied: JsonObject, none: JsonObject | undefined): string {
  const metadata = field(applied, 'metadata');
  const annotations = field(metadata, 'annotations');
  const bare = isJsonObject(annotations) ? { ...annotations } : none;
  if (bare !== undefined) delete bare[lastAppliedAnnotation];
  const printed = {
    ...applied,
    metadata: { ...(isJsonObject(metadata) ? metadata : {}), ...(bare === undefined ? {} : { annotations: bare }) },
  };
  return `${escapedAsGo(printJson(sorted(printed)))}\n`;
}

/** Go's JSON printer keeps what HTML or JavaScript could misread out of strings (verified on 1.35.4). */
function escapedAsGo(json: string): string {
  return json.replaceAll(/[<>&\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
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
  const text = lastAppliedText(applied, undefined);
  return text === before ? object : setLastApplied(object, text);
}
