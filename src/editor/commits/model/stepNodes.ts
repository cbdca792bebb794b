import type { Translate, Wording } from '../../../core/explain/wording.ts';
import { shortPath, valuePair, valueText } from '../../../core/explain/valueText.ts';
import { describeKey, keyText } from '../../../core/kube/objectKey.ts';
import type { FieldChange, PlanReport, PlanStep } from '../../../core/report.ts';
import type { PlanState } from '../../../services/commits/planQueue.ts';
import { escapeMarkdown, inlineCode } from '../../views/model/markdownText.ts';
import { joinFlags, joinParts } from '../../views/model/rowNode.ts';
import { brokenIcon } from '../../views/model/statusLooks.ts';
import { type CommitNode, type RevisionTarget, fitted } from './commitNode.ts';
import { actionIcons, actionOrder, actionWord, onlyJoins, shortReason } from './planLooks.ts';

/** Columns for what a row says beside its name. */
const reasonColumns = 90;

/** Rows below a commit or the working tree: what its plan does, most urgent first; or why there is none yet. */
export function stepNodes(
  parent: string,
  target: RevisionTarget,
  plan: PlanState | undefined,
  wording: Wording,
): CommitNode[] {
  const { t } = wording;
  switch (plan?.state) {
    case undefined:
    case 'waiting':
    case 'computing':
      return [noteNode(parent, { id: 'loading~spin' }, t('Planning…'), '')];
    case 'failed':
      return [noteNode(parent, brokenIcon, plan.message, plan.remedy ?? '')];
    case 'ready':
      break;
  }
  const { report } = plan.plan;
  const namespace = commonNamespace(report);
  const steps = report.steps.filter((step) => step.action !== 'unchanged').sort(compareSteps);
  const rows = steps.map((step) => stepNode(parent, target, step, namespace, t));
  const unchanged = report.summary.unchanged;
  if (unchanged > 0) rows.push(unchangedNode(parent, unchanged, t));
  if (rows.length === 0) rows.push(noteNode(parent, actionIcons.unchanged, t('Nothing to apply'), ''));
  return rows;
}

function stepNode(
  parent: string,
  target: RevisionTarget,
  step: PlanStep,
  namespace: string | undefined,
  t: Translate,
): CommitNode {
  const outside = step.namespace !== '' && step.namespace !== namespace;
  const label = outside ? `${step.kind} ${step.namespace}/${step.name}` : `${step.kind} ${step.name}`;
  const word = actionWord(step.action, t);
  const data = step.destroysData === true ? t('destroys data') : '';
  const reason = step.reasons[0] === undefined ? '' : shortReason(step.reasons[0], t);
  const basis = step.basis === 'simulated' && step.action !== 'prune' && step.action !== 'skip' ? t('simulated') : '';
  const joins = onlyJoins(step) ? t('joins the inventory') : '';
  const detail = joins !== '' ? joins : step.changes.length > 0 ? changesText(step.changes, t) : reason;
  const isComparable = step.action !== 'blocked' && step.action !== 'skip';
  const { group, kind, namespace: own, name } = step;
  return {
    id: `${parent}\n${keyText(step)}`,
    kind: 'step',
    label,
    // The icon says configure and blocked as well, and what follows is what a person looks for.
    description: fitted(joinParts([isSelfEvident(step, detail) ? '' : word, data, detail, basis]), reasonColumns),
    icon: actionIcons[step.action],
    spoken: joinParts([describeKey(step), word, data, detail, basisInWords(step, t)], ', '),
    flags: joinFlags('step', step.action, step.action !== 'prune' && 'located', isComparable && 'comparable'),
    children: 'none',
    tooltip: () => stepTooltip(step, t),
    root: target.root,
    target: { ...target, key: { group, kind, namespace: own, name } },
  };
}

function isSelfEvident({ action }: PlanStep, detail: string): boolean {
  return detail !== '' && (action === 'configure' || action === 'blocked');
}

function unchangedNode(parent: string, count: number, t: Translate): CommitNode {
  const label = t('{0} unchanged', count);
  return {
    id: `${parent}\n#unchanged`,
    kind: 'unchanged',
    label,
    description: '',
    icon: actionIcons.unchanged,
    spoken: label,
    flags: 'unchanged',
    children: 'none',
    tooltip: () => '',
  };
}

export function noteNode(parent: string, icon: CommitNode['icon'], label: string, description: string): CommitNode {
  return {
    id: `${parent}\n#note`,
    kind: 'note',
    label: fitted(label, reasonColumns),
    description,
    icon,
    spoken: joinParts([label, description], ' '),
    flags: 'note',
    children: 'none',
    tooltip: () => joinParts([escapeMarkdown(label), escapeMarkdown(description)], '\n\n'),
  };
}

/** Blocked first, then what may lose something, then the order in which it is applied. */
function compareSteps(a: PlanStep, b: PlanStep): number {
  const urgency = (step: PlanStep): number => (step.destroysData === true ? 0.5 : actionOrder.indexOf(step.action));
  return urgency(a) - urgency(b) || a.wave - b.wave || (label(a) < label(b) ? -1 : 1);
}

function label(step: PlanStep): string {
  return `${step.kind} ${step.namespace}/${step.name}`;
}

/** `replicas 3 → 5, 2 more fields`. */
function changesText(changes: readonly FieldChange[], t: Translate): string {
  const [first, ...rest] = changes;
  if (first === undefined) return '';
  const shown = changeText(first, t);
  if (rest.length === 0) return shown;
  return rest.length === 1 ? t('{0}, 1 more field', shown) : t('{0}, {1} more fields', shown, rest.length);
}

function changeText(change: FieldChange, t: Translate): string {
  if (change.segments.length === 0) return change.note === undefined ? change.path : t('order of list items');
  const name = shortPath(change.segments);
  if (change.masked === true) return t('{0} changes, values hidden', name);
  const { live, desired } = change;
  if (live !== undefined && desired !== undefined) {
    const [before, after] = valuePair(live, desired, 24);
    return `${name} ${before} → ${after}`;
  }
  if (desired !== undefined) return t('{0} added: {1}', name, valueText(desired, 24));
  return t('{0} removed', name);
}

/** What a step does in full: each field, all reasons, and who said so. */
function stepTooltip(step: PlanStep, t: Translate): string {
  const lines = [`**${escapeMarkdown(describeKey(step))}** · ${actionWord(step.action, t)}`];
  if (step.destroysData === true) lines.push(t('This destroys data.'));
  for (const reason of step.reasons) lines.push(escapeMarkdown(reason));
  const shown = step.changes.slice(0, 12);
  if (shown.length > 0) lines.push(shown.map((change) => `- ${changeMarkdown(change, t)}`).join('\n'));
  if (step.changes.length > shown.length) lines.push(t('{0} more fields', step.changes.length - shown.length));
  lines.push(basisInWords(step, t));
  return lines.filter((line) => line !== '').join('\n\n');
}

function changeMarkdown(change: FieldChange, t: Translate): string {
  const path = inlineCode(change.path);
  if (change.masked === true) return t('{0} changes, values hidden', path);
  const side = (value: FieldChange['live']): string => (value === undefined ? '–' : inlineCode(valueText(value, 60)));
  return `${path}: ${side(change.live)} → ${side(change.desired)}`;
}

function basisInWords({ action, basis }: PlanStep, t: Translate): string {
  if (action === 'prune' || action === 'skip') return '';
  return basis === 'server' ? t('The API server said so (dry run).') : t('Simulated: the API server was not asked.');
}

/** The namespace that needs no mention. */
function commonNamespace(report: PlanReport): string | undefined {
  const found = new Set(report.steps.map((step) => step.namespace).filter((namespace) => namespace !== ''));
  return found.size === 1 ? [...found][0] : undefined;
}
