import { engineName } from '../../../core/explain/findings.ts';
import { relativeTimeInWords } from '../../../core/explain/relativeTime.ts';
import type { Translate } from '../../../core/explain/wording.ts';
import { type Stage, type StagedCommit, worktree } from '../../../services/commits/commitStages.ts';
import { type CommitsInput, shortId } from './commitNode.ts';
import { changeCount } from './planLooks.ts';

/** Is my commit live? One sentence that stands above the rows (ui.md, Commits). */
export function answerText(input: CommitsInput): string {
  const { snapshot, wording } = input;
  const { t } = wording;
  const { stages, engine } = snapshot;
  if (input.error !== undefined) return t('⚠ The commits could not be read: {0}', input.error.message);
  if (stages.head === undefined) return t('There is no commit yet.');
  const head = shortId(stages.head.commit);
  const suspended = engine.gates.some((gate) => gate.kind === 'suspended');
  if (stages.applied !== undefined || engine.fetches) {
    const reasons = stageReasons(stages.unapplied, engine.fetches, t);
    if (reasons.length > 0) {
      const because = reasons.join(', ');
      return suspended
        ? t('HEAD {0} is not live: {1}, and {2} is suspended.', head, because, engineName(engine.engine, t))
        : t('HEAD {0} is not live: {1}.', head, because);
    }
  }
  if (stages.applied !== undefined) return appliedText(input, head);
  if (engine.fetches) return t('HEAD {0} is not live: nothing is known to be applied yet.', head);
  return comparedText(input, head);
}

/** `2 commits not pushed`, for each stage in which some wait. */
function stageReasons(unapplied: readonly StagedCommit[], fetches: boolean, t: Translate): string[] {
  const count = (stage: Stage): number => unapplied.filter((item) => item.stage === stage).length;
  if (!fetches) {
    // No push is needed for a direct apply, so it is no reason.
    const all = unapplied.length;
    return all === 0 ? [] : [all === 1 ? t('1 commit not applied') : t('{0} commits not applied', all)];
  }
  const [notPushed, notFetched, notApplied] = [count('not-pushed'), count('not-fetched'), count('not-applied')];
  return [
    notPushed === 0 ? '' : notPushed === 1 ? t('1 commit not pushed') : t('{0} commits not pushed', notPushed),
    notFetched === 0 ? '' : notFetched === 1 ? t('1 commit not fetched') : t('{0} commits not fetched', notFetched),
    notApplied === 0 ? '' : notApplied === 1 ? t('1 commit not applied') : t('{0} commits not applied', notApplied),
  ].filter((reason) => reason !== '');
}

/** All that Git has is applied; the cluster may have moved since. */
function appliedText({ report, wording: { t } }: CommitsInput, head: string): string {
  const moved = (report?.objects ?? []).filter(({ status }) =>
    ['drifted', 'conflict', 'missing'].includes(status),
  ).length;
  if (moved === 0) return t('HEAD {0} is live.', head);
  return moved === 1
    ? t('HEAD {0} is applied, and 1 object has drifted since.', head)
    : t('HEAD {0} is applied, and {1} objects have drifted since.', head, moved);
}

/** Where nothing says what was applied, the plan of HEAD does. */
function comparedText({ snapshot, wording }: CommitsInput, head: string): string {
  const { t } = wording;
  const { engine, plans, stages } = snapshot;
  const when = engine.appliedAt === undefined ? undefined : relativeTimeInWords(engine.appliedAt, wording);
  const fromWorktree = engine.applied === worktree;
  const chain = [stages.base?.id, ...stages.unapplied.map((item) => item.commit.id)];
  const found = chain.map((revision) => (revision === undefined ? undefined : plans.get(revision)));
  if (found.some((plan) => plan?.state === 'failed')) return t('Whether HEAD {0} is live is not known.', head);
  if (found.length === 0 || found.some((plan) => plan?.state !== 'ready')) {
    return t('Comparing HEAD {0} with the cluster…', head);
  }
  const differing = found.reduce((sum, plan) => sum + (plan?.state === 'ready' ? changeCount(plan.plan.report) : 0), 0);
  if (differing === 0) {
    return fromWorktree && when !== undefined
      ? t('HEAD {0} is live, applied from the working tree {1}.', head, when)
      : t('HEAD {0} is live.', head);
  }
  if (fromWorktree && when !== undefined) {
    return t('HEAD {0} is not live: the working tree was applied {1}.', head, when);
  }
  return differing === 1
    ? t('HEAD {0} is not live: 1 object differs.', head)
    : t('HEAD {0} is not live: {1} objects differ.', head, differing);
}
