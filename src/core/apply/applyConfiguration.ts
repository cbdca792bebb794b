import type { Json } from '../json.ts';
import type { SchemaNode } from '../schema/schemaNode.ts';
import { type SchemaFinding, validateObject } from '../schema/validate.ts';
import { type Comparison, compareObjects } from './compare.ts';
import { type FieldSet, emptyFieldSet } from './fieldSet.ts';
import { fieldSetOf } from './fieldSetOf.ts';
import { type Conflict, type ManagedSet, type Managers, conflictsOf, releaseFields, unionOf } from './managers.ts';
import { mergeInto } from './merge.ts';
import { pruneFields } from './prune.ts';
import { fitToSchema } from './schemaChange.ts';

export interface ApplyInput {
  /** Undefined where the object does not exist. */
  live: Json | undefined;
  managers: Managers;
  config: Json;
  manager: string;
  /** Of the configuration; recorded with the manager's set. */
  apiVersion: string;
  /** Takes the fields of others instead of reporting conflicts. */
  force: boolean;
  node: SchemaNode;
  /** Fields that are nobody's, with all that lies under them: they count neither as owned nor as changed (semantics M-15). */
  ignored?: FieldSet;
}

export type ApplyResult =
  | { result: 'ok' | 'unchanged'; live: Json; managers: Map<string, ManagedSet>; comparison: Comparison }
  | { result: 'conflict'; conflicts: Conflict[] }
  | { result: 'invalid'; findings: SchemaFinding[] };

/**
 * Server-side apply as the merge library does it (semantics appendix 5): merge, prune, then settle who owns what. No defaults, no
 * times, no API server; `serverApply` adds those. `live` of the result is the very value that went in where nothing changed.
 */
export function applyConfiguration(input: ApplyInput): ApplyResult {
  const { live, config, manager, node, ignored = emptyFieldSet } = input;
  const findings = validateObject(config, node, { mergeOnly: true });
  if (findings.length > 0) return { result: 'invalid', findings };

  const managers = fitAll(input.managers, node);
  const last = managers.get(manager)?.set ?? emptyFieldSet;
  const set = fieldSetOf(config, node).differenceWithChildren(ignored);
  managers.set(manager, { set, apiVersion: input.apiVersion, applied: true });
  const merged = mergeInto(live, config, node);
  const next = last.isEmpty ? merged : pruneFields(merged, node, last, unionOf(managers));

  const comparison = withoutIgnored(compareObjects(live, next, node), ignored);
  const conflicts = input.force ? [] : conflictsOf(managers, comparison, manager);
  if (conflicts.length > 0) return { result: 'conflict', conflicts };
  return {
    result: next === live ? 'unchanged' : 'ok',
    live: next,
    managers: releaseFields(managers, comparison, manager),
    comparison,
  };
}

export function fitAll(managers: Managers, node: SchemaNode): Map<string, ManagedSet> {
  const fitted = new Map<string, ManagedSet>();
  for (const [manager, managed] of managers) {
    const set = fitToSchema(managed.set, node);
    fitted.set(manager, set === managed.set ? managed : { ...managed, set });
  }
  return fitted;
}

export function withoutIgnored(comparison: Comparison, ignored: FieldSet): Comparison {
  if (ignored.isEmpty) return comparison;
  return {
    added: comparison.added.differenceWithChildren(ignored),
    modified: comparison.modified.differenceWithChildren(ignored),
    removed: comparison.removed.differenceWithChildren(ignored),
  };
}
