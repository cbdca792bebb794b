import type { Translate } from '../../../core/explain/wording.ts';
import { isJsonObject } from '../../../core/json.ts';
import { applySetMemberLabel } from '../../../core/reconcile/applySet.ts';
import type { PlanAction, PlanReport, PlanStep } from '../../../core/report.ts';
import type { PlanState } from '../../../services/commits/planQueue.ts';
import type { Icon } from '../../views/model/statusLooks.ts';

export const actionIcons: Readonly<Record<PlanAction, Icon>> = {
  blocked: { id: 'error', color: 'list.errorForeground' },
  recreate: { id: 'refresh', color: 'list.warningForeground' },
  prune: { id: 'remove', color: 'list.warningForeground' },
  create: { id: 'add', color: 'charts.blue' },
  configure: { id: 'edit', color: 'charts.blue' },
  skip: { id: 'debug-step-over', color: 'disabledForeground' },
  unchanged: { id: 'check', color: 'testing.iconPassed' },
};

/** What a person must see first: what will not happen, then what is lost, then the rest. */
export const actionOrder: readonly PlanAction[] = [
  'blocked',
  'recreate',
  'prune',
  'create',
  'configure',
  'skip',
  'unchanged',
];

const signs: readonly (readonly [PlanAction, string])[] = [
  ['create', '+'],
  ['configure', '~'],
  ['recreate', '↻'],
  ['prune', '−'],
];

/** `+1 ~2 −1 · blocked 1`: the counts of a plan without its zeroes (ui.md, Commits). */
export function countsText(summary: PlanReport['summary'], t: Translate): string {
  const counts = signs
    .filter(([action]) => summary[action] > 0)
    .map(([action, sign]) => sign + String(summary[action]));
  const parts = counts.length === 0 ? [] : [counts.join(' ')];
  if (summary.blocked > 0) parts.push(t('blocked {0}', summary.blocked));
  return parts.length === 0 ? t('no change') : parts.join(' · ');
}

/** The same in words, for screen readers. */
export function countsInWords(summary: PlanReport['summary'], t: Translate): string {
  const parts = [
    summary.create > 0 ? t('{0} to create', summary.create) : '',
    summary.configure > 0 ? t('{0} to configure', summary.configure) : '',
    summary.recreate > 0 ? t('{0} to recreate', summary.recreate) : '',
    summary.prune > 0 ? t('{0} to prune', summary.prune) : '',
    summary.blocked > 0 ? t('{0} blocked', summary.blocked) : '',
  ].filter((part) => part !== '');
  return parts.length === 0 ? t('no change') : parts.join(', ');
}

/** What a row says of its plan, whatever it has come to. */
export function planText(plan: PlanState | undefined, t: Translate): string {
  switch (plan?.state) {
    case undefined:
      return '';
    case 'waiting':
    case 'computing':
      return t('planning…');
    case 'failed':
      return t('cannot be planned');
    case 'ready':
      return countsText(plan.plan.report.summary, t);
  }
}

export function planInWords(plan: PlanState | undefined, t: Translate): string {
  return plan?.state === 'ready' ? countsInWords(plan.plan.report.summary, t) : planText(plan, t);
}

/** Objects that a plan changes or is kept from changing, but for those that only join the inventory. */
export function changeCount({ steps }: PlanReport): number {
  return steps.filter((step) => step.action !== 'unchanged' && step.action !== 'skip' && !onlyJoins(step)).length;
}

/** The one change is the label by which Plumbline keeps its inventory: the cluster holds what Git says, whoever applied it. */
export function onlyJoins({ action, changes }: PlanStep): boolean {
  const [change] = changes;
  if (action !== 'configure' || change === undefined || changes.length > 1 || change.op !== 'added') return false;
  const path = change.segments.map((segment) => ('field' in segment ? segment.field : ''));
  const [metadata, labels, ...rest] = path;
  if (metadata !== 'metadata' || labels !== 'labels') return false;
  const added = rest.length === 0 && isJsonObject(change.desired) ? Object.keys(change.desired) : rest;
  return added.length === 1 && added[0] === applySetMemberLabel;
}

export function isBlocked(plan: PlanState | undefined): boolean {
  return plan?.state === 'ready' && plan.plan.report.summary.blocked > 0;
}

export function actionWord(action: PlanAction, t: Translate): string {
  switch (action) {
    case 'blocked':
      return t('blocked');
    case 'recreate':
      return t('recreate');
    case 'prune':
      return t('prune');
    case 'create':
      return t('create');
    case 'configure':
      return t('configure');
    case 'skip':
      return t('skip');
    case 'unchanged':
      return t('unchanged');
  }
}

/**
 * A server's refusal as a row says it: `spec.selector is immutable` of the paragraph that holds the whole selector. What is not known is
 * given without the name of the object, which stands before it.
 */
export function shortReason(reason: string, t: Translate): string {
  const immutable = /(?:^|[\s[])([A-Za-z][\w.[\]/-]*): (?:Invalid value|Forbidden).*?field is immutable/s.exec(
    reason,
  )?.[1];
  if (immutable !== undefined) return t('{0} is immutable', immutable);
  return reason.replace(/^[\w.]+ "[^"]*" is (?:invalid|forbidden): /, '');
}
