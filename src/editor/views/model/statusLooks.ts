import type { Health, ObjectStatus } from '../../../core/report.ts';
import type { Translate } from '../../../core/explain/wording.ts';

/** An icon of the editor's own set with a colour of the theme; the icon alone tells the state. */
export interface Icon {
  id: string;
  color?: string;
}

export const statusIcons: Readonly<Record<ObjectStatus | 'undetermined' | 'ignored', Icon>> = {
  conflict: { id: 'error', color: 'list.errorForeground' },
  drifted: { id: 'warning', color: 'list.warningForeground' },
  missing: { id: 'circle-slash', color: 'list.warningForeground' },
  pending: { id: 'circle-filled', color: 'charts.blue' },
  create: { id: 'add', color: 'charts.blue' },
  extra: { id: 'diff-removed', color: 'charts.blue' },
  unknown: { id: 'question', color: 'disabledForeground' },
  undetermined: { id: 'question', color: 'list.warningForeground' },
  synced: { id: 'check', color: 'testing.iconPassed' },
  ignored: { id: 'eye-closed', color: 'disabledForeground' },
};

export const suspendedIcon: Icon = { id: 'debug-pause', color: 'disabledForeground' };
export const brokenIcon: Icon = { id: 'close', color: 'list.errorForeground' };
export const noticeIcon: Icon = { id: 'info', color: 'charts.blue' };

/** The most urgent first: what a view lists first and what an application is marked with (ui.md: order). */
export const statusOrder: readonly ObjectStatus[] = [
  'conflict',
  'drifted',
  'missing',
  'pending',
  'create',
  'extra',
  'unknown',
  'synced',
];

/** Statuses of which a person must know: the number on the icon. */
export const alarming: readonly ObjectStatus[] = ['drifted', 'conflict', 'missing', 'extra'];

export function rankOf(status: ObjectStatus): number {
  return statusOrder.indexOf(status);
}

/** The status as a row says it. */
export function statusWord(status: ObjectStatus, t: Translate): string {
  switch (status) {
    case 'conflict':
      return t('conflict');
    case 'drifted':
      return t('drifted');
    case 'missing':
      return t('missing');
    case 'pending':
      return t('pending');
    case 'create':
      return t('to be created');
    case 'extra':
      return t('no longer in Git');
    case 'unknown':
      return t('not checked');
    case 'synced':
      return t('in sync');
  }
}

/** A count with its status: `2 drifted`, `23 in sync`. */
export function statusCount(status: ObjectStatus, count: number, t: Translate): string {
  switch (status) {
    case 'conflict':
      return count === 1 ? t('1 conflict') : t('{0} conflicts', count);
    case 'drifted':
      return t('{0} drifted', count);
    case 'missing':
      return t('{0} missing', count);
    case 'pending':
      return t('{0} pending', count);
    case 'create':
      return t('{0} to be created', count);
    case 'extra':
      return t('{0} no longer in Git', count);
    case 'unknown':
      return t('{0} not checked', count);
    case 'synced':
      return t('{0} in sync', count);
  }
}

/** Health as a row says it; nothing where nobody reports any. */
export function healthWord(health: Health | undefined, t: Translate): string {
  switch (health) {
    case 'healthy':
      return t('healthy');
    case 'progressing':
      return t('progressing');
    case 'degraded':
      return t('degraded');
    case 'suspended':
      return t('suspended');
    default:
      return '';
  }
}
