import { type Json, isJsonObject } from '../json.ts';
import type { KubeObject } from '../kube/objectKey.ts';

/**
 * Claims embedded in a StatefulSet: the server adds their apiVersion, kind and status, which no schema of the set foretells
 * (semantics N-15). Other defaults of theirs count as defaults by `knownDefaults`.
 */
export function normaliseStatefulSet(object: KubeObject): KubeObject {
  const { spec } = object;
  if (!isJsonObject(spec) || !Array.isArray(spec['volumeClaimTemplates'])) return object;
  return { ...object, spec: { ...spec, volumeClaimTemplates: spec['volumeClaimTemplates'].map(normalClaim) } };
}

function normalClaim(claim: Json): Json {
  if (!isJsonObject(claim)) return claim;
  const { apiVersion: _version, kind: _kind, status: _status, ...rest } = claim;
  return rest;
}
