import type { FieldSet } from '../apply/fieldSet.ts';
import { type Json, isJsonObject } from '../json.ts';
import { childNode } from '../schema/path.ts';
import { fieldElement, itemElement } from '../schema/pathElement.ts';
import type { SchemaNode } from '../schema/schemaNode.ts';
import type { Owners } from './ownership.ts';
import { meansAbsent } from './zeroValues.ts';

/**
 * Whether some owner declares every leaf of a value. A part of it proves nothing: of a probe that somebody removed, an entry keeps the
 * one field that the server had dropped when it was applied.
 */
export function holdsAll(owners: Owners, value: Json, node: SchemaNode | undefined, builtIn: boolean): boolean {
  return owners.some((owner) => holds(owner.owned, value, node, builtIn));
}

function holds(owned: FieldSet, value: Json, node: SchemaNode | undefined, builtIn: boolean): boolean {
  if (owned.isEmpty) return owned.member;
  if (isJsonObject(value)) {
    return Object.keys(value).every((key) => {
      const item = value[key] ?? null;
      const child = owned.child(fieldElement(key));
      if (child === undefined) return meansAbsent(item, key, builtIn);
      return holds(child, item, childNode(node, { field: key }), builtIn);
    });
  }
  const shape = node?.list;
  if (!Array.isArray(value) || shape === undefined) return owned.member;
  return value.every((item) => {
    const element = itemElement(shape, item);
    const child = typeof element === 'string' ? owned.child(element) : undefined;
    return child !== undefined && holds(child, item, shape.items, builtIn);
  });
}
