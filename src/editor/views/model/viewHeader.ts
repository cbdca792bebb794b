import type { Problem } from '../../../core/problem.ts';
import type { ObjectStatus } from '../../../core/report.ts';
import type { DriftView, ViewState } from '../../sessions/viewState.ts';
import type { Translate, Wording } from '../../../core/explain/wording.ts';
import { clockTime } from '../../../core/explain/relativeTime.ts';
import { alarming, statusCount, statusOrder } from './statusLooks.ts';

/** Totals over all views, by status. */
export function totals(views: readonly DriftView[]): Record<ObjectStatus | 'objects', number> {
  const sums = { objects: 0 } as Record<ObjectStatus | 'objects', number>;
  for (const status of statusOrder) sums[status] = 0;
  for (const { snapshot } of views) {
    for (const name of [...statusOrder, 'objects'] as const) sums[name] += snapshot.report.summary[name];
  }
  return sums;
}

/** Dim text beside the view's title: `prod-eu · 10:42:07`. */
export function headerText(views: readonly DriftView[], { now }: Wording): string {
  const [first] = views;
  if (first === undefined) return '';
  const answered = views.filter((view) => view.snapshot.state !== 'loading').map((view) => view.snapshot.report.at);
  const oldest = answered.sort()[0];
  return oldest === undefined ? first.context : `${first.context} · ${clockTime(oldest, now)}`;
}

/** The line above the tree: what is stale, or that all is true. Undefined where the rows say it all. */
export function messageText(state: ViewState, views: readonly DriftView[], { t }: Wording): string | undefined {
  if (state !== 'ready') return undefined;
  const sums = totals(views);
  const failure = views.flatMap((view) => view.snapshot.report.problems).find(isWholeCluster);
  // The line above the tree wraps, a row does not: of a cluster that never answered all is said here.
  if (failure !== undefined && sums.objects === 0) {
    return failure.remedy === undefined ? `⚠ ${failure.message}` : `⚠ ${failure.message} ${failure.remedy}`;
  }
  const stale = views.find((view) => view.snapshot.state === 'stale');
  if (stale?.snapshot.error !== undefined && stale.snapshot.report.summary.objects > 0) {
    return t('⚠ connection lost, retrying: {0}', stale.snapshot.error.message);
  }
  const broken = views.some((view) => view.snapshot.report.problems.some((problem) => problem.severity === 'error'));
  if (broken || stale !== undefined || sums.objects === 0 || sums.synced !== sums.objects) return undefined;
  const applications = views.reduce((sum, view) => sum + view.snapshot.report.applications.length, 0);
  return applications === 1
    ? t('Everything in {0} hangs true: {1} objects in 1 application.', views[0]?.context ?? '', sums.objects)
    : t(
        'Everything in {0} hangs true: {1} objects in {2} applications.',
        views[0]?.context ?? '',
        sums.objects,
        applications,
      );
}

function isWholeCluster(problem: Problem): boolean {
  return problem.severity === 'error' && problem.application === undefined && problem.object === undefined;
}

/** The number on the icon: objects of which a person must know. Undefined for none. */
export function badge(views: readonly DriftView[], t: Translate): { value: number; tooltip: string } | undefined {
  const sums = totals(views);
  const value = alarming.reduce((sum, status) => sum + sums[status], 0);
  if (value === 0) return undefined;
  const parts = statusOrder.filter((status) => alarming.includes(status) && sums[status] > 0);
  return { value, tooltip: parts.map((status) => statusCount(status, sums[status], t)).join(', ') };
}
