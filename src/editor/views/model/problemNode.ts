import type { Wording } from '../../../core/explain/wording.ts';
import type { Problem } from '../../../core/problem.ts';
import type { DriftView } from '../../sessions/viewState.ts';
import type { DriftNode } from './driftNode.ts';
import { sep } from './rowIds.ts';
import { joinFlags, joinParts } from './rowNode.ts';
import { brokenIcon, noticeIcon, statusIcons } from './statusLooks.ts';
import { problemTooltip } from './tooltips.ts';

/** The row of a problem that belongs to no application in view. */
export function problemNode(view: DriftView | undefined, problem: Problem, index: number, wording: Wording): DriftNode {
  const broken = problem.severity === 'error';
  const title = problemTitle(problem, wording);
  const rest = title === undefined ? (problem.remedy ?? '') : problem.message;
  return {
    id: ['problem', view?.root ?? '', view?.context ?? '', problem.code, problem.message, index].join(sep),
    kind: 'problem',
    label: title ?? problem.message,
    description: rest,
    icon: broken ? brokenIcon : problem.severity === 'warning' ? statusIcons.drifted : noticeIcon,
    spoken: joinParts([problem.message, problem.remedy ?? ''], ' '),
    flags: joinFlags('problem', problem.code, isChoice(problem) && 'choice', problem.location && 'located'),
    children: 'none',
    tooltip: () => problemTooltip(problem, wording),
    ...(view === undefined ? {} : { root: view.root }),
    ...(problem.location === undefined ? {} : { location: problem.location }),
  };
}

/** Applications that declare the same objects: only the user knows which of them the cluster should hold. */
function isChoice({ code, application, object }: Problem): boolean {
  return code === 'not-checked' && application !== undefined && object === undefined;
}

/** A few words before a sentence that a narrow view would cut off. */
function problemTitle({ code }: Problem, { t }: Wording): string | undefined {
  switch (code) {
    case 'unreachable':
      return t('No answer');
    case 'unauthorized':
      return t('Sign-in refused');
    case 'forbidden':
      return t('Not allowed');
    case 'not-checked':
      return t('Not checked');
    case 'unknown-context':
    case 'no-kubeconfig':
    case 'invalid-kubeconfig':
      return t('Kubeconfig');
    case 'unknown-kind':
      return t('Unknown kind');
    default:
      return undefined;
  }
}
