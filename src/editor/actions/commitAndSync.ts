import { shownChangesOfFile } from './model/fileChoice.ts';
import type { GitRepository, RepositoryStatus } from '../../ports/gitRepository.ts';
import { changedFilesOf } from '../../services/actions/changedFiles.ts';
import {
  type CommitAndSyncOptions,
  type PreparedCommitAndSync,
  commitAndSync as commitAndSyncService,
  prepareCommitAndSync,
} from '../../services/actions/commitAndSync.ts';
import type { ActionScope } from '../../services/actions/actionScope.ts';
import { notSyncable } from '../../services/sync/syncRefusal.ts';
import type { SyncOutcome } from '../../services/sync/syncOutcome.ts';
import { type ActionRun, foreseen, subjectOf } from './actionRun.ts';
import { Declined } from './declined.ts';
import { commitConfirmation, worseConfirmation, worseThan } from './model/confirmation.ts';
import { messageProblem } from './model/commitMessage.ts';
import { openScope, openTarget } from './openTarget.ts';
import { preparedOf, refusedBefore, waitMilliseconds } from './sync.ts';

/** *Commit and Sync*: chosen files, a message, the plan; then commit, push, and the engine in charge. */
export async function commitAndSync(run: ActionRun): Promise<void> {
  const { parts, target } = run;
  const { t, prompts } = parts;
  const opened = await openTarget(run);
  const { repository } = opened.folder;
  if (repository === undefined) throw new Error(t('{0} is in no Git repository.', target.root));
  const { scope, status, prepared, concerned } = await run.plan(async (signal) => {
    const scope = await openScope(run, opened, [target.application], true, signal);
    const status = await repository.status(signal);
    const prepared = preparedOf(run, scope);
    return {
      scope,
      status,
      prepared,
      concerned: await changedFilesOf(prepared, status.files, scope, repository, signal),
    };
  });
  const closed = notSyncable(prepared);
  if (closed !== undefined) return run.end(closed);
  const unpushed = status.upstream?.ahead ?? 0;
  if (concerned.length === 0 && unpushed === 0) {
    throw new Error(
      t('{0} has no changes to commit and nothing to push. Use Sync to apply it.', prepared.application.name),
    );
  }
  let paths: string[] = [];
  let message = '';
  if (concerned.length > 0) {
    const items = concerned.map((file) => shownChangesOfFile(file, t));
    const title = t('Commit and Sync {0}: files', prepared.application.name);
    const picked = await prompts.pickMany(items, { title, placeholder: t('The files that the commit will hold') });
    if (picked === undefined) throw new Declined();
    if (picked.length === 0) throw new Error(t('No file was chosen, so there is nothing to commit.'));
    paths = picked;
    const typed = await prompts.input({
      title: t('Commit and Sync {0}: message', prepared.application.name),
      prompt: paths.length === 1 ? t('What 1 file changes') : t('What {0} files change', paths.length),
      placeholder: t('Message'),
      validate: (text) => messageProblem(text, t),
    });
    if (typed === undefined) throw new Declined();
    message = typed.trim();
  }
  const options: CommitAndSyncOptions = { applications: [target.application], paths, message, waitMilliseconds };
  const shown = await run.plan((signal) => prepareCommitAndSync(scope, repository, options, signal));
  const seen = foreseen(withProblems(shown, scope), target.application);
  const refusal = refusalIn(shown) ?? refusedBefore(seen.plan, true);
  if (refusal !== undefined) return run.end(refusal);
  const subject = subjectOf(run, prepared.application);
  const pushesTo = await pushTarget(repository, status);
  const question = commitConfirmation(
    subject,
    seen,
    { files: shown.paths.length, branch: shown.branch, pushesTo, alsoPushed: shown.alsoPushed },
    t,
  );
  const pressed = await run.confirm(question);
  const prune = prepared.application.engine !== 'direct' || pressed === t('Commit, Sync and Prune');
  await run.carryOut(async (onStep, signal): Promise<SyncOutcome> => {
    const again = await openScope(run, opened, [target.application], prune, signal);
    const now = await prepareCommitAndSync(again, repository, options, signal);
    const plan = foreseen(withProblems(now, again), target.application).plan;
    const refused = refusalIn(now) ?? refusedBefore(plan, true);
    if (refused !== undefined) return refused;
    const worse = worseThan(seen.plan, plan, t);
    if (worse.length > 0) await run.confirm(worseConfirmation({ ...question, buttons: [pressed] }, worse, t));
    const writer = await parts.writerFor(repository);
    const [result] = await commitAndSyncService(again, repository, now, options, onStep, signal, writer);
    return result?.outcome ?? { result: 'refused', reason: t('{0} is not there any more', prepared.application.name) };
  });
}

function withProblems({ plans }: PreparedCommitAndSync, scope: ActionScope): PreparedCommitAndSync['plans'] {
  return { ...plans, problems: [...scope.problems, ...plans.problems] };
}

function refusalIn({ refusal }: PreparedCommitAndSync): Extract<SyncOutcome, { result: 'refused' }> | undefined {
  if (refusal === undefined) return undefined;
  const { because: _because, ...rest } = refusal;
  return rest;
}

/** Where a push goes, for people; undefined where there is no remote. */
export async function pushTarget(
  repository: GitRepository,
  { upstream, branch }: RepositoryStatus,
): Promise<string | undefined> {
  if (upstream !== undefined) return `${upstream.remote}/${upstream.branch}`;
  const [first, ...others] = await repository.remotes();
  if (first === undefined) return undefined;
  const remote = others.length === 0 ? first.name : 'origin';
  return `${remote}/${branch ?? 'HEAD'}`;
}
