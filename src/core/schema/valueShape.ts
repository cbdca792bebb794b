import { type Json, type JsonObject, isJsonObject } from '../json.ts';
import { type MapShape, type SchemaNode, deducedNode } from './schemaNode.ts';

/** Which of a node's shapes counts for a value. */
export type ValueShape = 'map' | 'list' | 'scalar';

/**
 * The kind of the value decides; where the node has no such shape, or the value is null, the first that the node has counts: map,
 * then scalar, then list.
 */
export function shapeFor(node: SchemaNode, value: Json): ValueShape {
  if (value !== null) {
    if (typeof value !== 'object') {
      if (node.scalar !== undefined) return 'scalar';
    } else if (Array.isArray(value)) {
      if (node.list !== undefined) return 'list';
    } else if (node.map !== undefined) return 'map';
  }
  if (node.map !== undefined) return 'map';
  return node.list !== undefined && node.scalar === undefined ? 'list' : 'scalar';
}

/** The type of a map's key; what the schema does not know is deduced. */
export function typeOfKey(map: MapShape, key: string): SchemaNode {
  return map.fields?.get(key) ?? map.values ?? deducedNode;
}

/** The value as a map with something in it; undefined for null, empty and all else. */
export function filledMap(value: Json | undefined): JsonObject | undefined {
  if (!isJsonObject(value)) return undefined;
  for (const key in value) if (Object.hasOwn(value, key)) return value;
  return undefined;
}

/** The value as a list with something in it; undefined for null, empty and all else. */
export function filledList(value: Json | undefined): Json[] | undefined {
  return Array.isArray(value) && value.length > 0 ? value : undefined;
}
