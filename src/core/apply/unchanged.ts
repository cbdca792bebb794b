import { type Json, equalJson } from '../json.ts';
import { type PathElement, fieldElement, itemElement } from '../schema/pathElement.ts';
import type { ListShape, MapShape, SchemaNode } from '../schema/schemaNode.ts';
import { filledList, filledMap, shapeFor, typeOfKey } from '../schema/valueShape.ts';
import type { FieldSet } from './fieldSet.ts';

/**
 * Whether applying a configuration again changes nothing: every field it declares has that value in the live object, in that order,
 * and the manager's Apply entry (`owned`) declares no field that it does not (semantics M-8 to M-10).
 * One walk without a merge; `false` may be wrong where the walk would cost as much as the merge (items that share a key), `true` never is.
 */
export function isUnchanged(live: Json, config: Json, owned: FieldSet | undefined, node: SchemaNode): boolean {
  return matches(live, config, owned, node);
}

/** `owned` is undefined where the manager owned nothing at or below this place. */
function matches(live: Json | undefined, config: Json, owned: FieldSet | undefined, node: SchemaNode): boolean {
  if (live === undefined) return false;
  switch (shapeFor(node, config)) {
    case 'map':
      return node.map !== undefined && matchesMap(live, config, owned, node.map);
    case 'list':
      return node.list !== undefined && matchesList(live, config, owned, node.list);
    default:
      return equalJson(live, config) && ownsNothingBelow(owned);
  }
}

function matchesMap(live: Json, config: Json, owned: FieldSet | undefined, shape: MapShape): boolean {
  const right = filledMap(config);
  if (shape.relationship === 'atomic' || right === undefined) {
    // An empty map declares nothing about what live holds, but must not replace an empty one of the other sort.
    return (
      (filledMap(live) !== undefined && shape.relationship !== 'atomic' ? true : equalJson(live, config)) &&
      ownsNothingBelow(owned)
    );
  }
  const left = filledMap(live);
  if (left === undefined) return false;
  let owns = 0;
  for (const key of Object.keys(right)) {
    const before = Object.hasOwn(left, key) ? left[key] : undefined;
    const below = owned?.child(fieldElement(key));
    if (below !== undefined) owns++;
    if (!matches(before, right[key] as Json, below, typeOfKey(shape, key))) return false;
  }
  return owns === childCount(owned);
}

function matchesList(live: Json, config: Json, owned: FieldSet | undefined, shape: ListShape): boolean {
  if (shape.relationship === 'atomic') return equalJson(live, config) && ownsNothingBelow(owned);
  const [left, right] = [filledList(live), filledList(config)];
  if (right === undefined) {
    return (left !== undefined || equalJson(live, config)) && ownsNothingBelow(owned);
  }
  if (left === undefined) return false;
  const places = placesOf(left, shape);
  if (places === undefined) return false;
  let last = -1;
  let owns = 0;
  for (const item of right) {
    const element = itemElement(shape, item);
    const at = typeof element === 'string' ? places.get(element) : undefined;
    // Shared items stand in the configuration's order (M-9); those between are others'. An item given twice is not behind itself.
    if (typeof element !== 'string' || at === undefined || at <= last) return false;
    last = at;
    const below = owned?.child(element);
    if (below !== undefined) owns++;
    if (!matches(left[at], item, below, shape.items)) return false;
  }
  return owns === childCount(owned);
}

/** Where each item stands; undefined where items share a key, which the merge would make one. */
function placesOf(items: readonly Json[], shape: ListShape): Map<PathElement, number> | undefined {
  const places = new Map<PathElement, number>();
  for (const [index, item] of items.entries()) {
    const element = itemElement(shape, item);
    if (typeof element === 'string') places.set(element, index);
  }
  return places.size === items.length ? places : undefined;
}

function ownsNothingBelow(owned: FieldSet | undefined): boolean {
  return owned === undefined || owned.isEmpty;
}

function childCount(owned: FieldSet | undefined): number {
  return owned?.children?.size ?? 0;
}
