import type { Problem } from '../../core/problem.ts';
import type { Style } from './style.ts';

const symbols = { error: '✖', warning: '⚠', information: 'ℹ' } as const;

/** Problems with their place and remedy; what could not be checked comes first. */
export function printProblems(problems: readonly Problem[], style: Style): string[] {
  const order = ['error', 'warning', 'information'];
  const sorted = problems.toSorted((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
  return sorted.flatMap((problem) => {
    const paint = problem.severity === 'error' ? style.error : problem.severity === 'warning' ? style.warn : style.info;
    const line = `${paint(symbols[problem.severity])} ${placeOf(problem)}${problem.message}`;
    return problem.remedy === undefined ? [line] : [line, `    ${style.dim(problem.remedy)}`];
  });
}

function placeOf(problem: Problem): string {
  const { location } = problem;
  if (location === undefined) return '';
  const line = location.line === undefined ? '' : `:${location.line}`;
  const column = location.line === undefined || location.column === undefined ? '' : `:${location.column}`;
  return `${location.file}${line}${column}: `;
}
