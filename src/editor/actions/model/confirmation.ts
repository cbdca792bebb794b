import { describeKey } from '../../../core/kube/objectKey.ts';
import type { Problem } from '../../../core/problem.ts';
import type { EngineName, FieldChange, Gate, ObjectReport, PlanAction, PlanReport } from '../../../core/report.ts';
import type { Translate } from '../../../core/explain/wording.ts';
import { shownChanges, sides } from '../../../core/explain/findings.ts';
import { countsText, namesOf, planLines, stepsOf } from './planLines.ts';

/** What is changed, and where: every confirmation names it. */
export interface Subject {
  application: string;
  engine: EngineName;
  /** The engine's object. */
  control?: { namespace: string; name: string };
  context: string;
  /** The context's name has to be typed. */
  isProtected: boolean;
}

/** The plan of an action, and what keeps it from being whole. */
export interface Foreseen {
  plan?: PlanReport;
  problems: readonly Problem[];
}

/** A modal dialog before something is changed. Nothing in it is ever a Secret's value. */
export interface Confirmation {
  message: string;
  detail: string;
  buttons: string[];
}

/** Before a sync. `prunable`: objects that Plumbline itself applied and Git dropped; they go only by a button of their own. */
export function syncConfirmation(
  subject: Subject,
  { plan, problems }: Foreseen,
  revision: string,
  t: Translate,
): Confirmation {
  const { application, context, engine } = subject;
  const prunes = plan === undefined ? [] : stepsOf(plan, 'prune');
  const choice = engine === 'direct' && prunes.length > 0;
  const lines = [
    t('{0}, revision {1}', engineObject(subject, t), shortRevision(revision, t)),
    ...planLines(plan, problems, context, t),
    ...(choice ? [t('Sync keeps what would be pruned; Sync and Prune deletes it.')] : []),
    ...gateLines(plan?.gates ?? []),
    ...protectedLine(subject, t),
  ];
  return {
    message: t('Sync {0} to {1}?', application, context),
    detail: lines.join('\n'),
    buttons: choice ? [t('Sync'), t('Sync and Prune')] : [t('Sync')],
  };
}

/** Before Commit and Sync: files and message were chosen; this tells what the commit will do. */
export function commitConfirmation(
  subject: Subject,
  { plan, problems }: Foreseen,
  commit: { files: number; branch: string | undefined; pushesTo: string | undefined },
  t: Translate,
): Confirmation {
  const { application, context, engine } = subject;
  const prunes = plan === undefined ? [] : stepsOf(plan, 'prune');
  const choice = engine === 'direct' && prunes.length > 0;
  const files = commit.files === 1 ? t('1 file') : t('{0} files', commit.files);
  const branch = commit.branch ?? 'HEAD';
  const git =
    commit.files === 0
      ? t('Nothing is committed; what is not pushed is pushed to {0}.', commit.pushesTo ?? '')
      : commit.pushesTo === undefined
        ? t('Commits {0} on {1}; there is no remote to push to.', files, branch)
        : t('Commits {0} on {1} and pushes to {2}.', files, branch, commit.pushesTo);
  const lines = [
    git,
    t('Then syncs: {0}', engineObject(subject, t)),
    ...planLines(plan, problems, context, t),
    ...(choice ? [t('Commit and Sync keeps what would be pruned; Commit, Sync and Prune deletes it.')] : []),
    ...gateLines((plan?.gates ?? []).filter((gate) => gate.kind !== 'not-pushed' && gate.kind !== 'not-fetched')),
    ...protectedLine(subject, t),
  ];
  return {
    message: t('Commit and sync {0} to {1}?', application, context),
    detail: lines.join('\n'),
    buttons: choice ? [t('Commit and Sync'), t('Commit, Sync and Prune')] : [t('Commit and Sync')],
  };
}

export interface RollbackSubject extends Subject {
  /** Short id of the revision that comes back. */
  revision: string;
  branch: string | undefined;
  paths: readonly string[];
  /** The folder that its files lie in. */
  below: string;
  pushesTo: string | undefined;
}

/** Other applications that read the same files, each with its own plan. */
export interface SharedPlan {
  application: string;
  files: readonly string[];
  plan?: PlanReport;
}

export function rollbackConfirmation(
  subject: RollbackSubject,
  { plan, problems }: Foreseen,
  shared: readonly SharedPlan[],
  t: Translate,
): Confirmation {
  const { application, context, revision, paths, below, branch, pushesTo, engine } = subject;
  const files = paths.length === 1 ? t('1 file') : t('{0} files', paths.length);
  const place = below === '' ? t('of the repository') : t('below {0}', below);
  const git =
    paths.length === 0
      ? t('Its sources are what they were already: nothing is committed; it is synced.')
      : pushesTo === undefined
        ? t('One new commit on {0} restores {1} {2}, then it is synced.', branch ?? 'HEAD', files, place)
        : t('One new commit on {0} restores {1} {2}, then it is pushed and synced.', branch ?? 'HEAD', files, place);
  const prunes = plan === undefined ? [] : stepsOf(plan, 'prune');
  const lines = [
    git,
    ...planLines(plan, problems, context, t),
    ...(engine === 'direct' && prunes.length > 0 ? [t('What did not exist then is pruned.')] : []),
    ...shared.flatMap((other) => sharedLines(other, t)),
    ...gateLines((plan?.gates ?? []).filter((gate) => gate.kind !== 'not-pushed' && gate.kind !== 'not-fetched')),
    ...protectedLine(subject, t),
  ];
  const button = shared.length === 0 ? t('Roll Back') : t('Roll Back All');
  return {
    message: t('Roll back {0} on {1} to {2}?', application, context, revision),
    detail: lines.join('\n'),
    buttons: [button, t('Show Plan')],
  };
}

export interface RestoreSubject extends Subject {
  object: ObjectReport;
  /** Who applies it: the manager found on the object. Only for `direct`. */
  manager?: string;
}

/** Before one object becomes what Git says. Flux cannot apply one object: its whole plan is shown. */
export function restoreConfirmation(subject: RestoreSubject, { plan, problems }: Foreseen, t: Translate): Confirmation {
  const { object, context, application, engine, manager } = subject;
  const how =
    engine === 'direct'
      ? manager === undefined
        ? t('Applied as Git declares it, the whole object.')
        : t('Applied as Git declares it, the whole object, as {0}, which applied it before.', manager)
      : t('{0} reconciles: it applies all of {1}, not this object alone.', engineObject(subject, t), application);
  const lines = [
    ...restoredFields(object, t),
    how,
    ...(engine === 'direct' && plan === undefined && problems.length === 0
      ? []
      : planLines(plan, problems, context, t)),
    ...gateLines(plan?.gates ?? []),
    ...protectedLine(subject, t),
  ];
  return {
    message: t('Restore {0} in {1} to what Git says?', describeKey(object), context),
    detail: lines.join('\n'),
    buttons: [t('Restore')],
  };
}

export function suspendConfirmation(subject: Subject, t: Translate): Confirmation {
  const { application, context } = subject;
  const lines = [
    t(
      '{0} is not reconciled until it is resumed: pushes change nothing, and edits by hand stay.',
      engineObject(subject, t),
    ),
    ...protectedLine(subject, t),
  ];
  return {
    message: t('Suspend {0} on {1}?', application, context),
    detail: lines.join('\n'),
    buttons: [t('Suspend')],
  };
}

export function resumeConfirmation(subject: Subject, { plan, problems }: Foreseen, t: Translate): Confirmation {
  const { application, context } = subject;
  const lines = [
    t('{0} is reconciled again, at once.', engineObject(subject, t)),
    ...planLines(plan, problems, context, t),
    ...gateLines((plan?.gates ?? []).filter((gate) => gate.kind !== 'suspended')),
    ...protectedLine(subject, t),
  ];
  return {
    message: t('Resume {0} on {1}?', application, context),
    detail: lines.join('\n'),
    buttons: [t('Resume')],
  };
}

/** Asked again where the plan got worse between the confirmation and its execution. */
export function worseConfirmation(question: Confirmation, worse: readonly string[], t: Translate): Confirmation {
  const lines = [
    t('Meanwhile the plan has changed:'),
    ...worse.slice(0, 8).map((line) => `• ${line}`),
    '',
    question.detail,
  ];
  return { ...question, detail: lines.join('\n') };
}

/** What got worse: what would now be deleted, or is in the way, and was not when it was confirmed. Empty where nothing did. */
export function worseThan(before: PlanReport | undefined, now: PlanReport | undefined, t: Translate): string[] {
  if (now === undefined) return before === undefined ? [] : [t('it cannot be foreseen any more')];
  const known = new Set(before?.steps.map((step) => `${step.action} ${describeKey(step)} ${step.group}`) ?? []);
  const grave = stepsOf(now, 'prune', 'recreate', 'blocked').filter(
    (step) => !known.has(`${step.action} ${describeKey(step)} ${step.group}`),
  );
  const names = (action: PlanAction): string =>
    namesOf(
      grave.filter((step) => step.action === action),
      t,
    );
  const has = (action: PlanAction): boolean => grave.some((step) => step.action === action);
  return [
    ...(has('prune') ? [t('now also prunes {0}', names('prune'))] : []),
    ...(has('recreate') ? [t('now also deletes and creates anew {0}', names('recreate'))] : []),
    ...(has('blocked') ? [t('now blocked: {0}', names('blocked'))] : []),
  ];
}

/** `Flux Kustomization flux-system/podinfo`. */
export function engineObject({ engine, control }: Subject, t: Translate): string {
  const name = control === undefined ? '' : ` ${control.namespace}/${control.name}`;
  if (engine === 'flux') return `Flux Kustomization${name}`;
  if (engine === 'argocd') return `Argo CD Application${name}`;
  return t('Applied by Plumbline itself');
}

/** What is typed to confirm, and what is wrong with it; undefined where nothing is. */
export function typedNameProblem(context: string, typed: string, t: Translate): string | undefined {
  return typed.trim() === context ? undefined : t('Type {0} to go on, or press Escape.', context);
}

export function shortRevision(revision: string, t: Translate): string {
  return revision === 'worktree'
    ? t('the files as they are')
    : revision.replace(/[0-9a-f]{40}/, (id) => id.slice(0, 7));
}

function protectedLine({ isProtected, context }: Subject, t: Translate): string[] {
  return isProtected ? [t('{0} is protected: its name is asked for next.', context)] : [];
}

function gateLines(gates: readonly Gate[]): string[] {
  return gates.map((gate) => `⏸ ${gate.remedy === undefined ? gate.message : `${gate.message} ${gate.remedy}`}`);
}

function sharedLines({ application, files, plan }: SharedPlan, t: Translate): string[] {
  const read = files.length > 3 ? t('{0} files', files.length) : files.join(', ');
  const first = t(
    '{0} reads {1} and changes as well: {2}',
    application,
    read,
    plan === undefined ? t('not foreseen') : countsText(plan.summary, t),
  );
  if (plan === undefined) return [first];
  const grave = stepsOf(plan, 'prune', 'recreate');
  return grave.length === 0 ? [first] : [first, t('Deletes there: {0}', namesOf(grave, t))];
}

function restoredFields(object: ObjectReport, t: Translate): string[] {
  if (object.status === 'missing') return [t('It is missing in the cluster and is created.')];
  const changes = shownChanges(object);
  const lines = changes.slice(0, 6).map((change: FieldChange) => t('{0}: {1}', change.path, sides(change, t)));
  return changes.length > 6 ? [...lines, t('{0} more fields', changes.length - 6)] : lines;
}
