import type { FieldManager } from '../report.ts';
import type { Applier } from './detectApplier.ts';

/** An Apply entry of the applier: it proves declaration (design §2.1 d). */
export function isApplyOf(applier: Applier, manager: FieldManager): boolean {
  return manager.operation === 'Apply' && manager.subresource === undefined && applier.managers.includes(manager.name);
}

/**
 * An entry that the applier's own requests wrote, also what admission and the server added to them. Names that kubectl shares with
 * people count as the applier's only in the operation that it applies with.
 */
export function isWrittenBy(applier: Applier, manager: FieldManager): boolean {
  if (manager.subresource !== undefined || !applier.managers.includes(manager.name)) return false;
  if (manager.operation === 'Apply') return true;
  return applier.kind !== 'server-side' || !manager.name.startsWith('kubectl');
}
