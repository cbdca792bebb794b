import { lastAppliedAnnotation } from '../apply/lastApplied.ts';
import { type Json, type JsonObject, cloneJson, field, fieldAt, isJsonObject } from '../json.ts';
import { parseJson, printJson } from '../jsonText.ts';
import type { KubeObject } from '../kube/objectKey.ts';
import type { PathSegment } from '../location.ts';
import { canonicalBase64, decodeBase64, encodeBase64 } from '../text/base64.ts';

/** Says of a value that it came from a Secret, wherever it stands now (taint, design §3.1). */
export type TaintPredicate = (segments: readonly PathSegment[], value: Json | undefined) => boolean;

/** What a Secret holds in the open. All else is hidden, whatever it is called: a map of values with its name misspelt is one all the same. */
const openFields: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata', 'type', 'immutable', 'sops']);

export function isSecret(object: { apiVersion: string; kind: string }): boolean {
  return object.kind === 'Secret' && object.apiVersion === 'v1';
}

/** Whether a path of an object leads to, into or above Secret values (semantics S-1). */
export function isSecretPath(object: { apiVersion: string; kind: string }, segments: readonly PathSegment[]): boolean {
  const [first, second, third] = segments;
  if (first === undefined || !('field' in first)) return false;
  if (!isSecret(object)) return false;
  if (!openFields.has(first.field)) return true;
  return (
    first.field === 'metadata' &&
    second !== undefined &&
    'field' in second &&
    second.field === 'annotations' &&
    (third === undefined || ('field' in third && third.field === lastAppliedAnnotation))
  );
}

/** What encrypts a Secret in Git, so that only its keys can be compared (semantics S-4). */
export type Encryption = 'sops' | 'sealed-secret' | 'external-secret';

/** How an object in Git hides its values; undefined where it does not. */
export function encryptionOf(object: KubeObject): Encryption | undefined {
  if (object.kind === 'SealedSecret' && object.apiVersion.startsWith('bitnami.com/')) return 'sealed-secret';
  if (/^(?:Cluster)?ExternalSecret$/.test(object.kind) && object.apiVersion.startsWith('external-secrets.io/')) {
    return 'external-secret';
  }
  if (isJsonObject(object['sops'])) return 'sops';
  for (const map of ['data', 'stringData']) {
    const values = object[map];
    if (isJsonObject(values) && Object.values(values).some(isSopsValue)) return 'sops';
  }
  return undefined;
}

/** SOPS writes `ENC[AES256_GCM,…]`, in `data` perhaps once more as base64. */
function isSopsValue(value: Json): boolean {
  if (typeof value !== 'string') return false;
  return value.startsWith('ENC[') || (value.startsWith('RU5DW') && (decodeBase64(value) ?? '').startsWith('ENC['));
}

/**
 * Masks for the documents of one diff: equal values get equal masks and different values different ones, so a diff of masked documents
 * shows what changed and never what it is (semantics S-2). Masks are numbered in the order in which values are met.
 */
export class Masks {
  readonly #masks = new Map<string, string>();

  /** The mask of a value; base64 and the text it stands for count as one. */
  of(value: Json, encoded: boolean): string {
    const text = typeof value === 'string' ? value : printJson(value);
    const identity = canonicalBase64(encoded ? text : encodeBase64(text));
    let mask = this.#masks.get(identity);
    if (mask === undefined) {
      mask = `*** (${this.#masks.size + 1})`;
      this.#masks.set(identity, mask);
    }
    return mask;
  }
}

/**
 * A copy of an object that may be shown: values of a Secret masked, in its last-applied annotation too; an annotation that cannot be
 * read is masked whole (semantics S-3). Pass the same `masks` for all documents of one diff. Where nothing is secret the very same object.
 */
export function maskObject(object: KubeObject, masks: Masks = new Masks(), isTainted?: TaintPredicate): KubeObject {
  if (!isSecret(object))
    return isTainted === undefined ? object : (maskTainted(object, [], masks, isTainted) as KubeObject);
  const result: KubeObject = { ...object };
  for (const name of Object.keys(object)) {
    if (!openFields.has(name)) result[name] = maskValues(object[name] ?? null, masks, name === 'data');
  }
  const annotation = fieldAt(object, 'metadata', 'annotations', lastAppliedAnnotation);
  if (annotation !== undefined) {
    const metadata = cloneJson(object.metadata);
    (metadata['annotations'] as JsonObject)[lastAppliedAnnotation] = maskAnnotation(annotation, masks);
    result.metadata = metadata;
  }
  return result;
}

function maskValues(values: Json, masks: Masks, encoded: boolean): Json {
  if (!isJsonObject(values)) return values === null ? null : masks.of(values, false);
  return Object.fromEntries(Object.keys(values).map((key) => [key, masks.of(values[key] ?? null, encoded)]));
}

function maskAnnotation(annotation: Json, masks: Masks): string {
  if (typeof annotation !== 'string') return masks.of(annotation, false);
  let parsed: Json;
  try {
    parsed = parseJson(annotation);
  } catch {
    return masks.of(annotation, false);
  }
  if (!isJsonObject(parsed) || typeof parsed['kind'] !== 'string' || !isJsonObject(parsed['metadata'] ?? null)) {
    return masks.of(annotation, false);
  }
  // Whatever it claims to be, it stands on a Secret.
  return printJson(maskObject({ ...(parsed as KubeObject), apiVersion: 'v1', kind: 'Secret' }, masks));
}

function maskTainted(value: Json, path: readonly PathSegment[], masks: Masks, isTainted: TaintPredicate): Json {
  if (path.length > 0 && isTainted(path, value)) return masks.of(value, false);
  if (Array.isArray(value))
    return value.map((item, index) => maskTainted(item, [...path, { index }], masks, isTainted));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.keys(value).map((key) => [
      key,
      maskTainted(field(value, key) ?? null, [...path, { field: key }], masks, isTainted),
    ]),
  );
}
