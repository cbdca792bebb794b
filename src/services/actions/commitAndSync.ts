import type { Application } from '../../core/delivery/application.ts';
import type { PlanList } from '../../core/report.ts';
import { isBelow } from '../../core/repositoryPath.ts';
import type { FileStatus, GitRepository } from '../../ports/gitRepository.ts';
import type { PreparedApplication } from '../drift/prepareComparison.ts';
import { type GitWriter, commitAndPush } from '../rollback/commitAndPush.ts';
import { syncWritten } from '../sync/syncWritten.ts';
import type { SyncListener, SyncOutcome } from '../sync/syncOutcome.ts';
import { type Refusal, behindUpstream, detached, firstRefusal, notSyncable } from '../sync/syncRefusal.ts';
import type { ActionScope } from './actionScope.ts';

export interface CommitAndSyncOptions {
  /** Ids of the applications that are synced afterwards, one after the other. */
  applications: readonly string[];
  /** Files to commit, from the repository's root; those that do not differ from HEAD are left out. */
  paths: readonly string[];
  message: string;
  /** For the reconcile and for health of each application, at most so long. */
  waitMilliseconds: number;
}

/** What a commit and sync will do, before anything is done: what a person confirms. */
export interface PreparedCommitAndSync {
  applications: Application[];
  /** Files that the commit will hold; empty where an earlier run committed them. */
  paths: string[];
  plans: PlanList;
  branch?: string;
  /** Commits on the branch that the push takes along. */
  alsoPushed: number;
  refusal?: Refusal & { because: 'left-out' | 'behind' | 'detached' | 'plan' | 'engine' };
}

/** Plans a commit and sync of applications of the scope. Changes nothing. */
export async function prepareCommitAndSync(
  scope: ActionScope,
  repository: GitRepository,
  options: CommitAndSyncOptions,
  signal?: AbortSignal,
): Promise<PreparedCommitAndSync> {
  const chosen = scope.prepared.filter((item) => options.applications.includes(item.application.id));
  const [list, status, remotes] = await Promise.all([
    scope.preview(),
    repository.status(signal),
    repository.remotes(signal),
  ]);
  const plans = { ...list, plans: list.plans.filter((plan) => options.applications.includes(plan.application)) };
  const paths = status.files.map((file) => file.path).filter((path) => options.paths.includes(path));
  const { ahead = 0, behind = 0 } = status.upstream ?? {};
  // What is staged in part is committed as staged: the rest stays behind as an edit.
  const partly = status.files.filter((file) => file.staged && file.unstaged).map((file) => file.path);
  const left = status.files.filter(({ path }) => !paths.includes(path) || partly.includes(path));
  const needsRemote = chosen.some(({ application }) => application.engine !== 'direct');
  const refusal =
    notOurs(chosen) ??
    leftOut(chosen, left, partly) ??
    (status.branch === undefined && (needsRemote || remotes.length > 0) ? isDetached : undefined) ??
    (behind > 0 ? isBehind(behind, status.branch ?? '') : undefined) ??
    byPlan(plans);
  return {
    applications: chosen.map(({ application }) => application),
    paths,
    plans,
    ...(status.branch === undefined ? {} : { branch: status.branch }),
    alsoPushed: ahead,
    ...(refusal === undefined ? {} : { refusal }),
  };
}

/**
 * Commits, pushes and syncs what was prepared. Each step that an earlier run has done is left out. Answers how each application ended;
 * the first end that is not `done` is the last one, since what comes after may build on it.
 */
export async function commitAndSync(
  scope: ActionScope,
  repository: GitRepository,
  prepared: PreparedCommitAndSync,
  options: CommitAndSyncOptions,
  onStep: SyncListener,
  signal?: AbortSignal,
  writer: GitWriter = repository,
): Promise<{ application: Application; outcome: SyncOutcome }[]> {
  const all = (outcome: SyncOutcome): { application: Application; outcome: SyncOutcome }[] =>
    prepared.applications.map((application) => ({ application, outcome }));
  if (prepared.refusal !== undefined) {
    const { because: _because, ...refusal } = prepared.refusal;
    return all(refusal);
  }
  const written = await commitAndPush(
    repository,
    {
      paths: prepared.paths,
      message: options.message,
      push: true,
      needsRemote: prepared.applications.some(({ engine }) => engine !== 'direct'),
      ...(signal === undefined ? {} : { signal }),
    },
    onStep,
    writer,
  );
  if (written.result !== 'written') return all(written);
  const results: { application: Application; outcome: SyncOutcome }[] = [];
  for (const application of prepared.applications) {
    const what = { ...written, waitMilliseconds: options.waitMilliseconds };
    const outcome = await syncWritten(scope, application, what, onStep, signal);
    results.push({ application, outcome });
    if (outcome.result !== 'done') break;
  }
  return results;
}

/** The plan is of the working tree: what is not committed with it would make the cluster something else than was shown. */
function leftOut(
  chosen: readonly PreparedApplication[],
  left: readonly FileStatus[],
  partly: readonly string[],
): PreparedCommitAndSync['refusal'] {
  // A file that is gone is read no more; one that nothing reads is nobody's.
  const isOf = ({ application, files }: PreparedApplication, { path, change }: FileStatus): boolean =>
    files.includes(path) || (change === 'deleted' && isBelow(path, application.source.path));
  const concerned = left.filter((file) => chosen.some((item) => isOf(item, file))).map(({ path }) => path);
  const [first] = concerned;
  if (first === undefined) return undefined;
  const isPartly = partly.includes(first);
  return {
    result: 'refused',
    because: 'left-out',
    reason: isPartly
      ? `${first} is staged in part, so the plan shows more than the commit would hold`
      : `${concerned.join(', ')} ${concerned.length === 1 ? 'belongs' : 'belong'} to what is synced and would not be committed`,
    remedy: isPartly ? 'Stage all of it, or set the rest aside.' : 'Choose these files as well, or set them aside.',
  };
}

const isDetached: PreparedCommitAndSync['refusal'] = { ...detached, because: 'detached' };

/** Git is not touched for what could not be synced afterwards. */
function notOurs(chosen: readonly PreparedApplication[]): PreparedCommitAndSync['refusal'] {
  const refusal = chosen.map(notSyncable).find((item) => item !== undefined);
  return refusal === undefined ? undefined : { ...refusal, because: 'engine' };
}

function isBehind(behind: number, branch: string): PreparedCommitAndSync['refusal'] {
  return { ...behindUpstream(behind, branch), because: 'behind' };
}

function byPlan(plans: PlanList): PreparedCommitAndSync['refusal'] {
  const refusal = firstRefusal(plans, [], { pushes: true });
  return refusal === undefined ? undefined : { ...refusal, because: 'plan' };
}
