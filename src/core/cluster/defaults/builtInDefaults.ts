import { type JsonObject, cloneJson } from '../../json.ts';
import type { KubeObject } from '../../kube/objectKey.ts';
import type { ServedKind } from '../servedKind.ts';
import { canonicalQuantities } from './quantities.ts';

type Defaulter = (object: JsonObject) => void;
const defaulters: Readonly<Record<string, Defaulter>> = {};

/** A built-in object with the defaults of its kind and quantities in their stored form. The given object stays as it is. */
export function withBuiltInDefaults(object: KubeObject, kind: ServedKind): KubeObject {
  const copy = canonicalQuantities(cloneJson(object), kind.schema) as KubeObject;
  defaulters[`${kind.group}/${kind.resource}`]?.(copy);
  return copy;
}
