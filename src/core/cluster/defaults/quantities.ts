import { type Json, isJsonObject } from '../../json.ts';
import { canonicalQuantity } from '../../kube/quantity.ts';
import type { SchemaNode } from '../../schema/schemaNode.ts';
import { typeOfKey } from '../../schema/valueShape.ts';

/** Spells every quantity as the API server stores it (semantics N-6, appendix 3). Changes the value it is given. */
export function canonicalQuantities(value: Json, node: SchemaNode): Json {
  if (node.format === 'quantity') return canonicalQuantity(value) ?? value;
  if (Array.isArray(value)) {
    const items = node.list?.items;
    if (items === undefined || isPlain(items)) return value;
    for (const [index, item] of value.entries()) value[index] = canonicalQuantities(item, items);
    return value;
  }
  if (!isJsonObject(value) || node.map === undefined || node.scalar !== undefined) return value;
  for (const key of Object.keys(value)) {
    const type = typeOfKey(node.map, key);
    if (!isPlain(type)) value[key] = canonicalQuantities(value[key] as Json, type);
  }
  return value;
}

/** A scalar of another sort, with nothing in it to look for. */
function isPlain(node: SchemaNode): boolean {
  return node.scalar !== undefined && node.format !== 'quantity';
}
