import { type Json, isJsonObject } from '../json.ts';
import { childNode } from '../schema/path.ts';
import { itemElement } from '../schema/pathElement.ts';
import type { SchemaNode } from '../schema/schemaNode.ts';
import { equalValues } from './equalValues.ts';
import { isKnownDefault, isNeverEmpty, meansAbsent } from './zeroValues.ts';

export interface HoldsOptions {
  builtIn: boolean;
  /** Nobody but the applier wrote the live value, so what it has beyond the applied one are defaults or admission's work. */
  onlyApplier: boolean;
}

/** Whether live is what was applied, as the server completed it: a list that merges as a whole comes back with defaults in its items. */
export function holdsApplied(
  live: Json | undefined,
  applied: Json | undefined,
  node: SchemaNode | undefined,
  options: HoldsOptions,
  fieldName = '',
): boolean {
  if (equalValues(live, applied, node)) return true;
  if (applied === undefined || applied === null) return false;
  if (live === undefined || live === null) return meansAbsent(applied, fieldName, options.builtIn);
  if (options.onlyApplier && isNeverEmpty(fieldName) && meansAbsent(applied, fieldName, options.builtIn)) return true;
  if (Array.isArray(applied)) return Array.isArray(live) && holdsItems(live, applied, node, options);
  if (!isJsonObject(applied) || !isJsonObject(live)) return false;
  for (const key of Object.keys(applied)) {
    const value = applied[key] ?? null;
    const found = Object.hasOwn(live, key) ? live[key] : undefined;
    if (!holdsApplied(found, value, childNode(node, { field: key }), options, key)) return false;
  }
  return Object.keys(live).every((key) => {
    if (options.onlyApplier || Object.hasOwn(applied, key)) return true;
    const extra = live[key] ?? null;
    return isKnownDefault(key, extra) || meansAbsent(extra, key, options.builtIn);
  });
}

function holdsItems(
  live: readonly Json[],
  applied: readonly Json[],
  node: SchemaNode | undefined,
  options: HoldsOptions,
): boolean {
  if (live.length !== applied.length) return false;
  const shape = node?.list;
  const byKey = shape?.relationship === 'map' ? shape : undefined;
  return applied.every((item, index) => {
    const element = byKey && itemElement(byKey, item);
    const match = byKey ? live.find((candidate) => itemElement(byKey, candidate) === element) : live[index];
    return holdsApplied(match, item, shape?.items, options);
  });
}
