import { cloneJson } from '../../json.ts';
import type { KubeObject } from '../../kube/objectKey.ts';
import { type ServedKind, storageKeyOf } from '../servedKind.ts';
import { otherDefaults } from './otherDefaults.ts';
import { canonicalQuantities } from './quantities.ts';
import { workloadDefaults } from './workloadDefaults.ts';

/**
 * A built-in object with the defaults of its kind and quantities in their stored form. The given object stays as it is. Defaults
 * are code and tables of our own: the zero values of the OpenAPI documents are none (design §3.2).
 */
export function withBuiltInDefaults(object: KubeObject, kind: ServedKind): KubeObject {
  const copy = canonicalQuantities(cloneJson(object), kind.schema) as KubeObject;
  const key = storageKeyOf(kind);
  workloadDefaults[key]?.(copy);
  otherDefaults[key]?.(copy);
  return copy;
}
