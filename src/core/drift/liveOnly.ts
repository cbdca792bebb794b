import { type PathElement, fieldElement, itemElement } from '../schema/pathElement.ts';
import { type Json, isJsonObject } from '../json.ts';
import { childNode } from '../schema/path.ts';
import { type SchemaNode, deducedNode } from '../schema/schemaNode.ts';
import { isDeduced } from './isDeduced.ts';
import { type Owners, ownersBelow } from './ownership.ts';

/** A part of live that Git never declared and somebody owns. */
export interface LiveOnlyField {
  path: readonly PathElement[];
  value: Json;
  node: SchemaNode;
  owners: Owners;
}

/**
 * The owned parts of a value that only live has. What nobody owns is a default of the server and left out. A part is as large as one
 * set of owners reaches: a probe that somebody added is one field, labels of two writers are two.
 */
export function liveOnlyFields(
  value: Json,
  node: SchemaNode,
  owners: Owners,
  path: readonly PathElement[],
): LiveOnlyField[] {
  // A null is not there: server-side apply leaves some behind in objects without a schema (semantics M-18).
  return owners.length === 0 || value === null ? [] : partsOf(value, node, owners, path).parts;
}

interface Parts {
  parts: LiveOnlyField[];
  /** Somebody owns all of it. With a default in it that nobody owns it was there before, and only a part of it is somebody's. */
  isWhole: boolean;
}

function partsOf(value: Json, node: SchemaNode, owners: Owners, path: readonly PathElement[]): Parts {
  const children = childrenOf(value, node);
  const whole: Parts = { parts: [{ path: [...path], value, node, owners }], isWhole: true };
  if (children === undefined || children.length === 0) return whole;
  // Owned as a leaf: to the server the value may be atomic, where our type is only deduced.
  if (isDeduced(node) && owners.every((owner) => owner.owned.isEmpty)) return whole;
  const parts: LiveOnlyField[] = [];
  let isWhole = true;
  for (const child of children) {
    if (child.value === null) continue;
    const below = ownersBelow(owners, child.element, isDeduced(node) ? 'deduced' : 'granular');
    const inner = below.length === 0 ? undefined : partsOf(child.value, child.node, below, [...path, child.element]);
    parts.push(...(inner?.parts ?? []));
    isWhole &&= inner?.isWhole === true;
  }
  const [first] = parts;
  const isOne =
    first !== undefined &&
    isWhole &&
    joins(value, node) &&
    parts.every((part) => signature(part.owners) === signature(first.owners));
  return isOne ? { parts: [{ path: [...path], value, node, owners: first.owners }], isWhole } : { parts, isWhole };
}

interface Child {
  element: PathElement;
  value: Json;
  node: SchemaNode;
}

/** What lies below a granular value; undefined for a leaf. */
function childrenOf(value: Json, node: SchemaNode): Child[] | undefined {
  if (isJsonObject(value)) {
    if (node.map?.relationship === 'atomic') return undefined;
    return Object.keys(value).map((key) => ({
      element: fieldElement(key),
      value: value[key] ?? null,
      node: childNode(node, { field: key }) ?? deducedNode,
    }));
  }
  const shape = node.list;
  if (!Array.isArray(value) || shape === undefined || shape.relationship === 'atomic') return undefined;
  const children: Child[] = [];
  for (const item of value) {
    const element = itemElement(shape, item);
    if (typeof element === 'string') children.push({ element, value: item, node: shape.items });
  }
  return children;
}

/** Whether the parts of a value make one thing: fields of a struct do, entries of a map such as labels and items of a list do not. */
function joins(value: Json, node: SchemaNode): boolean {
  if (Array.isArray(value)) return false;
  return node.map?.fields !== undefined || isDeduced(node);
}

function signature(owners: Owners): string {
  return owners
    .map(({ manager }) => `${manager.name}/${manager.operation}/${manager.subresource ?? ''}`)
    .sort()
    .join(',');
}
