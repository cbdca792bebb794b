import type { FieldChange, FieldManager, ObjectReport } from '../report.ts';
import type { Translate, Wording } from './wording.ts';
import { relativeTime, relativeTimeInWords } from './relativeTime.ts';
import { valuePair, valueText } from './valueText.ts';

/** Changes that a person is shown; what is ignored is only counted. */
export function shownChanges(object: ObjectReport): FieldChange[] {
  return object.changes.filter((change) => change.status !== 'ignored');
}

/** The manager that wrote last, where one is known. */
export function lastManager(change: FieldChange): FieldManager | undefined {
  return [...change.managers].sort((a, b) => ((a.time ?? '') < (b.time ?? '') ? 1 : -1))[0];
}

/** A manager as people read it: `kubectl-edit`, `kubectl (scale)`. */
export function managerName(manager: FieldManager): string {
  return manager.subresource === undefined ? manager.name : `${manager.name} (${manager.subresource})`;
}

/** What Git has and what the cluster has: `Git 3 → live 5`. */
export function sides(change: FieldChange, t: Translate): string {
  if (change.masked === true) {
    if (change.op === 'added') return t('not in Git → live, hidden');
    return change.op === 'removed' ? t('Git, hidden → not live') : t('differs, values hidden');
  }
  const { desired, live } = change;
  if (desired !== undefined && live !== undefined) {
    const [inGit, inCluster] = valuePair(desired, live, 28);
    return t('{0} → {1}', t('Git {0}', inGit), t('live {0}', inCluster));
  }
  const git = desired === undefined ? t('not in Git') : t('Git {0}', valueText(desired, 28));
  return t('{0} → {1}', git, live === undefined ? t('not live') : t('live {0}', valueText(live, 28)));
}

/** What the engine will do by itself; undefined where it is not known. */
export function nextText(change: FieldChange, engine: string, t: Translate): string | undefined {
  if (change.next === 'reverted') return t('{0} reverts it', engine);
  if (change.next === 'kept') return t('{0} leaves it', engine);
  return undefined;
}

/** Who and when, short: `kubectl-edit, 14 min ago`; undefined where the cluster keeps neither, or where Git alone has moved. */
export function whoShort(change: FieldChange, wording: Wording): string | undefined {
  if (change.status === 'pending') return undefined;
  const manager = lastManager(change);
  if (manager === undefined) return change.note;
  const when = manager.time === undefined ? undefined : relativeTime(manager.time, wording);
  return when === undefined ? managerName(manager) : `${managerName(manager)}, ${when}`;
}

/** The same in full words for diagnostics. */
export function whoInWords(change: FieldChange, wording: Wording): string | undefined {
  if (change.status === 'pending') return undefined;
  const manager = lastManager(change);
  if (manager === undefined) return change.note;
  const when = manager.time === undefined ? undefined : relativeTimeInWords(manager.time, wording);
  return when === undefined ? managerName(manager) : `${managerName(manager)}, ${when}`;
}

/** The engine as people call it. */
export function engineName(engine: 'direct' | 'flux' | 'argocd', t: Translate): string {
  if (engine === 'flux') return 'Flux';
  return engine === 'argocd' ? 'Argo CD' : t('direct');
}
