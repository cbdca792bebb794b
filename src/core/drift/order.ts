import type { ChangeStatus, FieldChange, ObjectStatus } from '../report.ts';

/** Worst first; the order in which every surface shows objects (ui.md). */
export const objectStatusOrder: readonly ObjectStatus[] = [
  'conflict',
  'drifted',
  'missing',
  'pending',
  'create',
  'extra',
  'unknown',
  'synced',
];

const changeStatusOrder: readonly ChangeStatus[] = ['conflict', 'drifted', 'pending', 'undetermined', 'ignored'];

/** Findings by weight, then by path. */
export function compareChanges(a: FieldChange, b: FieldChange): number {
  const byStatus = changeStatusOrder.indexOf(a.status) - changeStatusOrder.indexOf(b.status);
  if (byStatus !== 0) return byStatus;
  return a.path === b.path ? 0 : a.path < b.path ? -1 : 1;
}

/**
 * What the changes make of their object (design §2.1). Differences that cannot be decided make it `unknown`: it is not in sync, and to say
 * who moved would be a guess.
 */
export function statusOfChanges(changes: readonly FieldChange[]): ObjectStatus {
  const has = (status: ChangeStatus): boolean => changes.some((change) => change.status === status);
  if (has('conflict')) return 'conflict';
  if (has('drifted')) return 'drifted';
  if (has('pending')) return 'pending';
  return has('undetermined') ? 'unknown' : 'synced';
}
