import type { Json, JsonObject } from '../json.ts';
import type { SchemaNode } from '../schema/schemaNode.ts';
import { filledList, filledMap, shapeFor, typeOfKey } from '../schema/valueShape.ts';
import { FieldSet, emptyFieldSet } from './fieldSet.ts';
import { fieldSetOf } from './fieldSetOf.ts';
import { type PathElement, fieldElement, itemElement } from '../schema/pathElement.ts';

/**
 * The merged object without what the manager declared before, declares no more, and nobody else owns (semantics M-10).
 * `last` is the manager's previous set, `owned` the union of all sets after the apply, its own new one among them.
 * Result is `merged` itself where nothing is removed.
 */
export function pruneFields(merged: Json, node: SchemaNode, last: FieldSet, owned: FieldSet): Json {
  // Whatever was declared before is declared or owned still: nothing can go.
  if (last.isSubsetOf(owned)) return merged;
  const lastNamed = withNamedFields(last, node);
  const mergedSet = withNamedFields(fieldSetOf(merged, node), node);
  const without = removeItems(merged, lastNamed, node);
  const gone = mergedSet.difference(
    withNamedFields(fieldSetOf(without, node), node).union(withNamedFields(owned, node)),
  );
  const ownedKept = removeItems(merged, gone, node);
  // Only what the manager itself had declared may go; what merely stood beside it comes back.
  const dangling = mergedSet.difference(withNamedFields(fieldSetOf(ownedKept, node), node)).intersection(lastNamed);
  return removeItems(merged, dangling, node);
}

/** The set with the structs and lists that hold its members made members themselves, where a schema names them. */
function withNamedFields(set: FieldSet, node: SchemaNode | undefined): FieldSet {
  if (set.children === undefined) return set;
  let children: Map<PathElement, FieldSet> | undefined;
  for (const [element, child] of set.children) {
    const isField = element.startsWith('f:');
    const name = element.slice(2);
    const declared = isField ? node?.map?.fields?.get(name) : undefined;
    const type = isField ? (declared ?? node?.map?.values) : node?.list?.items;
    const below = withNamedFields(child, type);
    const member = child.member || (declared !== undefined && !child.isEmpty);
    if (below === child && member === child.member) continue;
    children ??= new Map(set.children);
    children.set(element, member === below.member ? below : new FieldSet(member, below.children));
  }
  return children === undefined ? set : new FieldSet(set.member, children);
}

/** The value without the members of a set. A map or list that loses all it held becomes null (semantics M-18). */
export function removeItems(value: Json, set: FieldSet, node: SchemaNode): Json {
  if (set.isEmpty) return value;
  switch (shapeFor(node, value)) {
    case 'map':
      return removeFromMap(value, set, node);
    case 'list':
      return removeFromList(value, set, node);
    default:
      return value;
  }
}

function removeFromMap(value: Json, set: FieldSet, node: SchemaNode): Json {
  const map = filledMap(value);
  if (map === undefined || node.map === undefined || node.map.relationship === 'atomic') return value;
  const left: JsonObject = {};
  let changed = false;
  let count = 0;
  for (const key of Object.keys(map)) {
    const below = set.child(fieldElement(key)) ?? emptyFieldSet;
    if (below.member) {
      changed = true;
      continue;
    }
    const item = map[key] as Json;
    const kept = removeItems(item, below, typeOfKey(node.map, key));
    changed ||= kept !== item;
    if (key !== '__proto__') left[key] = kept;
    count++;
  }
  if (!changed) return value;
  return count === 0 ? null : left;
}

function removeFromList(value: Json, set: FieldSet, node: SchemaNode): Json {
  const list = filledList(value);
  if (list === undefined || node.list === undefined || node.list.relationship === 'atomic') return value;
  const left: Json[] = [];
  let changed = false;
  for (const item of list) {
    const element = itemElement(node.list, item);
    const below = typeof element === 'string' ? (set.child(element) ?? emptyFieldSet) : emptyFieldSet;
    if (below.member) {
      changed = true;
      continue;
    }
    const kept = removeItems(item, below, node.list.items);
    changed ||= kept !== item;
    left.push(kept);
  }
  if (!changed) return value;
  return left.length === 0 ? null : left;
}
