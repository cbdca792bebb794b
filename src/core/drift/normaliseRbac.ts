import { isJsonObject } from '../json.ts';
import type { KubeObject } from '../kube/objectKey.ts';

/**
 * No rules, written in any way, are one thing; those of an aggregated ClusterRole belong to its controller (semantics N-4).
 */
export function normaliseRbac(object: KubeObject): KubeObject {
  const { rules, ...rest } = object;
  const isEmpty = rules === null || (Array.isArray(rules) && rules.length === 0);
  return isEmpty || isJsonObject(object['aggregationRule']) ? rest : object;
}
