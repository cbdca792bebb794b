import { type Json, type JsonObject, isJsonObject } from '../json.ts';
import type { ListShape, MapShape, SchemaNode } from '../schema/schemaNode.ts';
import { filledList, filledMap, shapeFor, typeOfKey } from '../schema/valueShape.ts';
import { FieldSet, emptyFieldSet, fieldSetNode, leafFieldSet } from './fieldSet.ts';
import { type PathElement, fieldElement, itemElement } from '../schema/pathElement.ts';

/**
 * The fields that a configuration declares (semantics M-7): leaves, atomic lists and maps as a whole, null and empty maps, keys of
 * maps and items of keyed lists and sets; not structs and lists that only hold others.
 * Items without a key are left out: such a configuration is refused before it comes here.
 */
export function fieldSetOf(object: Json, node: SchemaNode): FieldSet {
  return asRoot(declared(object, node));
}

/** Every path of a value, containers included: what is added or removed when the value as a whole is (semantics M-19). */
export function everyPathOf(value: Json, node: SchemaNode): FieldSet {
  switch (shapeFor(node, value)) {
    case 'map': {
      const map = filledMap(value);
      if (node.map === undefined || node.map.relationship === 'atomic' || map === undefined) return leafFieldSet;
      const children = new Map<PathElement, FieldSet>();
      for (const key of Object.keys(map)) {
        children.set(fieldElement(key), everyPathOf(map[key] as Json, typeOfKey(node.map, key)));
      }
      return fieldSetNode(true, children);
    }
    case 'list': {
      const list = filledList(value);
      if (node.list === undefined || node.list.relationship === 'atomic' || list === undefined) return leafFieldSet;
      return fieldSetNode(true, itemSets(list, node.list, everyPathOf));
    }
    default:
      return leafFieldSet;
  }
}

function declared(value: Json, node: SchemaNode): FieldSet {
  switch (shapeFor(node, value)) {
    case 'map':
      return node.map === undefined ? leafFieldSet : declaredMap(value, node.map);
    case 'list': {
      if (node.list === undefined || node.list.relationship === 'atomic') return leafFieldSet;
      const list = filledList(value);
      if (list === undefined) return emptyFieldSet;
      return fieldSetNode(
        false,
        itemSets(list, node.list, (item, type) => asMember(declared(item, type))),
      );
    }
    default:
      return leafFieldSet;
  }
}

function declaredMap(value: Json, shape: MapShape): FieldSet {
  if (shape.relationship === 'atomic') return leafFieldSet;
  const map = filledMap(value);
  if (map === undefined) return emptyFieldSet;
  const children = new Map<PathElement, FieldSet>();
  for (const key of Object.keys(map)) {
    const item = map[key] as Json;
    const below = declared(item, typeOfKey(shape, key));
    const isMember = item === null || isEmptyMap(item) || shape.fields?.has(key) !== true;
    const child = isMember ? asMember(below) : below;
    if (child.member || !child.isEmpty) children.set(fieldElement(key), child);
  }
  return fieldSetNode(false, children);
}

/** Items that share a key are owned as one, without what is in them (semantics M-6). */
function itemSets(
  items: readonly Json[],
  list: ListShape,
  setOf: (item: Json, node: SchemaNode) => FieldSet,
): Map<PathElement, FieldSet> {
  const children = new Map<PathElement, FieldSet>();
  for (const item of items) {
    const element = itemElement(list, item);
    if (typeof element !== 'string') continue;
    children.set(element, children.has(element) ? leafFieldSet : setOf(item, list.items));
  }
  return children;
}

function asMember(set: FieldSet): FieldSet {
  if (set.member) return set;
  return set.isEmpty ? leafFieldSet : new FieldSet(true, set.children);
}

function asRoot(set: FieldSet): FieldSet {
  return set.member ? new FieldSet(false, set.children) : set;
}

function isEmptyMap(value: Json): value is JsonObject {
  return isJsonObject(value) && filledMap(value) === undefined;
}
