import type { Json } from '../json.ts';
import type { SchemaNode } from '../schema/schemaNode.ts';
import { fitAll, withoutIgnored } from './applyConfiguration.ts';
import { type Comparison, compareObjects } from './compare.ts';
import { type FieldSet, emptyFieldSet } from './fieldSet.ts';
import { type ManagedSet, type Managers, releaseFields } from './managers.ts';

export interface UpdateInput {
  /** Undefined where the object is created. */
  live: Json | undefined;
  managers: Managers;
  /** The whole object as it will be. */
  object: Json;
  manager: string;
  apiVersion: string;
  node: SchemaNode;
  /** As for `applyConfiguration`. */
  ignored?: FieldSet;
}

export interface UpdateResult {
  live: Json;
  managers: Map<string, ManagedSet>;
  comparison: Comparison;
}

/** Who owns what after an object was replaced or patched: the updater takes what it changed or added, and never conflicts. */
export function updateObject(input: UpdateInput): UpdateResult {
  const { live, object, manager, node, apiVersion, ignored = emptyFieldSet } = input;
  const comparison = withoutIgnored(compareObjects(live, object, node), ignored);
  const managers = releaseFields(fitAll(input.managers, node), comparison, manager);
  const before = managers.get(manager)?.set ?? emptyFieldSet;
  const set = before
    .difference(comparison.removed)
    .union(comparison.modified)
    .union(comparison.added)
    .differenceWithChildren(ignored);
  if (set.isEmpty) managers.delete(manager);
  else managers.set(manager, { set, apiVersion, applied: false });
  return { live: object, managers, comparison };
}
