import { decodeBase64 } from '../../text/base64.ts';
import { type Json, field, isJsonObject, stringAt } from '../../json.ts';
import { parseJson } from '../../jsonText.ts';
import type { KubeObject } from '../../kube/objectKey.ts';

/** What Helm stored of a release: the manifest that it applied, hooks left out (they stand apart in a release). */
export interface StoredRelease {
  name: string;
  namespace: string;
  manifest: string;
  /** The values that it was given, from wherever they came; a map in all releases of Helm. */
  values: Json;
}

/** The Secret that Helm keeps a version of a release in. */
export function releaseSecretName(name: string, version: number): string {
  return `sh.helm.release.v1.${name}.v${version}`;
}

/** Base64 of the gzipped JSON that a release Secret holds; undefined where it is another Secret. */
export function encodedRelease(secret: KubeObject): string | undefined {
  const data = stringAt(secret, 'data', 'release');
  return data === undefined ? undefined : decodeBase64(data);
}

/** Reads the unpacked JSON of a release; undefined where it is something else. */
export function readStoredRelease(text: string): StoredRelease | undefined {
  let value: Json;
  try {
    value = parseJson(text);
  } catch {
    return undefined;
  }
  if (!isJsonObject(value)) return undefined;
  const { name, namespace, manifest } = value;
  if (typeof name !== 'string' || typeof namespace !== 'string' || typeof manifest !== 'string') return undefined;
  return { name, namespace, manifest, values: field(value, 'config') ?? null };
}
