import type { Gate, PlanAction, PlanReport, PlanStep } from '../report.ts';

export function planReport(
  head: { application: string; context: string; from: string; to: string; gates: readonly Gate[] },
  steps: readonly PlanStep[],
): PlanReport {
  const summary: Record<PlanAction, number> = {
    create: 0,
    configure: 0,
    recreate: 0,
    prune: 0,
    unchanged: 0,
    skip: 0,
    blocked: 0,
  };
  for (const step of steps) summary[step.action]++;
  return { ...head, gates: [...head.gates], steps: [...steps], summary };
}

/** `+1 ~2 ↻0 −0 ⛔1` without the zeroes: the counts of the Commits view (ui.md). */
export function planCounts(summary: PlanReport['summary']): string {
  const parts: [PlanAction, string][] = [
    ['create', '+'],
    ['configure', '~'],
    ['recreate', '↻'],
    ['prune', '−'],
  ];
  const counts = parts
    .filter(([action]) => summary[action] > 0)
    .map(([action, symbol]) => symbol + String(summary[action]));
  if (summary.blocked > 0) counts.push(`· blocked ${summary.blocked}`);
  return counts.join(' ') || 'no change';
}
