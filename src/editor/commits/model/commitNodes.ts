import { relativeTime } from '../../../core/explain/relativeTime.ts';
import { worstHealth } from '../../../core/health/worstHealth.ts';
import type { Gate } from '../../../core/report.ts';
import type { Commit } from '../../../ports/gitRepository.ts';
import { type Stage, worktree } from '../../../services/commits/commitStages.ts';
import type { PlanState } from '../../../services/commits/planQueue.ts';
import { joinFlags, joinParts } from '../../views/model/rowNode.ts';
import { type Icon, healthWord, noticeIcon, statusIcons, suspendedIcon } from '../../views/model/statusLooks.ts';
import { type CommitNode, type CommitsInput, type RevisionTarget, fitted, shortId } from './commitNode.ts';
import { commitTooltip, gateTooltip, worktreeTooltip } from './commitTooltips.ts';
import { changeCount, countsText, isBlocked, planInWords, planText } from './planLooks.ts';
import { noteNode } from './stepNodes.ts';

/** Of a subject so much stands in a row; the whole of it in the tooltip. */
const subjectColumns = 50;

const stageOrder: readonly Stage[] = ['not-pushed', 'not-fetched', 'not-applied'];

const stageIcons: Readonly<Record<Stage, Icon>> = {
  'not-pushed': { id: 'arrow-up' },
  'not-fetched': { id: 'cloud-download' },
  'not-applied': { id: 'circle-large-outline' },
};

const icons = {
  worktree: { id: 'edit' },
  commit: { id: 'git-commit' },
  applied: { id: 'record', color: 'testing.iconPassed' },
  older: { id: 'history' },
} satisfies Record<string, Icon>;

/** Start of the ids of all rows of an application. */
export function rootId({ root, context, snapshot }: CommitsInput): string {
  return [root, context, snapshot.application.id].join('\n');
}

export function worktreeId(input: CommitsInput): string {
  return `${rootId(input)}\n${worktree}`;
}

export function groupId(input: CommitsInput, stage: Stage): string {
  return `${rootId(input)}\ngroup ${stage}`;
}

export function commitId(input: CommitsInput, revision: string): string {
  return `${rootId(input)}\ncommit ${revision}`;
}

export function olderId(input: CommitsInput): string {
  return `${rootId(input)}\nolder`;
}

/** The rows of the view: from what is being typed down to what is applied and before. */
export function rootNodes(input: CommitsInput): CommitNode[] {
  const { stages, engine } = input.snapshot;
  const problems = input.snapshot.problems.map((problem) => ({
    ...noteNode(`${rootId(input)}\nproblem ${problem.message}`, noticeIcon, problem.message, problem.remedy ?? ''),
    kind: 'problem' as const,
    flags: joinFlags('problem', problem.code),
  }));
  const groups = stageOrder.flatMap((stage) => groupNode(input, stage) ?? []);
  const gates = engine.gates.filter((gate) => gate.kind !== 'not-pushed').map((gate) => gateNode(input, gate));
  const older = stages.olderThan === undefined ? [] : [olderNode(input)];
  return [...problems, worktreeNode(input), ...groups, ...gates, ...appliedNodes(input), ...older];
}

/** Rows below a group. */
export function stagedNodes(input: CommitsInput, stage: Stage): CommitNode[] {
  return input.snapshot.stages.unapplied
    .filter((item) => item.stage === stage)
    .map((item) => commitNode(input, item.commit, stage));
}

/** Rows below the row of older commits. */
export function olderNodes(input: CommitsInput): CommitNode[] {
  const { t } = input.wording;
  const { older } = input.snapshot;
  if (older === undefined) return [noteNode(olderId(input), { id: 'loading~spin' }, t('Reading…'), '')];
  const rows = older.commits.map((commit) => commitNode(input, commit, 'older'));
  if (rows.length === 0) return [noteNode(olderId(input), noticeIcon, t('No older commit touches these files'), '')];
  return older.more ? [...rows, moreNode(input)] : rows;
}

/** The row that a revision stands in, where it is in view. */
export function rowOf(input: CommitsInput, revision: string): string {
  if (revision === worktree) return worktreeNode(input).id;
  const { applied } = input.snapshot.stages;
  return commitId(input, applied?.commit?.id === revision ? applied.revision : revision);
}

export function targetOf({ root, context, snapshot }: CommitsInput, revision: string): RevisionTarget {
  return { root, context, application: snapshot.application.id, revision };
}

function worktreeNode(input: CommitsInput): CommitNode {
  const { t } = input.wording;
  const { stages, plans, engine } = input.snapshot;
  const plan = plans.get(worktree);
  const count = stages.edited.length;
  const files = count === 0 ? t('no changes') : count === 1 ? t('1 file') : t('{0} files', count);
  const label = t('Working tree');
  return {
    // The editor keeps whether a row of an id is folded: one that gets steps to show must begin anew, unfolded.
    id: count === 0 ? `${worktreeId(input)}\n#leaf` : worktreeId(input),
    kind: 'worktree',
    label,
    // The counts first: a narrow view cuts the end.
    description: joinParts([planText(plan, t), files]),
    icon: icons.worktree,
    spoken: joinParts([label, planInWords(plan, t), files], ', '),
    flags: joinFlags('worktree', engine.engine, count > 0 && 'changed', isBlocked(plan) && 'blocked'),
    children: count === 0 ? 'none' : 'expanded',
    tooltip: () => worktreeTooltip(input.snapshot, plan, t),
    root: input.root,
    target: targetOf(input, worktree),
  };
}

function groupNode(input: CommitsInput, stage: Stage): CommitNode | undefined {
  const { t } = input.wording;
  const { stages, engine } = input.snapshot;
  const count = stages.unapplied.filter((item) => item.stage === stage).length;
  if (count === 0) return undefined;
  const label = stageText(stage, count, engine.fetches, t);
  const polls =
    stage === 'not-fetched' && engine.interval !== undefined
      ? t('source polls every {0}', intervalText(engine.interval))
      : '';
  const pushedTo = stage === 'not-pushed' && stages.pushedTo !== undefined ? t('to {0}', stages.pushedTo) : '';
  return {
    id: groupId(input, stage),
    kind: 'group',
    label,
    description: joinParts([polls, pushedTo]),
    icon: stageIcons[stage],
    spoken: joinParts([label, polls, pushedTo], ', '),
    flags: joinFlags('group', stage),
    children: 'expanded',
    tooltip: () => '',
    root: input.root,
  };
}

function stageText(stage: Stage, count: number, fetches: boolean, t: CommitsInput['wording']['t']): string {
  switch (stage) {
    case 'not-pushed':
      return t('{0} not pushed', count);
    case 'not-fetched':
      return t('{0} pushed, not fetched', count);
    case 'not-applied':
      return fetches ? t('{0} fetched, not applied', count) : t('{0} not applied', count);
  }
}

function commitNode(input: CommitsInput, commit: Commit, stage: Stage | 'older'): CommitNode {
  const { t } = input.wording;
  const plan = input.snapshot.plans.get(commit.id);
  const label = `${shortId(commit.id)} ${fitted(commit.subject, subjectColumns)}`;
  const when = joinParts([commit.author, relativeTime(commit.at, input.wording) ?? ''], ', ');
  return {
    id: commitId(input, commit.id),
    kind: 'commit',
    label,
    description: joinParts([planText(plan, t), when]),
    icon: icons.commit,
    spoken: joinParts([t('commit {0}', label), planInWords(plan, t), when], ', '),
    flags: joinFlags('commit', stage, input.snapshot.engine.engine, isBlocked(plan) && 'blocked'),
    children: 'collapsed',
    tooltip: () => commitTooltip(commit, plan, input.wording),
    root: input.root,
    target: targetOf(input, commit.id),
  };
}

/** What is applied; and, where the engine does not say which commit that is, the one that the cluster is compared with. */
function appliedNodes(input: CommitsInput): CommitNode[] {
  const { t } = input.wording;
  const { stages, engine } = input.snapshot;
  const nodes: CommitNode[] = [];
  const applied = t('applied {0}', whenText(input));
  if (engine.applied === worktree) {
    const label = t('Applied from the working tree');
    const description = joinParts([whenText(input), healthText(input)]);
    nodes.push({
      id: `${rootId(input)}\napplied-worktree`,
      kind: 'note',
      label,
      description,
      icon: icons.applied,
      spoken: joinParts([label, description], ', '),
      flags: 'note+applied',
      children: 'none',
      tooltip: () => '',
    });
  }
  if (stages.applied !== undefined) {
    const { revision, commit } = stages.applied;
    nodes.push(
      anchorNode(
        input,
        revision,
        commit,
        'applied',
        joinParts([applied.trim(), healthText(input), revertText(input, revision)]),
      ),
    );
  } else if (stages.base !== undefined) {
    const plan = input.snapshot.plans.get(stages.base.id);
    const matches = plan?.state === 'ready' && changeCount(plan.plan.report) === 0;
    const text = matches ? t('the cluster matches it') : planText(plan, t);
    nodes.push(
      anchorNode(input, stages.base.id, stages.base, 'older', joinParts([text, matches ? healthText(input) : ''])),
    );
  }
  return nodes;
}

function anchorNode(
  input: CommitsInput,
  revision: string,
  commit: Commit | undefined,
  flag: string,
  description: string,
): CommitNode {
  const { t } = input.wording;
  const plan = input.snapshot.plans.get(revision);
  const subject = commit === undefined ? '' : fitted(commit.subject, subjectColumns);
  const label = `${shortId(commit?.id ?? revision)} ${subject}`.trim();
  return {
    id: commitId(input, revision),
    kind: 'commit',
    label,
    description,
    icon: flag === 'applied' ? icons.applied : icons.commit,
    spoken: joinParts([t('commit {0}', label), description], ', '),
    flags: joinFlags('commit', flag, input.snapshot.engine.engine, isBlocked(plan) && 'blocked'),
    children: 'collapsed',
    tooltip: () => commitTooltip(commit, plan, input.wording, { revision, at: input.snapshot.engine.appliedAt }),
    root: input.root,
    target: targetOf(input, revision),
  };
}

/** What a reconcile of the applied revision would set right; silent while it is not known or nothing. */
function revertText({ snapshot, wording }: CommitsInput, revision: string): string {
  const plan = snapshot.plans.get(revision);
  if (plan?.state !== 'ready') return '';
  const text = countsText(plan.plan.report.summary, wording.t);
  return text === wording.t('no change') ? '' : text;
}

function gateNode(input: CommitsInput, gate: Gate): CommitNode {
  const { t } = input.wording;
  const label = t('Gate: {0}', gate.message.replace(/\.$/, ''));
  return {
    id: `${rootId(input)}\ngate ${gate.kind} ${gate.message}`,
    kind: 'gate',
    label,
    description: gate.remedy ?? '',
    icon: gate.kind === 'suspended' ? suspendedIcon : statusIcons.drifted,
    spoken: joinParts([label, gate.remedy ?? ''], '. '),
    flags: joinFlags('gate', gate.kind),
    children: 'none',
    tooltip: () => gateTooltip(gate),
    root: input.root,
    target: targetOf(input, worktree),
  };
}

function olderNode(input: CommitsInput): CommitNode {
  const label = input.wording.t('Older…');
  return {
    id: olderId(input),
    kind: 'older',
    label,
    description: '',
    icon: icons.older,
    spoken: input.wording.t('Older commits'),
    flags: 'older',
    children: 'collapsed',
    tooltip: () => '',
    root: input.root,
  };
}

function moreNode(input: CommitsInput): CommitNode {
  const label = input.wording.t('More…');
  return {
    id: `${olderId(input)}\nmore`,
    kind: 'more',
    label,
    description: '',
    icon: { id: 'ellipsis' },
    spoken: input.wording.t('Show more commits'),
    flags: 'more',
    children: 'none',
    tooltip: () => '',
    root: input.root,
  };
}

function whenText({ snapshot, wording }: CommitsInput): string {
  const { appliedAt } = snapshot.engine;
  return appliedAt === undefined ? '' : (relativeTime(appliedAt, wording) ?? '');
}

/** The worst of its objects; nothing where nobody reports any. */
function healthText({ report, wording: { t } }: CommitsInput): string {
  const found = (report?.objects ?? []).map((object) => object.health).filter((health) => health !== undefined);
  return found.length === 0 ? '' : healthWord(worstHealth(found), t);
}

/** `1m0s` as people write it. */
function intervalText(interval: string): string {
  return interval.replace(/(?<=[hm])0[ms]/g, '').replace(/(?<=h)0s$/, '');
}

/** What a plan is known to be of a row. */
export function planOf(input: CommitsInput, revision: string): PlanState | undefined {
  return input.snapshot.plans.get(revision);
}
