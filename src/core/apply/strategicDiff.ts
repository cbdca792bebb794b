import { type Json, type JsonObject, equalJson, field, isJsonObject } from '../json.ts';
import { printJson } from '../jsonText.ts';
import type { SchemaNode } from '../schema/schemaNode.ts';
import { type PatchMeta, directive, inOrderOf, isListOfMaps, mergeValue, patchMetaOf, sameItem } from './patchMeta.ts';
import { PatchRefusal, type PatchResult, settle } from './patchResult.ts';
import { mergeMaps } from './strategicMergePatch.ts';

interface DiffParts {
  ignoreChanges: boolean;
  ignoreDeletions: boolean;
}

/** The strategic merge patch that makes `modified` of `original` (semantics T-2). */
export function createStrategicPatch(
  original: JsonObject,
  modified: JsonObject,
  node: SchemaNode | undefined,
): PatchResult {
  return settle(() => diffMaps(original, modified, node, { ignoreChanges: false, ignoreDeletions: false }, false));
}

/**
 * The patch of client-side apply for built-in kinds (semantics T-1, T-2): what `modified` says otherwise than `current`, and the
 * removal of what `original` said and `modified` does not. It merges lists by one key, with all that follows (T-3).
 */
export function createThreeWayStrategicPatch(
  original: JsonObject,
  modified: JsonObject,
  current: JsonObject,
  node: SchemaNode | undefined,
): PatchResult {
  return settle(() => {
    const changes = diffMaps(current, modified, node, { ignoreChanges: false, ignoreDeletions: true }, false);
    const deletions = diffMaps(original, modified, node, { ignoreChanges: true, ignoreDeletions: false }, false);
    return mergeMaps(deletions, changes, node, 'patch');
  });
}

function diffMaps(
  original: JsonObject,
  modified: JsonObject,
  node: SchemaNode | undefined,
  parts: DiffParts,
  retainsKeys: boolean,
): JsonObject {
  const patch: JsonObject = {};
  for (const key of Object.keys(modified)) {
    if (key === '__proto__') continue;
    const before = field(original, key);
    const after = modified[key] as Json;
    if (isJsonObject(before) && isJsonObject(after)) {
      diffMapField(patch, key, before, after, patchMetaOf(node, key), parts);
    } else if (Array.isArray(before) && Array.isArray(after)) {
      diffListField(patch, key, before, after, patchMetaOf(node, key), parts);
    } else if (!parts.ignoreChanges && !equalJson(before, after)) {
      patch[key] = after;
    }
  }
  if (!parts.ignoreDeletions) {
    for (const key of Object.keys(original)) if (!Object.hasOwn(modified, key)) patch[key] = null;
  }
  if (retainsKeys) addRetainKeys(patch, original, modified);
  return patch;
}

/** Names the fields of a union that stay, where the patch changes it or live has one that should go. */
function addRetainKeys(patch: JsonObject, original: JsonObject, modified: JsonObject): void {
  const keys = Object.keys(modified).filter((key) => modified[key] !== null);
  const hasMore = Object.keys(original).some((key) => !Object.hasOwn(modified, key));
  if (keys.length > 0 && (hasMore || Object.keys(patch).length > 0)) patch[directive.retainKeys] = keys.sort();
}

function diffMapField(
  patch: JsonObject,
  key: string,
  before: JsonObject,
  after: JsonObject,
  meta: PatchMeta,
  parts: DiffParts,
): void {
  if (meta.replaces) {
    if (!parts.ignoreChanges) patch[key] = after;
    return;
  }
  const below = diffMaps(before, after, meta.node, parts, meta.retainsKeys);
  if (Object.keys(below).length > 0) patch[key] = below;
}

function diffListField(
  patch: JsonObject,
  key: string,
  before: Json[],
  after: Json[],
  meta: PatchMeta,
  parts: DiffParts,
): void {
  if (!meta.merges) {
    if (!parts.ignoreChanges && !equalJson(before, after)) patch[key] = after;
  } else if (before.length === 0) {
    if (after.length > 0 && !parts.ignoreChanges) patch[key] = after;
  } else if (isListOfMaps(before, after)) {
    diffMergingMaps(patch, key, before, after, meta, parts);
  } else {
    diffMergingScalars(patch, key, before, after, parts);
  }
}

function diffMergingMaps(
  patch: JsonObject,
  key: string,
  before: Json[],
  after: Json[],
  meta: PatchMeta,
  parts: DiffParts,
): void {
  const { mergeKey } = meta;
  if (mergeKey === undefined) throw new PatchRefusal(`cannot merge lists without merge key for ${key}`);
  const [changes, deletions] = diffItems(before, after, mergeKey, meta, parts);
  const items = [...inOrderOf(changes, after, mergeKey), ...deletions];
  if (items.length > 0) patch[key] = items;
  const isReordered =
    before.length !== after.length || before.some((item, index) => !sameItem(item, after[index] as Json, mergeKey));
  if (items.length > 0 || (!parts.ignoreChanges && isReordered)) {
    if (after.length > 0)
      patch[directive.order + key] = after.map((item) => ({ [mergeKey]: mergeValue(item, mergeKey) }));
  }
}

/**
 * Pairs the items of both lists by the text of their merge key. Items that share it, as ports of two protocols do, are paired from
 * the last to the first, right or wrong (T-3): the sort of the reference implementation turns equal items round.
 */
function diffItems(
  before: Json[],
  after: Json[],
  mergeKey: string,
  meta: PatchMeta,
  parts: DiffParts,
): [Json[], Json[]] {
  const changes: Json[] = [];
  const deletions: Json[] = [];
  const left = Map.groupBy(before, (item) => keyText(mergeValue(item, mergeKey)));
  const right = Map.groupBy(after, (item) => keyText(mergeValue(item, mergeKey)));
  for (const text of [...new Set([...left.keys(), ...right.keys()])].sort()) {
    const olds = (left.get(text) ?? []).toReversed();
    const news = (right.get(text) ?? []).toReversed();
    for (const [index, item] of news.entries()) {
      const old = olds[index];
      if (old === undefined) {
        if (!parts.ignoreChanges) changes.push(item);
        continue;
      }
      const change = diffMaps(old as JsonObject, item as JsonObject, meta.items, parts, meta.retainsKeys);
      if (Object.keys(change).length > 0) changes.push({ ...change, [mergeKey]: mergeValue(item, mergeKey) });
    }
    if (parts.ignoreDeletions) continue;
    for (const item of olds.slice(news.length)) {
      deletions.push({ [directive.patch]: 'delete', [mergeKey]: mergeValue(item, mergeKey) });
    }
  }
  return [changes, deletions];
}

function diffMergingScalars(patch: JsonObject, key: string, before: Json[], after: Json[], parts: DiffParts): void {
  const lacks = (list: Json[], item: Json): boolean => !list.some((one) => equalJson(one, item));
  const added = parts.ignoreChanges ? [] : after.filter((item) => lacks(before, item));
  const deleted = parts.ignoreDeletions ? [] : before.filter((item) => lacks(after, item));
  if (added.length > 0) patch[key] = added;
  if (deleted.length > 0) {
    patch[directive.deleteScalars + key] = [...new Map(deleted.map((item) => [keyText(item), item])).values()].sort(
      byText,
    );
  }
  const isChanged = deleted.length > 0 || (!parts.ignoreChanges && !equalJson(before, after));
  if (isChanged && after.length > 0) patch[directive.order + key] = after;
}

function keyText(value: Json): string {
  return typeof value === 'string' ? value : printJson(value);
}

function byText(a: Json, b: Json): number {
  return keyText(a) < keyText(b) ? -1 : 1;
}
