import type { SyncOutcome } from '../../../services/sync/syncOutcome.ts';
import { stoppedText } from '../../../services/sync/syncOutcome.ts';
import type { Translate } from '../../../core/explain/wording.ts';

/** What a person can do next; each has a command of its own. */
export type NextStep = 'showLog' | 'showCommits' | 'retry' | 'rollBack' | 'resume' | 'commitAndSync' | 'showPlan';

/** How an action ended, as one notification with what to do. */
export interface Ending {
  severity: 'information' | 'warning' | 'error';
  text: string;
  next: NextStep[];
}

export interface EndedAction {
  /** As its command is called: `Sync`. */
  action: string;
  application: string;
  context: string;
  /** What is so afterwards, where it is not the application as a whole. */
  done?: string;
  /** Something of it reached the cluster. */
  isApplied?: boolean;
}

export function endingOf(
  { action, application, context, done, isApplied }: EndedAction,
  outcome: SyncOutcome,
  t: Translate,
): Ending {
  switch (outcome.result) {
    case 'done':
      return {
        severity: 'information',
        text:
          done !== undefined
            ? `${action}: ${done}`
            : outcome.health === 'healthy'
              ? t('{0}: {1} is in {2} as Git says, and healthy.', action, application, context)
              : t('{0}: {1} is in {2} as Git says.', action, application, context),
        next: [],
      };
    case 'refused':
      return {
        severity: 'warning',
        text: sentences(
          t('{0}: nothing was changed in {1}.', action, context),
          sentence(outcome.reason),
          outcome.remedy,
        ),
        next: nextAfterRefusal(outcome.reason),
      };
    case 'failed':
      return {
        severity: 'error',
        text: sentences(
          t('{0}: {1} in {2} did not come to its end.', action, application, context),
          sentence(outcome.reason),
          t('Where it stands: {0}.', outcome.done),
          outcome.remedy,
        ),
        next: ['retry', 'showLog'],
      };
    case 'unhealthy':
      return {
        severity: 'warning',
        text: sentences(
          t('{0}: {1} was applied to {2}, but is not healthy.', action, application, context),
          sentence(outcome.reason),
        ),
        next: ['rollBack', 'showLog'],
      };
    case 'stopped':
      return {
        severity: 'information',
        text: stoppedText(outcome),
        // Who stops waiting for health has mostly seen that it will not come.
        next: isApplied === true ? ['rollBack', 'showCommits'] : ['showCommits'],
      };
  }
}

function nextAfterRefusal(reason: string): NextStep[] {
  if (/suspended/i.test(reason)) return ['resume'];
  if (/not pushed|not committed/i.test(reason)) return ['commitAndSync'];
  return /blocked/i.test(reason) ? ['showPlan', 'showLog'] : ['showLog'];
}

/** Reasons come as half sentences. */
function sentence(reason: string): string {
  const text = reason.charAt(0).toUpperCase() + reason.slice(1);
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}

function sentences(...parts: (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join(' ');
}
