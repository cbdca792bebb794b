import { type Json, type JsonObject, isJsonObject } from '../json.ts';
import type { SchemaNode } from '../schema/schemaNode.ts';
import { lastAppliedOf, withLastApplied } from './lastApplied.ts';
import { applyMergePatch, createThreeWayMergePatch } from './mergePatch.ts';
import { createThreeWayStrategicPatch } from './strategicDiff.ts';
import { applyStrategicMergePatch } from './strategicMergePatch.ts';

export interface ClientSideApplyInput<T extends JsonObject> {
  /** As the API server holds it. */
  live: T;
  /** As it stands in the manifest. */
  config: T;
  /** Built-in kinds merge strategically, custom ones by JSON merge patch (semantics T-2). */
  node: SchemaNode;
}

export type ClientSideApplyResult<T extends JsonObject> =
  | {
      result: 'ok' | 'unchanged';
      /** Before defaulting and validation. */
      object: T;
      /** What the client sends; empty where it sends nothing. */
      patch: JsonObject;
      type: 'strategic' | 'merge';
    }
  | { result: 'invalid'; error: string };

/**
 * `kubectl apply` without `--server-side` on an object that exists (semantics T-1, T-5): the last applied configuration is read
 * from the live annotation, the new one is written there. Without that annotation nothing is ever removed.
 */
export function clientSideApply<T extends JsonObject>(input: ClientSideApplyInput<T>): ClientSideApplyResult<T> {
  const { live, config, node } = input;
  const modified = withLastApplied(config);
  const original = lastAppliedOf(live) ?? {};
  const type = node.builtIn === true ? 'strategic' : 'merge';
  const made = threeWayPatch(original, modified, live, node);
  if (made.result === 'invalid') return made;
  const patch = made.patch;
  if (Object.keys(patch).length === 0) return { result: 'unchanged', object: live, patch, type };
  const applied =
    type === 'merge'
      ? ({ result: 'ok', object: applyMergePatch(live, patch) } as const)
      : applyStrategicMergePatch(live, patch, node);
  if (applied.result === 'invalid') return applied;
  return { result: 'ok', object: applied.object as T, patch, type };
}

/** The patch that client-side apply sends: strategic for built-in kinds, a JSON merge patch for all others. */
export function threeWayPatch(
  original: JsonObject,
  modified: JsonObject,
  current: JsonObject,
  node: SchemaNode,
): { result: 'ok'; patch: JsonObject } | { result: 'invalid'; error: string } {
  if (node.builtIn !== true) return { result: 'ok', patch: createThreeWayMergePatch(original, modified, current) };
  const made = createThreeWayStrategicPatch(original, modified, current, node);
  return made.result === 'invalid' ? made : { result: 'ok', patch: objectOf(made.object) };
}

function objectOf(value: Json): JsonObject {
  return isJsonObject(value) ? value : {};
}
