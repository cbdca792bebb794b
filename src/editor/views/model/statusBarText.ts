import type { DriftView, ViewState } from '../../sessions/viewState.ts';
import type { Wording } from '../../../core/explain/wording.ts';
import { escapeMarkdown } from './markdownText.ts';
import { clockTime } from '../../../core/explain/relativeTime.ts';
import { statusCount, statusOrder } from './statusLooks.ts';
import { totals } from './viewHeader.ts';

/** What the status bar shows; undefined hides the item. */
export interface StatusBarText {
  text: string;
  /** Markdown. */
  tooltip: string;
  spoken: string;
  /** A protected context stands on the warning's background. */
  warning: boolean;
}

export interface StatusBarInput {
  state: ViewState;
  /** The chosen context. */
  context: string | undefined;
  sandbox: boolean;
  /** Changes of the context are confirmed by typing its name. */
  isProtected: boolean;
  views: readonly DriftView[];
}

/** `⟂ prod-eu · 2 drifted`, `⟂ sandbox`, `⟂ no cluster` (ui.md, Status bar). */
export function statusBarText(input: StatusBarInput, wording: Wording): StatusBarText | undefined {
  const { t, now } = wording;
  const { state, context } = input;
  if (state === 'noFolder' || state === 'idle' || state === 'untrusted' || state === 'noManifests') return undefined;
  const name = context === undefined ? t('no cluster') : input.sandbox ? t('sandbox') : context;
  const sums = totals(input.views);
  const findings = statusOrder.filter((status) => !['synced', 'unknown'].includes(status) && sums[status] > 0);
  const shown = findings.slice(0, 2).map((status) => statusCount(status, sums[status], t));
  const stale = input.views.some(({ snapshot }) => snapshot.state === 'stale' || snapshot.kept !== undefined);
  const busy = state === 'loading';
  const parts = [name, ...(busy ? [] : shown)];
  const icon = busy ? '$(loading~spin)' : stale ? '$(warning)' : '⟂';
  const lock = input.isProtected ? '$(lock) ' : '';
  const tooltip: string[] = [`**Plumbline** · ${escapeMarkdown(name)}`];
  if (input.isProtected) tooltip.push(t('Protected: changes are confirmed by typing its name.'));
  for (const { snapshot } of input.views) {
    if (snapshot.error !== undefined) tooltip.push(escapeMarkdown(snapshot.error.message));
    else if (snapshot.state === 'ready') tooltip.push(t('As of {0}', clockTime(snapshot.report.at, now)));
    for (const { since, reason } of snapshot.kept?.values() ?? []) {
      tooltip.push(t('As Git was at {0}: {1}', clockTime(since, now), escapeMarkdown(reason.message)));
    }
  }
  if (findings.length > 0) tooltip.push(findings.map((status) => statusCount(status, sums[status], t)).join(', '));
  else if (sums.objects > 0) tooltip.push(statusCount('synced', sums.synced, t));
  return {
    text: `${icon} ${lock}${parts.join(' · ')}`,
    tooltip: tooltip.join('\n\n'),
    spoken: t(
      'Plumbline: {0}',
      [...parts, input.isProtected ? t('protected') : '', stale ? t('stale') : '']
        .filter((part) => part !== '')
        .join(', '),
    ),
    warning: input.isProtected,
  };
}
