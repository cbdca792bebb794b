import { shortPath, valuePair, valueText } from '../../core/explain/valueText.ts';
import { describeKey } from '../../core/kube/objectKey.ts';
import { planCounts } from '../../core/reconcile/planReport.ts';
import type { FieldChange, PlanAction, PlanList, PlanReport, PlanStep } from '../../core/report.ts';
import { gateLines } from './gateText.ts';
import { printProblems } from './problemText.ts';
import type { Style } from './style.ts';

const symbols: Record<PlanAction, string> = {
  create: '+',
  configure: '~',
  recreate: '↻',
  prune: '−',
  unchanged: '=',
  skip: '·',
  blocked: '⛔',
};

/** Plans as a terminal shows them: what changes, in the order in which it happens, and what stands in the way. */
export function printPlans(list: PlanList, style: Style): string {
  const lines: string[] = [];
  for (const plan of list.plans) lines.push(...planLines(plan, style));
  lines.push(...printProblems(list.problems, style));
  if (list.plans.length === 0 && list.problems.length === 0) lines.push('no applications were found here');
  return `${lines.join('\n')}\n`;
}

function planLines(plan: PlanReport, style: Style): string[] {
  const range = `${revision(plan.from)} → ${revision(plan.to)}`;
  const head = `${style.bold(plan.application)} on ${plan.context} (${range})  ${planCounts(plan.summary)}`;
  const gates = gateLines(plan.gates, style);
  const shown = plan.steps.filter((step) => step.action !== 'unchanged');
  return [head, ...gates, ...shown.flatMap((step) => stepLines(step, style))];
}

function revision(text: string): string {
  return /^[0-9a-f]{40}$/.test(text) ? text.slice(0, 7) : text;
}

function stepLines(step: PlanStep, style: Style): string[] {
  const data = step.destroysData === true ? style.error(' destroys data') : '';
  const why = step.reasons.length === 0 ? '' : `  ${style.dim(step.reasons.join('; '))}`;
  const basis = step.basis === 'simulated' ? style.dim(' (simulated)') : '';
  const line = `  ${paint(step.action, style)(symbols[step.action])} ${describeKey(step)}${data}${basis}${why}`;
  return [line, ...step.changes.map((change) => `      ${changeText(change)}`)];
}

function changeText(change: FieldChange): string {
  const field = change.segments.length === 0 ? change.path : shortPath(change.segments);
  if (change.masked === true) return `${field}: ${change.op} (hidden)`;
  const { live, desired } = change;
  if (live !== undefined && desired !== undefined) return `${field}: ${valuePair(live, desired, 40).join(' → ')}`;
  if (desired !== undefined) return `${field}: + ${valueText(desired, 60)}`;
  if (live !== undefined) return `${field}: − ${valueText(live, 60)}`;
  return field;
}

function paint(action: PlanAction, style: Style): (text: string) => string {
  switch (action) {
    case 'create':
      return style.good;
    case 'configure':
      return style.info;
    case 'recreate':
    case 'prune':
      return style.warn;
    case 'blocked':
      return style.error;
    case 'unchanged':
    case 'skip':
      return style.dim;
  }
}
