import type { Application } from '../../core/delivery/application.ts';
import type { PlanList } from '../../core/report.ts';
import type { GitRepository } from '../../ports/gitRepository.ts';
import type { ActionScope } from '../actions/actionScope.ts';
import { editedTree } from '../actions/editedTree.ts';
import type { PreparedApplication } from '../drift/prepareComparison.ts';
import { syncWritten } from '../sync/syncWritten.ts';
import type { SyncListener, SyncOutcome } from '../sync/syncOutcome.ts';
import { type Refusal, behindUpstream, detached, firstRefusal, leftToArgo, notSyncable } from '../sync/syncRefusal.ts';
import { type GitWriter, commitAndPush } from './commitAndPush.ts';
import { type RollbackPlan, planRollback } from './planRollback.ts';

export interface RollbackOptions {
  /** Id of the application; the scope holds all, since others may read the same files. */
  application: string;
  /** Full id of the commit to go back to. */
  to: string;
  /** Goes on although other applications change with it. */
  shared: boolean;
  push: boolean;
  /** Commits on a new branch of this name, for a review; then nothing is synced. */
  branch?: string;
  /** Of the commit; by default it says what is rolled back to what. */
  message?: string;
  /** For the reconcile and for health, at most so long. */
  waitMilliseconds: number;
}

/** What a rollback will do, before anything is done: what a person confirms. */
export interface PreparedRollback {
  application: Application;
  files: RollbackPlan;
  /** Plans of the application and of those that share its files, as they will be with the files restored. */
  plans: PlanList;
  /** Commits on the branch that the push takes along. */
  alsoPushed: number;
  /** Why it is not done. `shared` is lifted by asking for it all the same. */
  refusal?: Refusal & { because: 'dirty' | 'shared' | 'behind' | 'detached' | 'plan' | 'engine' };
}

/** How a rollback ended; `written` where Git holds it and nothing was to be synced. */
export type RollbackOutcome =
  SyncOutcome | { result: 'written'; commit: string; pushed?: { remote: string; branch: string } };

/** Plans a rollback; undefined where the scope has no such application. Changes nothing. */
export async function prepareRollback(
  scope: ActionScope,
  repository: GitRepository,
  options: RollbackOptions,
  signal?: AbortSignal,
): Promise<PreparedRollback | undefined> {
  const prepared = scope.find(options.application);
  if (prepared === undefined) return undefined;
  const { application } = prepared;
  const others = scope.prepared.filter((item) => item !== prepared);
  const filesIn = async (tree: Parameters<ActionScope['render']>[1]): Promise<readonly string[]> =>
    (await scope.render(application, tree)).files;
  const files = await planRollback(prepared, others, repository, options.to, filesIn, signal);
  const concerned = [application.id, ...files.shared.map((other) => other.application)];
  const [list, status, remotes] = await Promise.all([
    planned(scope, repository, files, signal),
    repository.status(signal),
    repository.remotes(signal),
  ]);
  const plans = { ...list, plans: list.plans.filter((plan) => concerned.includes(plan.application)) };
  const { ahead = 0, behind = 0 } = status.upstream ?? {};
  const delivers = options.push && options.branch === undefined;
  const refusal =
    refusedByEngine(prepared, delivers) ??
    refusalByFiles(files, options) ??
    (delivers && status.branch === undefined && (application.engine !== 'direct' || remotes.length > 0)
      ? { ...detached, because: 'detached' as const }
      : undefined) ??
    (delivers && behind > 0 ? refusedBehind(behind, status.branch) : undefined) ??
    (delivers ? refusedByPlan(plans, concerned) : undefined);
  return {
    application,
    files,
    plans,
    alsoPushed: options.push ? ahead : 0,
    ...(refusal === undefined ? {} : { refusal }),
  };
}

/**
 * Carries a prepared rollback out: restores, commits, pushes, syncs, waits until healthy. Refuses what was refused. A second run goes on
 * where an earlier one ended.
 */
export async function carryOutRollback(
  scope: ActionScope,
  repository: GitRepository,
  rollback: PreparedRollback,
  options: RollbackOptions,
  onStep: SyncListener,
  signal?: AbortSignal,
  writer: GitWriter = repository,
): Promise<RollbackOutcome> {
  if (rollback.refusal !== undefined) {
    const { because: _because, ...refusal } = rollback.refusal;
    return refusal;
  }
  const { application, files } = rollback;
  const { paths } = files;
  const [head, status] = await Promise.all([repository.head(), repository.status()]);
  // A person takes time to confirm, and what is edited meanwhile would be lost.
  const edited = status.files.map(({ path }) => path).filter((path) => paths.includes(path));
  if (edited.length > 0) {
    const { because: _because, ...refusal } = dirtyRefusal(edited);
    return refusal;
  }
  const written = await commitAndPush(
    repository,
    {
      paths,
      message: options.message ?? `Roll back ${application.name} to ${files.commit.slice(0, 7)}`,
      push: options.push,
      // A direct apply needs no remote.
      needsRemote: application.engine !== 'direct',
      write: () => repository.restore({ commit: files.commit, paths, ...(signal === undefined ? {} : { signal }) }),
      // They had no uncommitted changes, or the rollback would have been refused; what Git does not know of them is restored from then.
      undo: async () => (head === undefined ? [] : repository.restore({ commit: head.commit, paths, made: paths })),
      ...(options.branch === undefined ? {} : { branch: options.branch }),
      ...(signal === undefined ? {} : { signal }),
    },
    onStep,
    writer,
  );
  if (written.result !== 'written' || !options.push || options.branch !== undefined) return written;
  return syncWritten(scope, application, { ...written, waitMilliseconds: options.waitMilliseconds }, onStep, signal);
}

function refusalByFiles({ dirty, shared }: RollbackPlan, options: RollbackOptions): PreparedRollback['refusal'] {
  if (dirty.length > 0) return dirtyRefusal(dirty);
  if (shared.length === 0 || options.shared) return undefined;
  const who = shared.map((other) => `${other.application} reads ${other.files.join(', ')}`).join('; ');
  return { result: 'refused', because: 'shared', reason: `others would change as well: ${who}` };
}

function dirtyRefusal(paths: readonly string[]): Refusal & { because: 'dirty' } {
  const reason = `uncommitted changes would be lost: ${paths.join(', ')}`;
  return { result: 'refused', because: 'dirty', reason, remedy: 'Commit or discard them.' };
}

/** What was not rendered has files that nobody knows; what Argo CD delivers is not synced from here, though a commit can be made for it. */
function refusedByEngine(prepared: PreparedApplication, delivers: boolean): PreparedRollback['refusal'] {
  // A file that cannot be read is what a rollback is for.
  const refusal = prepared.rendered ? (delivers ? leftToArgo(prepared) : undefined) : notSyncable(prepared);
  return refusal === undefined ? undefined : { ...refusal, because: 'engine' };
}

function refusedBehind(behind: number, branch = ''): PreparedRollback['refusal'] {
  return { ...behindUpstream(behind, branch), because: 'behind' };
}

/** What makes a rollback pointless before Git is touched; a commit for later (`push: false`, `branch`) may be made all the same. */
function refusedByPlan(plans: PlanList, concerned: readonly string[]): PreparedRollback['refusal'] {
  const refusal = firstRefusal(plans, concerned, { pushes: true });
  return refusal === undefined ? undefined : { ...refusal, because: 'plan' };
}

/** The plans of the working tree with the files restored: those of others stay as they are now. */
async function planned(
  scope: ActionScope,
  repository: GitRepository,
  { commit, paths }: RollbackPlan,
  signal: AbortSignal | undefined,
): Promise<PlanList> {
  const then = await repository.tree(commit, signal === undefined ? {} : { signal });
  try {
    const changes = new Map<string, Uint8Array | undefined>();
    for (const path of paths) changes.set(path, await then.read(path, signal));
    // It is as of then as far as the application goes, and nothing of it waits to be committed.
    return await scope.preview(editedTree(scope.options.tree, changes, commit));
  } finally {
    await then.dispose();
  }
}
