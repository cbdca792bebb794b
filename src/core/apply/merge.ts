import { type Json, type JsonObject, equalJson } from '../json.ts';
import type { ListShape, MapShape, SchemaNode } from '../schema/schemaNode.ts';
import { filledList, filledMap, shapeFor, typeOfKey } from '../schema/valueShape.ts';
import { type PathElement, itemElement } from '../schema/pathElement.ts';

/**
 * The live object with a configuration merged into it (semantics M-8, M-9). Neither is changed; the result shares what did not
 * change with `live`, and is `live` itself where merging changes nothing, so that callers may compare by `===`.
 * The configuration must fit its schema: items without a key are dropped.
 */
export function mergeInto(live: Json | undefined, config: Json, node: SchemaNode): Json {
  if (live === undefined || live === config) return config;
  switch (shapeFor(node, config)) {
    case 'map':
      return node.map === undefined ? mergeLeaf(live, config) : mergeMaps(live, config, node.map);
    case 'list':
      return node.list === undefined ? mergeLeaf(live, config) : mergeLists(live, config, node.list);
    default:
      return mergeLeaf(live, config);
  }
}

function mergeLeaf(live: Json, config: Json): Json {
  return equalJson(live, config) ? live : config;
}

function mergeMaps(live: Json, config: Json, shape: MapShape): Json {
  const [left, right] = [filledMap(live), filledMap(config)];
  // Where both are null or empty the configuration decides which of the two it is; else an empty side contributes nothing.
  if (shape.relationship === 'atomic' || (left === undefined && right === undefined)) return mergeLeaf(live, config);
  if (right === undefined) return live;
  if (left === undefined) return config;
  let merged: JsonObject | undefined;
  for (const key of Object.keys(right)) {
    if (key === '__proto__') continue;
    const before = Object.hasOwn(left, key) ? left[key] : undefined;
    const after = mergeInto(before, right[key] as Json, typeOfKey(shape, key));
    if (after === before) continue;
    merged ??= { ...left };
    merged[key] = after;
  }
  return merged ?? left;
}

function mergeLists(live: Json, config: Json, shape: ListShape): Json {
  const [left, right] = [filledList(live), filledList(config)];
  if (shape.relationship === 'atomic' || (left === undefined && right === undefined)) return mergeLeaf(live, config);
  if (right === undefined) return live;
  if (left === undefined) return config;
  const merged = mergeItems(indexed(left, shape), indexed(right, shape), shape.items);
  const same = merged.length === left.length && merged.every((item, index) => item === left[index]);
  return same ? left : merged;
}

interface IndexedItem {
  element: PathElement;
  value: Json;
}

function indexed(items: readonly Json[], shape: ListShape): IndexedItem[] {
  const found: IndexedItem[] = [];
  for (const value of items) {
    const element = itemElement(shape, value);
    if (typeof element === 'string') found.push({ element, value });
  }
  return found;
}

/**
 * The order of the result (semantics M-9). The configuration is read as stretches, each of new items that lead up to one item that
 * live has too. For each stretch the live list is read on until that shared item: live-only items that are passed stay here, other
 * shared ones are left out, for they have their own stretch. Then come the new items and the shared one. A shared item that was
 * already passed is not met again, so the whole rest of live comes before it.
 */
function mergeItems(live: readonly IndexedItem[], config: readonly IndexedItem[], node: SchemaNode): Json[] {
  const liveValues = valuesByElement(live);
  const configElements = new Set(config.map((item) => item.element));
  const merged: Json[] = [];
  let cursor = 0;
  let fresh: IndexedItem[] = [];
  for (const item of config) {
    if (!liveValues.has(item.element)) {
      fresh.push(item);
      continue;
    }
    for (; cursor < live.length; cursor++) {
      const passed = live[cursor] as IndexedItem;
      if (passed.element === item.element) break;
      if (!configElements.has(passed.element)) merged.push(passed.value);
    }
    for (const { value } of fresh) merged.push(value);
    fresh = [];
    merged.push(mergeInto(liveValues.get(item.element), item.value, node));
    if (cursor < live.length) cursor++;
  }
  // What is left of live holds no item that is still wanted. Each shared one in it gives its place to the next new item.
  let next = 0;
  for (; cursor < live.length; cursor++) {
    const passed = live[cursor] as IndexedItem;
    if (!configElements.has(passed.element)) merged.push(passed.value);
    else if (next < fresh.length) merged.push((fresh[next++] as IndexedItem).value);
  }
  for (; next < fresh.length; next++) merged.push((fresh[next] as IndexedItem).value);
  return merged;
}

/** Live items that share a key are replaced by the configuration's, not merged with it: null stands for them (semantics M-6). */
function valuesByElement(items: readonly IndexedItem[]): Map<PathElement, Json> {
  const values = new Map<PathElement, Json>();
  for (const { element, value } of items) values.set(element, values.has(element) ? null : value);
  return values;
}
