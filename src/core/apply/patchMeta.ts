import { type Json, type JsonObject, equalJson, field, isJsonObject } from '../json.ts';
import { printJson } from '../jsonText.ts';
import { childNode } from '../schema/path.ts';
import type { SchemaNode } from '../schema/schemaNode.ts';
import { PatchRefusal } from './patchResult.ts';

/** What strategic merge patches say beside values (semantics T-2). */
export const directive = {
  patch: '$patch',
  retainKeys: '$retainKeys',
  order: '$setElementOrder/',
  deleteScalars: '$deleteFromPrimitiveList/',
} as const;

/** How strategic merge patch treats one field. A field that the schema does not know is replaced as a whole if it is a list. */
export interface PatchMeta {
  node: SchemaNode | undefined;
  /** Type of the items of a list. */
  items: SchemaNode | undefined;
  merges: boolean;
  replaces: boolean;
  retainsKeys: boolean;
  /** The one key by which items of a merging list are told apart; undefined for lists of scalars. */
  mergeKey: string | undefined;
}

export function patchMetaOf(parent: SchemaNode | undefined, name: string): PatchMeta {
  const node = childNode(parent, { field: name });
  const strategy = node?.patchStrategy ?? [];
  return {
    node,
    items: node?.list?.items,
    merges: strategy.includes('merge'),
    replaces: strategy.includes('replace'),
    retainsKeys: strategy.includes('retainKeys'),
    mergeKey: node?.patchMergeKey,
  };
}

/** The merge key's value in an item. */
export function mergeValue(item: Json, mergeKey: string): Json {
  const value = field(item, mergeKey);
  if (!isJsonObject(item))
    throw new PatchRefusal(`expected a map with the merge key ${mergeKey}, got ${printJson(item)}`);
  if (value === undefined)
    throw new PatchRefusal(`map: ${printJson(item)} does not contain declared merge key: ${mergeKey}`);
  return value;
}

/** Whether two items of a merging list are the same one. */
export function sameItem(a: Json, b: Json, mergeKey: string | undefined): boolean {
  return mergeKey === undefined ? equalJson(a, b) : equalJson(mergeValue(a, mergeKey), mergeValue(b, mergeKey));
}

export function isListOfMaps(...lists: readonly (readonly Json[])[]): boolean {
  const items = lists.flat();
  const maps = items.filter((item) => isJsonObject(item)).length;
  if (maps !== 0 && maps !== items.length) throw new PatchRefusal('list element types are not identical');
  return maps > 0;
}

export function isDeleteItem(item: Json): item is JsonObject {
  return field(item, directive.patch) === 'delete';
}

/** The items in the order of a list; those it has not come first, items to be deleted last. */
export function inOrderOf(items: readonly Json[], order: readonly Json[], mergeKey: string | undefined): Json[] {
  const place = (item: Json): number => order.findIndex((one) => sameItem(one, item, mergeKey));
  const kept = items.filter((item) => !isDeleteItem(item)).map((item) => ({ item, at: place(item) }));
  kept.sort((a, b) => a.at - b.at);
  return [...kept.map(({ item }) => item), ...items.filter(isDeleteItem)];
}

/**
 * Items of the patch and items that only the server has, as one list: a server item goes before the next patch item only where the
 * server has both in that order.
 */
export function interleave(
  serverOnly: readonly Json[],
  patchItems: readonly Json[],
  serverOrder: readonly Json[],
  mergeKey: string | undefined,
): Json[] {
  const place = (item: Json): number => serverOrder.findIndex((one) => sameItem(one, item, mergeKey));
  const result: Json[] = [];
  let next = 0;
  for (const item of patchItems) {
    const at = place(item);
    for (; at >= 0 && next < serverOnly.length; next++) {
      const before = place(serverOnly[next] as Json);
      if (before < 0 || before > at) break;
      result.push(serverOnly[next] as Json);
    }
    result.push(item);
  }
  return [...result, ...serverOnly.slice(next)];
}
