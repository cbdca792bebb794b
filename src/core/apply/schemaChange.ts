import type { SchemaNode } from '../schema/schemaNode.ts';
import { FieldSet, leafFieldSet } from './fieldSet.ts';

/**
 * A set that was written under another schema, fitted to this one (semantics M-17): what has become atomic is owned as a whole
 * instead of by parts. The other direction needs nothing. Deduced types are left alone.
 */
export function fitToSchema(set: FieldSet, node: SchemaNode | undefined): FieldSet {
  if (node === undefined || set.children === undefined) return set;
  let children: Map<string, FieldSet> | undefined;
  for (const [element, child] of set.children) {
    const type = element.startsWith('f:')
      ? (node.map?.fields?.get(element.slice(2)) ?? node.map?.values)
      : node.list?.items;
    const fitted = becameAtomic(child, type) ? leafFieldSet : fitToSchema(child, type);
    if (fitted === child) continue;
    children ??= new Map(set.children);
    children.set(element, fitted);
  }
  return children === undefined ? set : new FieldSet(set.member, children);
}

function becameAtomic(set: FieldSet, type: SchemaNode | undefined): boolean {
  if (type === undefined || set.isEmpty) return false;
  // An untyped node has all shapes; it was never granular by a schema's word.
  if (type.map !== undefined) return type.scalar === undefined && type.map.relationship === 'atomic';
  return type.list?.relationship === 'atomic';
}
