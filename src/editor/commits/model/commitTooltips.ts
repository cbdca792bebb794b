import { clockTime } from '../../../core/explain/relativeTime.ts';
import type { Translate, Wording } from '../../../core/explain/wording.ts';
import type { Gate } from '../../../core/report.ts';
import type { Commit } from '../../../ports/gitRepository.ts';
import type { CommitsSnapshot } from '../../../services/commits/commitsSession.ts';
import type { PlanState } from '../../../services/commits/planQueue.ts';
import { escapeMarkdown, inlineCode } from '../../views/model/markdownText.ts';
import { countsInWords } from './planLooks.ts';

/** A commit in full: subject, author, time, id, and what its plan does. */
export function commitTooltip(
  commit: Commit | undefined,
  plan: PlanState | undefined,
  { t, now }: Wording,
  applied?: { revision: string; at: string | undefined },
): string {
  const lines: string[] = [];
  if (commit !== undefined) {
    lines.push(`**${escapeMarkdown(commit.subject)}**`);
    lines.push(`${escapeMarkdown(commit.author)}, ${clockTime(commit.at, now)} · ${inlineCode(commit.id)}`);
  }
  if (applied !== undefined) {
    if (applied.at !== undefined) lines.push(t('Applied {0}', clockTime(applied.at, now)));
    if (applied.revision !== commit?.id) lines.push(t('Revision {0}', inlineCode(applied.revision)));
  }
  lines.push(...planLines(plan, t));
  return lines.join('\n\n');
}

export function worktreeTooltip({ stages }: CommitsSnapshot, plan: PlanState | undefined, t: Translate): string {
  const shown = stages.edited.slice(0, 12);
  const lines = [`**${t('Working tree')}**`];
  if (shown.length > 0) lines.push(shown.map((file) => `- ${inlineCode(file.path)}`).join('\n'));
  if (stages.edited.length > shown.length) lines.push(t('{0} more files', stages.edited.length - shown.length));
  lines.push(...planLines(plan, t));
  return lines.join('\n\n');
}

export function gateTooltip(gate: Gate): string {
  return [gate.message, gate.remedy ?? '']
    .filter((part) => part !== '')
    .map(escapeMarkdown)
    .join('\n\n');
}

function planLines(plan: PlanState | undefined, t: Translate): string[] {
  if (plan?.state === 'failed')
    return [escapeMarkdown(plan.message), escapeMarkdown(plan.remedy ?? '')].filter(Boolean);
  if (plan?.state !== 'ready') return [];
  const lines = [t('Plan: {0}', countsInWords(plan.plan.report.summary, t))];
  if (plan.plan.afterOthers) lines.push(t('It starts after the commits before it, as they are foretold.'));
  return lines;
}
