import { describeKey } from '../../../core/kube/objectKey.ts';
import type { Problem } from '../../../core/problem.ts';
import type { EngineName, Gate, PlanAction, PlanReport } from '../../../core/report.ts';
import type { Translate } from '../../../core/explain/wording.ts';
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
    engine === 'direct'
      ? t('Applied by Plumbline itself, from {0}.', shortRevision(revision, t))
      : t('{0}, revision {1}', engineObject(subject, t), shortRevision(revision, t)),
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
  commit: { files: number; branch: string | undefined; pushesTo: string | undefined; alsoPushed: number },
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
    ...earlierLine(commit.files === 0 ? 0 : commit.alsoPushed, t),
    engine === 'direct'
      ? t('Then Plumbline applies it.')
      : t('Then {0} fetches and applies it.', engineObject(subject, t)),
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
  alsoPushed: number;
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
  const choice = engine === 'direct' && prunes.length > 0;
  const lines = [
    git,
    ...earlierLine(subject.alsoPushed, t),
    ...planLines(plan, problems, context, t),
    ...(choice ? [t('Roll Back keeps what would be pruned; Roll Back and Prune deletes it.')] : []),
    ...shared.flatMap((other) => sharedLines(other, t)),
    ...gateLines((plan?.gates ?? []).filter((gate) => gate.kind !== 'not-pushed' && gate.kind !== 'not-fetched')),
    ...protectedLine(subject, t),
  ];
  return {
    message: t('Roll back {0} on {1} to {2}?', application, context, revision),
    detail: lines.join('\n'),
    buttons: [t('Roll Back'), ...(choice ? [t('Roll Back and Prune')] : []), t('Show Plan')],
  };
}

/** What suspending or resuming does, as services describe it. */
export interface SuspensionForeseen {
  /** `Kustomization flux-system/podinfo` */
  what: string;
  warnings: readonly string[];
}

export function suspendConfirmation(
  subject: Subject,
  { what, warnings }: SuspensionForeseen,
  t: Translate,
): Confirmation {
  const { application, context } = subject;
  const lines = [
    t('Flux leaves {0} alone until it is resumed: pushes change nothing, and edits by hand stay.', what),
    ...warnings.map((warning) => `⚠ ${warning}`),
    ...protectedLine(subject, t),
  ];
  return {
    message: t('Suspend {0} on {1}?', application, context),
    detail: lines.join('\n'),
    buttons: [t('Suspend')],
  };
}

/** Resuming lets through what was held back: the plan says what that is. */
export function resumeConfirmation(
  subject: Subject,
  { what, warnings }: SuspensionForeseen,
  { plan, problems }: Foreseen,
  t: Translate,
): Confirmation {
  const { application, context } = subject;
  const lines = [
    t('Flux reconciles {0} again, at once.', what),
    ...(plan === undefined && problems.length === 0
      ? [t('It applies what was pushed, which is not what the files here say.')]
      : planLines(plan, problems, context, t)),
    ...warnings.map((warning) => `⚠ ${warning}`),
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

/** A push takes all of the branch. */
function earlierLine(commits: number, t: Translate): string[] {
  if (commits === 0) return [];
  return [
    commits === 1
      ? t('The push takes 1 earlier commit along.')
      : t('The push takes {0} earlier commits along.', commits),
  ];
}

export function protectedLine({ isProtected, context }: Subject, t: Translate): string[] {
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
