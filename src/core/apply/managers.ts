import type { PathSegment } from '../location.ts';
import type { Comparison } from './compare.ts';
import { type FieldSet, emptyFieldSet } from './fieldSet.ts';

/** The fields of one manager, as they were in one API version. */
export interface ManagedSet {
  readonly set: FieldSet;
  readonly apiVersion: string;
  /** By server-side apply, not by an update. */
  readonly applied: boolean;
}

/** Who owns what. Keys are opaque; the API server's wrapper makes them of name, operation, version and subresource (semantics M-14). */
export type Managers = ReadonlyMap<string, ManagedSet>;

/** A field that an apply would change and another manager owns (semantics M-13). */
export interface Conflict {
  manager: string;
  segments: PathSegment[];
}

/** The fields of `comparison` that managers other than `self` own. */
export function conflictsOf(managers: Managers, comparison: Comparison, self: string): Conflict[] {
  const changed = comparison.modified.union(comparison.added);
  if (changed.isEmpty) return [];
  const conflicts: Conflict[] = [];
  for (const manager of [...managers.keys()].sort()) {
    if (manager === self) continue;
    const set = managers.get(manager)?.set ?? emptyFieldSet;
    for (const segments of set.intersection(changed).paths()) conflicts.push({ manager, segments });
  }
  return conflicts;
}

/** The managers after a change: all but `self` lose what was changed or removed, and vanish when nothing is left. */
export function releaseFields(managers: Managers, comparison: Comparison, self: string): Map<string, ManagedSet> {
  const taken = comparison.modified.union(comparison.added).union(comparison.removed);
  const left = new Map<string, ManagedSet>();
  for (const [manager, managed] of managers) {
    const set = manager === self || taken.isEmpty ? managed.set : managed.set.difference(taken);
    if (!set.isEmpty) left.set(manager, set === managed.set ? managed : { ...managed, set });
  }
  return left;
}

export function unionOf(managers: Managers): FieldSet {
  let union = emptyFieldSet;
  for (const { set } of managers.values()) union = union.union(set);
  return union;
}
