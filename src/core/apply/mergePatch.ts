import { type Json, type JsonObject, equalJson, field, isJsonObject } from '../json.ts';

/** Applies a JSON merge patch (RFC 7386): null removes, objects merge, everything else replaces. Nothing that went in is changed. */
export function applyMergePatch(target: Json | undefined, patch: Json): Json {
  if (!isJsonObject(patch)) return patch;
  const result: JsonObject = isJsonObject(target) ? { ...target } : {};
  for (const key of Object.keys(patch)) {
    if (key === '__proto__') continue;
    const value = patch[key] as Json;
    if (value === null) delete result[key];
    else result[key] = applyMergePatch(field(result, key), value);
  }
  return result;
}

export interface MergePatchParts {
  /** Leave out what only `to` has and what it has otherwise. */
  ignoreChanges?: boolean;
  /** Leave out what `to` lacks. */
  ignoreDeletions?: boolean;
}

/** The merge patch that makes `to` of `from`, or only a part of it. Empty where there is nothing to do. */
export function createMergePatch(from: JsonObject, to: JsonObject, parts: MergePatchParts = {}): JsonObject {
  const patch: JsonObject = {};
  for (const key of Object.keys(to)) {
    if (key === '__proto__') continue;
    const before = field(from, key);
    const after = to[key] as Json;
    if (isJsonObject(before) && isJsonObject(after)) {
      const below = createMergePatch(before, after, parts);
      if (Object.keys(below).length > 0) patch[key] = below;
    } else if (parts.ignoreChanges !== true && !equalJson(before, after)) {
      patch[key] = after;
    }
  }
  if (parts.ignoreDeletions === true) return patch;
  for (const key of Object.keys(from)) if (!Object.hasOwn(to, key)) patch[key] = null;
  return patch;
}

/**
 * The patch of client-side apply for kinds without patch metadata (semantics T-1, T-2): what `modified` says otherwise than
 * `current`, and the removal of what `original` said and `modified` does not. Explicit nulls in `modified` are lost, as in kubectl.
 */
export function createThreeWayMergePatch(original: JsonObject, modified: JsonObject, current: JsonObject): JsonObject {
  const changes = withoutNulls(createMergePatch(current, modified, { ignoreDeletions: true }));
  const deletions = createMergePatch(original, modified, { ignoreChanges: true });
  return mergePatches(deletions, changes);
}

/** One patch that does what both do, one after the other. */
function mergePatches(first: JsonObject, second: JsonObject): JsonObject {
  const merged = { ...first };
  for (const key of Object.keys(second)) {
    const before = field(merged, key);
    const after = second[key] as Json;
    merged[key] = isJsonObject(before) && isJsonObject(after) ? mergePatches(before, after) : after;
  }
  return merged;
}

function withoutNulls(patch: JsonObject): JsonObject {
  const left: JsonObject = {};
  for (const key of Object.keys(patch)) {
    const value = patch[key] as Json;
    if (value === null) continue;
    const kept = isJsonObject(value) ? withoutNulls(value) : value;
    // What held nothing but nulls says nothing; what was empty from the start does.
    const isEmptied =
      isJsonObject(value) && Object.keys(value).length > 0 && Object.keys(kept as JsonObject).length === 0;
    if (!isEmptied) left[key] = kept;
  }
  return left;
}
