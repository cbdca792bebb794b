import type { Problem } from '../core/problem.ts';

/** What the process ends with (design §5). */
export const exitCode = {
  nothingToReport: 0,
  findings: 1,
  incomplete: 2,
  actionFailed: 3,
  usage: 64,
} as const;

/** Findings win over an incomplete answer: a pipeline that fails on drift fails although more could not be checked. */
export function exitCodeFor(
  summary: Readonly<Record<string, number>>,
  failOn: ReadonlySet<string>,
  problems: readonly Problem[],
): number {
  for (const status of failOn) if ((summary[status] ?? 0) > 0) return exitCode.findings;
  return problems.some((problem) => problem.severity === 'error') ? exitCode.incomplete : exitCode.nothingToReport;
}
