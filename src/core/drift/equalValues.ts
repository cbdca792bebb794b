import { type Json, equalJson, isJsonObject } from '../json.ts';
import { equalQuantity } from '../kube/quantity.ts';
import type { SchemaNode } from '../schema/schemaNode.ts';
import { childNode } from '../schema/path.ts';

/**
 * Whether two values are one to the API server: numbers by value, quantities by amount, everything else as it is; `80` and `"80"`
 * differ (semantics N-6 to N-8). Undefined and null are both "not there".
 */
export function equalValues(a: Json | undefined, b: Json | undefined, node: SchemaNode | undefined): boolean {
  const left = a ?? undefined;
  const right = b ?? undefined;
  if (left === right) return true;
  if (left === undefined || right === undefined) return false;
  if (Array.isArray(left)) {
    if (!Array.isArray(right) || left.length !== right.length) return false;
    const items = node?.list?.items;
    return left.every((item, index) => equalValues(item, right[index], items));
  }
  if (isJsonObject(left)) return isJsonObject(right) && equalMaps(left, right, node);
  if (isJsonObject(right)) return false;
  if (node?.format === 'quantity') return equalQuantity(left, right) || equalJson(left, right);
  return equalJson(left, right);
}

function equalMaps(
  a: Readonly<Record<string, Json>>,
  b: Readonly<Record<string, Json>>,
  node: SchemaNode | undefined,
): boolean {
  for (const key of Object.keys(a)) {
    const other = Object.hasOwn(b, key) ? b[key] : undefined;
    if (!equalValues(a[key], other, childNode(node, { field: key }))) return false;
  }
  return Object.keys(b).every((key) => Object.hasOwn(a, key) || b[key] === null);
}
