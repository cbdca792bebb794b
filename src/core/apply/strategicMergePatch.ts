import { type Json, type JsonObject, equalJson, field, isJsonObject } from '../json.ts';
import type { SchemaNode } from '../schema/schemaNode.ts';
import {
  type PatchMeta,
  directive,
  inOrderOf,
  interleave,
  isDeleteItem,
  isListOfMaps,
  mergeValue,
  patchMetaOf,
  sameItem,
} from './patchMeta.ts';
import { PatchRefusal, type PatchResult, settle } from './patchResult.ts';

/** Applies a strategic merge patch (semantics T-2). Neither the object nor the patch is changed. */
export function applyStrategicMergePatch(object: JsonObject, patch: Json, node: SchemaNode | undefined): PatchResult {
  return settle(() => {
    if (!isJsonObject(patch)) throw new PatchRefusal('a strategic merge patch is a map');
    return mergeMaps(object, patch, node, 'object');
  });
}

/** `object`: the patch is carried out. `patch`: two patches become one, directives and nulls stay. */
export type MergeTarget = 'object' | 'patch';

/** Merges a patch into an object or into another patch. Throws PatchRefusal. */
export function mergeMaps(
  original: JsonObject,
  patch: JsonObject,
  node: SchemaNode | undefined,
  target: MergeTarget,
): JsonObject {
  const what = patch[directive.patch];
  if (what === 'replace') return without(patch, directive.patch);
  if (what === 'delete') return {};
  if (what !== undefined) throw new PatchRefusal(`unknown patch type found: ${JSON.stringify(what)}`);

  const result = target === 'object' ? retained(original, patch) : { ...original };
  const done = new Set<string>(['__proto__']);
  if (patch[directive.retainKeys] !== undefined) {
    done.add(directive.retainKeys);
    if (target === 'patch') result[directive.retainKeys] = patch[directive.retainKeys] as Json;
  }
  for (const key of Object.keys(patch)) {
    if (key.startsWith(directive.order)) {
      const name = key.slice(directive.order.length);
      mergeOrdered(result, patch, name, patchMetaOf(node, name), target);
      done.add(key).add(name);
    }
  }
  for (const key of Object.keys(patch)) {
    if (done.has(key)) continue;
    if (key.startsWith(directive.deleteScalars)) mergeDeletions(result, key, patch[key] as Json, target);
    else mergeField(result, key, patch[key] as Json, patchMetaOf(node, key), target);
  }
  return result;
}

/** `$retainKeys` names the fields that may stay: the members of a union go with it. */
function retained(original: JsonObject, patch: JsonObject): JsonObject {
  const keys = patch[directive.retainKeys];
  if (keys === undefined) return { ...original };
  if (!Array.isArray(keys)) throw new PatchRefusal('$retainKeys is not a list');
  for (const key of Object.keys(patch)) {
    if (key.startsWith('$') || patch[key] === null || keys.includes(key)) continue;
    throw new PatchRefusal(`$retainKeys does not name ${JSON.stringify(key)}, which the patch sets`);
  }
  return Object.fromEntries(Object.entries(original).filter(([key]) => keys.includes(key)));
}

function mergeField(result: JsonObject, key: string, value: Json, meta: PatchMeta, target: MergeTarget): void {
  if (value === null) {
    delete result[key];
    if (target === 'patch') result[key] = null;
    return;
  }
  const before = field(result, key);
  if (isJsonObject(before) && isJsonObject(value)) {
    result[key] = meta.replaces ? value : mergeMaps(before, value, meta.node, target);
  } else if (Array.isArray(before) && Array.isArray(value)) {
    result[key] = mergeLists(before, value, meta, target);
  } else {
    const fresh = withoutDirectives(value, target);
    if (fresh === undefined) delete result[key];
    else result[key] = fresh;
  }
}

function mergeDeletions(result: JsonObject, key: string, toDelete: Json, target: MergeTarget): void {
  if (target === 'patch') {
    result[key] = toDelete;
    return;
  }
  const name = key.slice(directive.deleteScalars.length);
  const before = field(result, name);
  if (!Array.isArray(before) || !Array.isArray(toDelete)) return;
  result[name] = before.filter((item) => !toDelete.some((one) => equalJson(one, item)));
}

/** A list together with the order that the patch wants for it. */
function mergeOrdered(result: JsonObject, patch: JsonObject, name: string, meta: PatchMeta, target: MergeTarget): void {
  const key = directive.order + name;
  const order = patch[key];
  if (!Array.isArray(order)) throw new PatchRefusal(`${key} is not a list`);
  const before = field(result, name);
  const change = field(patch, name);
  if (target === 'patch') {
    if (field(result, key) !== undefined && !equalJson(result[key], order)) {
      throw new PatchRefusal(`${key} differs between the patches`);
    }
    result[key] = order;
  }
  if (change === null) {
    mergeField(result, name, null, meta, target);
    return;
  }
  if (before === undefined && change === undefined) return;
  const originals = before ?? [];
  const changes = change ?? [];
  if (!Array.isArray(originals) || !Array.isArray(changes)) {
    throw new PatchRefusal(`${key} is given for something that is not a list`);
  }
  const merged = mergedList(before === undefined, originals, changes, meta, target);
  const isWanted = (item: Json): boolean => order.some((one) => sameItem(one, item, meta.mergeKey));
  const wanted = inOrderOf(merged.filter(isWanted), order, meta.mergeKey);
  const serverOrder = storageAfter(originals, changes, meta);
  const serverOnly = inOrderOf(
    merged.filter((item) => !isWanted(item)),
    serverOrder,
    meta.mergeKey,
  );
  result[name] = interleave(serverOnly, wanted, serverOrder, meta.mergeKey);
}

/**
 * The server's order as the reference implementation sees it after it merged: it deletes and appends within the list's own storage,
 * so new items stand in the places that deleted ones left, and count as the server's.
 */
function storageAfter(originals: readonly Json[], changes: readonly Json[], meta: PatchMeta): readonly Json[] {
  const { mergeKey } = meta;
  if (mergeKey === undefined || !changes.some(isDeleteItem)) return originals;
  const slots = [...originals];
  let used = slots.length;
  for (const change of changes.filter(isDeleteItem)) {
    for (let at = slots.findIndex((item) => sameItem(item, change, mergeKey)); at !== -1 && at < used;) {
      slots.copyWithin(at, at + 1, used);
      used--;
      at = slots.findIndex((item) => sameItem(item, change, mergeKey));
    }
  }
  for (const change of changes) {
    if (used === slots.length) break;
    if (field(change, directive.patch) !== undefined) continue;
    if (slots.slice(0, used).some((item) => sameItem(item, change, mergeKey))) continue;
    slots[used++] = change;
  }
  return slots;
}

function mergedList(isNew: boolean, originals: Json[], changes: Json[], meta: PatchMeta, target: MergeTarget): Json[] {
  if (!isNew) return changes.length === 0 ? originals : mergeLists(originals, changes, meta, target);
  const fresh = withoutDirectives(changes, target);
  return Array.isArray(fresh) ? fresh : [];
}

function mergeLists(original: Json[], patch: Json[], meta: PatchMeta, target: MergeTarget): Json[] {
  if (!meta.merges) return patch;
  if (original.length === 0 && patch.length === 0) return original;
  if (!isListOfMaps(original, patch)) {
    const fresh = patch.filter((item) => !original.some((one) => equalJson(one, item)));
    return arranged([...original, ...fresh], patch, original, undefined);
  }
  const { mergeKey } = meta;
  if (mergeKey === undefined) throw new PatchRefusal('cannot merge lists without merge key');
  const [left, changes] = withDeletions(original, patch, mergeKey);
  const merged = [...left];
  for (const change of changes) {
    const at = merged.findIndex((item) => sameItem(item, change, mergeKey));
    if (at === -1) merged.push(change);
    else merged[at] = mergeMaps(merged[at] as JsonObject, change as JsonObject, meta.items, target);
  }
  return arranged(merged, changes, left, mergeKey);
}

/** Carries out the items that are directives: `$patch: delete` takes all items of its key, `$patch: replace` all there are. */
function withDeletions(original: Json[], patch: Json[], mergeKey: string): [Json[], Json[]] {
  let left = original;
  let replaces = false;
  const changes: Json[] = [];
  for (const item of patch) {
    const what = field(item, directive.patch);
    if (what === undefined) changes.push(item);
    else if (what === 'delete') {
      const value = mergeValue(item, mergeKey);
      left = left.filter((one) => !equalJson(field(one, mergeKey), value));
    } else if (what === 'replace') replaces = true;
    else throw new PatchRefusal(`unknown patch type found: ${JSON.stringify(what)}`);
  }
  return replaces ? [changes, []] : [left, changes];
}

function arranged(merged: Json[], patch: Json[], original: Json[], mergeKey: string | undefined): Json[] {
  const inPatch = (item: Json): boolean => patch.some((one) => sameItem(one, item, mergeKey));
  const patchItems = inOrderOf(merged.filter(inPatch), patch, mergeKey);
  const serverOnly = inOrderOf(
    merged.filter((item) => !inPatch(item)),
    original,
    mergeKey,
  );
  return interleave(serverOnly, patchItems, original, mergeKey);
}

/** A value that the object did not have: what only steers the merge goes, and with `object` so do nulls. Undefined: nothing is left. */
function withoutDirectives(value: Json, target: MergeTarget): Json | undefined {
  if (target === 'patch') return value;
  if (Array.isArray(value)) {
    return value.map((item) => withoutDirectives(item, target)).filter((item) => item !== undefined);
  }
  if (!isJsonObject(value)) return value;
  if (value[directive.patch] === 'delete') return undefined;
  const left: JsonObject = {};
  for (const key of Object.keys(value)) {
    const isDirective = key === directive.patch || key === directive.retainKeys || key.startsWith(directive.order);
    if (isDirective || key.startsWith(directive.deleteScalars) || key === '__proto__' || value[key] === null) continue;
    const kept = withoutDirectives(value[key] as Json, target);
    if (kept !== undefined) left[key] = kept;
  }
  return left;
}

function without(object: JsonObject, key: string): JsonObject {
  const { [key]: _, ...rest } = object;
  return rest;
}
