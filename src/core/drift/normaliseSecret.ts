import { type JsonObject, isJsonObject } from '../json.ts';
import type { KubeObject } from '../kube/objectKey.ts';
import { canonicalBase64, encodeBase64 } from '../text/base64.ts';

/**
 * One `data` map from `data` and `stringData`, values as canonical base64, so that wrapped or unpadded texts equal what the
 * server stores (semantics N-3). Values that are no strings stay, so that the apply's failure shows as a difference.
 */
export function normaliseSecret(object: KubeObject): KubeObject {
  const { data, stringData, sops: _metadataOfSops, ...rest } = object;
  const merged: JsonObject = {};
  if (isJsonObject(data)) {
    for (const key of Object.keys(data)) {
      const value = data[key] ?? '';
      merged[key] = typeof value === 'string' ? canonicalBase64(value) : value;
    }
  }
  if (isJsonObject(stringData)) {
    for (const key of Object.keys(stringData)) {
      const value = stringData[key] ?? '';
      merged[key] = typeof value === 'string' ? canonicalBase64(encodeBase64(value)) : value;
    }
  }
  const result = rest;
  return Object.keys(merged).length === 0 ? result : { ...result, data: merged };
}

/** The same Secret with its values blanked, for comparing keys alone (semantics S-4, setting `plumbline.secrets: keys`). */
export function secretKeysOnly(normalised: KubeObject): KubeObject {
  const { data } = normalised;
  if (!isJsonObject(data)) return normalised;
  return { ...normalised, data: Object.fromEntries(Object.keys(data).map((key) => [key, ''])) };
}
