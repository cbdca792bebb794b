import type { Problem } from '../../../core/problem.ts';
import { describeKey } from '../../../core/kube/objectKey.ts';
import type { PlanAction, PlanReport, PlanStep } from '../../../core/report.ts';
import type { Translate } from '../../../core/explain/wording.ts';

/** A modal dialog does not scroll: more than this many names are counted. */
const namedAtMost = 5;

/** What a confirmation says of a plan: counts, what is deleted by name, what destroys data apart, what could not be foreseen. */
export function planLines(
  plan: PlanReport | undefined,
  problems: readonly Problem[],
  context: string,
  t: Translate,
): string[] {
  return [
    ...(plan === undefined ? [] : [countsText(plan.summary, t), ...deletions(plan, t), ...basis(plan, t)]),
    ...shortfall(plan, problems, context, t),
  ];
}

/** `1 create · 2 configure · 0 prune`: exact, with the zeroes that matter (ui.md, Confirmations). */
export function countsText(summary: PlanReport['summary'], t: Translate): string {
  const { create, configure, recreate, prune, blocked, unchanged } = summary;
  if (create + configure + recreate + prune + blocked === 0) {
    return unchanged === 1
      ? t('Changes nothing: 1 object is as Git says.')
      : t('Changes nothing: {0} objects are as Git says.', unchanged);
  }
  const parts = [t('{0} create', create), t('{0} configure', configure)];
  if (recreate > 0) parts.push(t('{0} recreate', recreate));
  parts.push(t('{0} prune', prune));
  if (blocked > 0) parts.push(t('{0} blocked', blocked));
  return parts.join(' · ');
}

/** Objects of some steps by name, `and 3 more` where there are many. */
export function namesOf(steps: readonly PlanStep[], t: Translate): string {
  const names = steps.slice(0, namedAtMost).map((step) => describeKey(step));
  const rest = steps.length - names.length;
  return rest > 0 ? t('{0} and {1} more', names.join(', '), rest) : names.join(', ');
}

export function stepsOf(plan: PlanReport, ...actions: PlanAction[]): PlanStep[] {
  return plan.steps.filter((step) => actions.includes(step.action));
}

function deletions(plan: PlanReport, t: Translate): string[] {
  const lines: string[] = [];
  const kept = (step: PlanStep): boolean => step.destroysData !== true;
  const pruned = stepsOf(plan, 'prune').filter(kept);
  const recreated = stepsOf(plan, 'recreate').filter(kept);
  if (pruned.length > 0) lines.push(t('Prunes {0}', namesOf(pruned, t)));
  if (recreated.length > 0) lines.push(t('Deletes and creates anew {0}', namesOf(recreated, t)));
  const destroyed = stepsOf(plan, 'prune', 'recreate').filter((step) => !kept(step));
  if (destroyed.length > 0) lines.push(t('⚠ DESTROYS DATA: {0}', namesOf(destroyed, t)));
  return lines;
}

/** Where the API server did not have the word, it is said so. */
function basis(plan: PlanReport, t: Translate): string[] {
  const foreseen = stepsOf(plan, 'create', 'configure', 'recreate', 'unchanged');
  const simulated = foreseen.filter((step) => step.basis === 'simulated').length;
  if (simulated === 0) return [];
  if (simulated === foreseen.length) return [t('Simulated: the API server was not asked.')];
  return [t('Simulated, not asked of the API server: {0} of {1} steps.', simulated, foreseen.length)];
}

function shortfall(
  plan: PlanReport | undefined,
  problems: readonly Problem[],
  context: string,
  t: Translate,
): string[] {
  const severe = problems.filter((problem) => problem.severity === 'error');
  if (plan !== undefined && severe.length === 0) return [];
  const first = severe[0]?.message ?? t('{0} gave no answer.', context);
  const more = severe.length > 1 ? ` ${t('{0} more problems.', severe.length - 1)}` : '';
  return [
    plan === undefined
      ? t('⚠ What it will do could not be foreseen: {0}{1}', first, more)
      : t('⚠ The plan is not whole: {0}{1}', first, more),
  ];
}
