import type { HistoryEntry } from '../../core/report.ts';
import type { GitRepository } from '../../ports/gitRepository.ts';
import {
  type PreparedRollback,
  type RollbackOptions,
  carryOutRollback,
  prepareRollback,
} from '../../services/rollback/rollBack.ts';
import type { ActionScope } from '../../services/actions/actionScope.ts';
import type { SyncOutcome } from '../../services/sync/syncOutcome.ts';
import { readHistory } from '../../services/history/readHistory.ts';
import { type ActionRun, foreseen, subjectOf } from './actionRun.ts';
import { Declined } from './declined.ts';
import { pushTarget } from './commitAndSync.ts';
import {
  type Foreseen,
  type SharedPlan,
  rollbackConfirmation,
  worseConfirmation,
  worseThan,
} from './model/confirmation.ts';
import { revisionItems } from './model/revisionPick.ts';
import { openScope, openTarget } from './openTarget.ts';
import { preparedOf, refusedBefore, waitMilliseconds } from './sync.ts';

/** Enough to find the last good one; `plumbline rollback --to` takes any. */
const commitsAtMost = 50;

/** *Roll Back*: Git first, by one new commit that restores the application's own sources; then as Commit and Sync. */
export async function rollBack(run: ActionRun, revision?: string): Promise<void> {
  const { parts, target } = run;
  const { t } = parts;
  const opened = await openTarget(run);
  const { repository } = opened.folder;
  if (repository === undefined) throw new Error(t('{0} is in no Git repository.', target.root));
  // All applications are prepared, since others may read the same files.
  const scope = await run.plan((signal) => openScope(run, opened, [], true, signal));
  const { application } = preparedOf(run, scope);
  const to = revision ?? (await pickRevision(run, scope, repository));
  const options: RollbackOptions = { application: target.application, to, shared: true, push: true, waitMilliseconds };
  const rollback = await run.plan((signal) => prepareRollback(scope, repository, options, signal));
  if (rollback === undefined) throw new Error(t('{0} is not there any more. Refresh and try again.', application.name));
  const seen = foreseenOf(rollback, scope, target.application);
  const refusal = refusalIn(rollback) ?? refusedBefore(seen.plan, true);
  if (refusal !== undefined) return run.end(refusal);
  const status = await repository.status();
  const { path } = application.source;
  const question = rollbackConfirmation(
    {
      ...subjectOf(run, application),
      revision: to.slice(0, 7),
      branch: status.branch,
      paths: rollback.files.paths,
      below: commonFolder(rollback.files.paths, path),
      pushesTo: await pushTarget(repository, status),
      alsoPushed: rollback.alsoPushed,
    },
    seen,
    sharedPlans(rollback),
    t,
  );
  const pressed = await run.confirm(question);
  const prune = application.engine !== 'direct' || pressed === t('Roll Back and Prune');
  await run.carryOut(async (onStep, signal): Promise<SyncOutcome> => {
    const again = await openScope(run, opened, [], prune, signal);
    const now = await prepareRollback(again, repository, options, signal);
    if (now === undefined) return { result: 'refused', reason: t('{0} is not there any more', application.name) };
    const plan = foreseenOf(now, again, target.application).plan;
    const refused = refusalIn(now) ?? refusedBefore(plan, true);
    if (refused !== undefined) return refused;
    const worse = [...worseThan(seen.plan, plan, t), ...newlyShared(rollback, now, t)];
    if (worse.length > 0) await run.confirm(worseConfirmation({ ...question, buttons: [pressed] }, worse, t));
    const writer = await parts.writerFor(repository);
    const outcome = await carryOutRollback(again, repository, now, options, onStep, signal, writer);
    return outcome.result === 'written' ? { result: 'done', health: 'not-waited' } : outcome;
  });
}

async function pickRevision(run: ActionRun, scope: ActionScope, repository: GitRepository): Promise<string> {
  const { parts, target } = run;
  const { t } = parts;
  const { application, files } = preparedOf(run, scope);
  const { items } = await run.plan(async (signal) => {
    const head = (await repository.head(signal))?.commit ?? '';
    const paths = [...new Set([application.source.path === '' ? '.' : application.source.path, ...files])];
    const commits = await repository.log({ to: 'HEAD', paths, limit: commitsAtMost, signal });
    const applied = await appliedRevisions(run, scope, repository, signal);
    return { items: revisionItems(applied, commits, head, { t, now: parts.clock.now() }) };
  });
  if (items.length === 0) throw new Error(t('{0} has no earlier revision.', application.name));
  const picked = await parts.prompts.pick(items, {
    title: t('Roll Back {0} on {1}', application.name, target.context),
    placeholder: t('The revision whose sources come back, by one new commit'),
  });
  if (picked === undefined) throw new Declined();
  return picked;
}

/** What the engine applied, as far as it keeps that and the clone has it. */
async function appliedRevisions(
  run: ActionRun,
  scope: ActionScope,
  repository: GitRepository,
  signal: AbortSignal,
): Promise<HistoryEntry[]> {
  const { application } = preparedOf(run, scope);
  const { histories } = await readHistory([application], scope.cluster, { repository, signal });
  const entries = histories.find((history) => history.application === run.target.application)?.entries ?? [];
  const known = await Promise.all(entries.map(({ revision }) => repository.resolve(revision, signal)));
  return entries.filter((_, index) => known[index] !== undefined);
}

function foreseenOf({ plans }: PreparedRollback, scope: ActionScope, application: string): Foreseen {
  return foreseen({ ...plans, problems: [...scope.problems, ...plans.problems] }, application);
}

function refusalIn({ refusal }: PreparedRollback): Extract<SyncOutcome, { result: 'refused' }> | undefined {
  if (refusal === undefined) return undefined;
  const { because: _because, ...rest } = refusal;
  return rest;
}

function sharedPlans({ files, plans }: PreparedRollback): SharedPlan[] {
  return files.shared.map((other) => {
    const plan = plans.plans.find((item) => item.application === other.application);
    return { ...other, ...(plan === undefined ? {} : { plan }) };
  });
}

/** Others that would change and were not shown. */
function newlyShared(before: PreparedRollback, now: PreparedRollback, t: ActionRun['parts']['t']): string[] {
  const known = new Map(sharedPlans(before).map((other) => [other.application, other.plan]));
  return sharedPlans(now).flatMap((other) => {
    const worse = known.has(other.application) ? worseThan(known.get(other.application), other.plan, t) : undefined;
    if (worse === undefined) return [t('{0} changes as well', other.application)];
    return worse.map((line) => `${other.application}: ${line}`);
  });
}

/** The folder that all of some files lie in. */
function commonFolder(paths: readonly string[], fallback: string): string {
  const [first] = paths;
  if (first === undefined) return fallback;
  let folder = first.split('/').slice(0, -1);
  for (const path of paths) {
    const parts = path.split('/');
    const end = folder.findIndex((part, index) => part !== parts[index]);
    if (end >= 0) folder = folder.slice(0, end);
  }
  return folder.join('/');
}
