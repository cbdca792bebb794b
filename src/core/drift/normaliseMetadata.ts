import { lastAppliedAnnotation } from '../apply/lastApplied.ts';
import { type JsonObject, isJsonObject } from '../json.ts';
import type { KubeObject } from '../kube/objectKey.ts';

/** What the API server writes into metadata; never a difference (semantics N-1). */
const serverMetadata: ReadonlySet<string> = new Set([
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'selfLink',
  'managedFields',
  'clusterName',
]);

/**
 * Takes out what no one declares: `status`, the server's metadata and the last-applied annotation (semantics N-1, N-2). Nulls, such as
 * the `creationTimestamp: null` that tools print into templates, count as absent wherever values are compared (appendix 1 row 11).
 */
export function normaliseMetadata(object: KubeObject): KubeObject {
  const result = {
    apiVersion: object.apiVersion,
    kind: object.kind,
    metadata: metadataOf(object.metadata),
  } as KubeObject;
  for (const key in object) {
    if (key === 'apiVersion' || key === 'kind' || key === 'metadata' || key === 'status') continue;
    result[key] = object[key] ?? null;
  }
  return result;
}

function metadataOf(metadata: JsonObject): JsonObject {
  const result: JsonObject = {};
  for (const key in metadata) {
    if (serverMetadata.has(key)) continue;
    let value = metadata[key] ?? null;
    if (key === 'annotations' && isJsonObject(value)) value = withoutKey(value, lastAppliedAnnotation);
    // Maps of names have no meaning of their own: without entries they are not there.
    if ((key === 'annotations' || key === 'labels') && isJsonObject(value) && Object.keys(value).length === 0) continue;
    result[key] = value;
  }
  return result;
}

function withoutKey(map: JsonObject, key: string): JsonObject {
  if (!Object.hasOwn(map, key)) return map;
  const { [key]: _dropped, ...rest } = map;
  return rest;
}
