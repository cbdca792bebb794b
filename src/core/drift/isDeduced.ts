import type { SchemaNode } from '../schema/schemaNode.ts';

/** Whether a type says nothing of a value: no schema, or one that leaves it open (semantics M-3). Such nodes have stand-ins, so identity is no test. */
export function isDeduced(node: SchemaNode | undefined): boolean {
  if (node === undefined) return true;
  return (
    node.scalar === 'untyped' && node.list !== undefined && node.map !== undefined && node.map.fields === undefined
  );
}
