import type { FieldSet } from '../../../../src/core/apply/fieldSet.ts';
import type { Json } from '../../../../src/core/json.ts';
import { formatPath } from '../../../../src/core/schema/path.ts';
import {
  type SchemaNode,
  booleanNode,
  deducedNode,
  integerNode,
  listNode,
  mapNode,
  stringNode,
  structNode,
} from '../../../../src/core/schema/schemaNode.ts';

const port = structNode({
  port: integerNode,
  protocol: { ...stringNode, default: 'TCP' },
  name: stringNode,
  target: { scalar: 'untyped', format: 'int-or-string' },
});
const item = structNode({
  name: stringNode,
  value: stringNode,
  ports: listNode(port, ['port', 'protocol']),
  args: listNode(stringNode),
});

/** One field of each kind that merges differently. */
export const ruleNode: SchemaNode = structNode({
  num: { scalar: 'numeric' },
  text: stringNode,
  flag: booleanNode,
  quantity: { scalar: 'untyped', format: 'quantity' },
  struct: structNode({ a: stringNode, b: stringNode, deep: structNode({ x: stringNode, y: stringNode }) }),
  labels: mapNode(stringNode),
  atomicMap: { map: { values: stringNode, relationship: 'atomic' } },
  atomicList: listNode(stringNode),
  set: listNode(stringNode, 'set'),
  items: listNode(item, ['name']),
  ports: listNode(port, ['port', 'protocol']),
  free: deducedNode,
});

/** `a,b*` in brackets is a keyed list of items a and b; a star marks a value, to see which side an item came from. */
export function items(text: string): Json[] {
  return text
    .split(',')
    .filter((name) => name !== '')
    .map((name): Json => (name.endsWith('*') ? { name: name.slice(0, -1), value: '*' } : { name }));
}

/** The paths of a field set as text, sorted. */
export function paths(set: FieldSet): string {
  return [...set.paths()].map(formatPath).sort().join(' ');
}
