import type { Problem } from '../../../core/problem.ts';
import { describeKey } from '../../../core/kube/objectKey.ts';
import type { ApplicationReport, FieldChange, Gate, ObjectReport, ObjectStatus } from '../../../core/report.ts';
import { type ObjectRef, keyOfReport, refId } from '../../sessions/objectRef.ts';
import type { DriftView } from '../../sessions/viewState.ts';
import type { Wording } from '../../../core/explain/wording.ts';
import type { DriftNode } from './driftNode.ts';
import { joinFlags, joinParts } from './rowNode.ts';
import { isIgnorable, isRestorable, isWritable } from '../../actions/model/restorable.ts';
import { engineName, nextText, shownChanges, sides, whoShort } from '../../../core/explain/findings.ts';
import { fieldTooltip, objectTooltip, problemTooltip } from './tooltips.ts';
import {
  brokenIcon,
  noticeIcon,
  rankOf,
  statusCount,
  statusIcons,
  statusOrder,
  statusWord,
  suspendedIcon,
} from './statusLooks.ts';
import { shortPath } from '../../../core/explain/valueText.ts';

/** More objects with findings than this stay folded, so that the applications below stay in reach. */
const unfoldedObjects = 20;

/** Application ids hold paths; the separator cannot stand in one. */
const sep = '\n';

export interface NodeOptions {
  /** Leaves out what is in sync. */
  findingsOnly: boolean;
}

export function countByStatus(objects: readonly ObjectReport[]): Map<ObjectStatus, number> {
  const counts = new Map<ObjectStatus, number>();
  for (const object of objects) counts.set(object.status, (counts.get(object.status) ?? 0) + 1);
  return counts;
}

/** The row of an application. */
export function applicationNode(view: DriftView, application: ApplicationReport, wording: Wording): DriftNode {
  const { t } = wording;
  const id = applicationId(view, application.id);
  const counts = countByStatus(application.objects);
  const failure = failureOf(view, application);
  const suspended = application.gates.find((gate) => gate.kind === 'suspended');
  const worst = worstStatus(counts);
  const revision = revisionText(application.source.revision);
  const engine = engineName(application.engine, t);
  const totals = totalsText(counts, wording);
  const unpushed = application.gates.some((gate) => gate.kind === 'not-pushed') ? t('not pushed') : '';
  const said = engineWords(application);
  const description =
    failure !== undefined
      ? shorten(failure.message, application.name)
      : suspended !== undefined
        ? joinParts([engine, suspendedText(suspended, wording), unpushed, ...said, totals])
        : joinParts([engine, revision, unpushed, ...said, totals]);
  const icon =
    failure !== undefined && worst === undefined
      ? brokenIcon
      : (worst === undefined || worst === 'synced') && suspended !== undefined
        ? suspendedIcon
        : statusIcons[worst ?? 'unknown'];
  const findings = [...counts.keys()].some((status) => status !== 'synced');
  return {
    id,
    kind: 'application',
    label: application.name,
    description,
    icon,
    spoken: joinParts([application.name, description], ', '),
    flags: joinFlags(
      'application',
      worst ?? 'unknown',
      application.engine,
      failure?.location && 'located',
      suspended && 'suspended',
    ),
    children: application.objects.length === 0 ? 'none' : findings ? 'expanded' : 'collapsed',
    tooltip: () =>
      failure === undefined ? applicationTooltip(view, application, wording) : problemTooltip(failure, wording),
    target: { root: view.root, context: view.context, application: application.id },
    root: view.root,
    ...(failure?.location === undefined ? {} : { location: failure.location }),
    ...(worst === undefined ? {} : { status: worst }),
  };
}

/** Rows below an application: findings, most urgent first, then one row for all that is in sync. */
export function objectNodes(
  view: DriftView,
  application: ApplicationReport,
  options: NodeOptions,
  wording: Wording,
): DriftNode[] {
  const findings = application.objects.filter((object) => object.status !== 'synced');
  const unfold = findings.length <= unfoldedObjects;
  const rows = findings
    .sort((a, b) => rankOf(a.status) - rankOf(b.status) || compareNames(a, b))
    .map((object) => objectNode(view, application, object, unfold, wording));
  // Where all is in sync a row that says so once more would only be in the way.
  if (findings.length === 0) return options.findingsOnly ? [] : syncedNodes(view, application, wording);
  const synced = application.objects.length - findings.length;
  if (synced > 0 && !options.findingsOnly) rows.push(syncedNode(view, application, synced, wording));
  return rows;
}

/** Rows below the row of all that is in sync. */
export function syncedNodes(view: DriftView, application: ApplicationReport, wording: Wording): DriftNode[] {
  return application.objects
    .filter((object) => object.status === 'synced')
    .sort(compareNames)
    .map((object) => objectNode(view, application, object, false, wording));
}

/** Rows below an object. */
export function fieldNodes(
  view: DriftView,
  application: ApplicationReport,
  object: ObjectReport,
  wording: Wording,
): DriftNode[] {
  return shownChanges(object).map((change) => fieldNode(view, application, object, change, wording));
}

/** The row of a problem that belongs to no application in view. */
export function problemNode(view: DriftView | undefined, problem: Problem, index: number, wording: Wording): DriftNode {
  const broken = problem.severity === 'error';
  const title = problemTitle(problem, wording);
  const rest = title === undefined ? (problem.remedy ?? '') : problem.message;
  return {
    id: ['problem', view?.root ?? '', view?.context ?? '', problem.code, problem.message, index].join(sep),
    kind: 'problem',
    label: title ?? problem.message,
    description: rest,
    icon: broken ? brokenIcon : problem.severity === 'warning' ? statusIcons.drifted : noticeIcon,
    spoken: joinParts([problem.message, problem.remedy ?? ''], ' '),
    flags: joinFlags('problem', problem.code, isChoice(problem) && 'choice', problem.location && 'located'),
    children: 'none',
    tooltip: () => problemTooltip(problem, wording),
    ...(view === undefined ? {} : { root: view.root }),
    ...(problem.location === undefined ? {} : { location: problem.location }),
  };
}

/** Applications that declare the same objects: only the user knows which of them the cluster should hold. */
function isChoice({ code, application, object }: Problem): boolean {
  return code === 'not-checked' && application !== undefined && object === undefined;
}

/** A few words before a sentence that a narrow view would cut off. */
function problemTitle({ code }: Problem, { t }: Wording): string | undefined {
  switch (code) {
    case 'unreachable':
      return t('No answer');
    case 'unauthorized':
      return t('Sign-in refused');
    case 'forbidden':
      return t('Not allowed');
    case 'not-checked':
      return t('Not checked');
    case 'unknown-context':
    case 'no-kubeconfig':
    case 'invalid-kubeconfig':
      return t('Kubeconfig');
    case 'unknown-kind':
      return t('Unknown kind');
    default:
      return undefined;
  }
}

export function applicationId(view: DriftView, application: string): string {
  return [view.root, view.context, application].join(sep);
}

export function syncedId(view: DriftView, application: string): string {
  return `${applicationId(view, application)}${sep}#in-sync`;
}

/** The problem for which nothing of an application could be compared. */
export function failureOf(view: DriftView, application: ApplicationReport): Problem | undefined {
  if (application.objects.length > 0) return undefined;
  return view.snapshot.report.problems.find(
    (problem) => problem.application === application.id && problem.severity === 'error',
  );
}

export function worstStatus(counts: ReadonlyMap<ObjectStatus, number>): ObjectStatus | undefined {
  return statusOrder.find((status) => (counts.get(status) ?? 0) > 0);
}

/** `2 drifted, 1 pending`; `131 in sync` where there is nothing else to say. */
export function totalsText(counts: ReadonlyMap<ObjectStatus, number>, { t }: Wording): string {
  const parts = statusOrder.filter((status) => status !== 'synced' && (counts.get(status) ?? 0) > 0);
  if (parts.length === 0) {
    const synced = counts.get('synced') ?? 0;
    return synced === 0 ? t('not checked') : statusCount('synced', synced, t);
  }
  return parts.map((status) => statusCount(status, counts.get(status) ?? 0, t)).join(', ');
}

function objectNode(
  view: DriftView,
  application: ApplicationReport,
  object: ObjectReport,
  unfold: boolean,
  wording: Wording,
): DriftNode {
  const { t } = wording;
  const ref = refOf(view, application, object);
  const changes = shownChanges(object);
  const outside = object.namespace !== '' && object.namespace !== commonNamespace(application);
  const label = outside ? `${object.kind} ${object.namespace}/${object.name}` : `${object.kind} ${object.name}`;
  const fields = changes.length === 0 ? '' : changes.length === 1 ? t('1 field') : t('{0} fields', changes.length);
  const health = healthWord(object, wording);
  const description = joinParts([object.status === 'synced' ? '' : statusWord(object.status, t), fields, health]);
  return {
    // The editor keeps whether a row of an id is folded: one that gets fields to show must begin anew, unfolded.
    id: changes.length === 0 ? `${refId(ref)}${sep}#leaf` : refId(ref),
    kind: 'object',
    label,
    description,
    icon: statusIcons[object.status],
    spoken: joinParts([describeKey(object), statusWord(object.status, t), fields, health], ', '),
    flags: joinFlags(
      'object',
      object.status,
      object.location && 'located',
      comparable(object) && 'comparable',
      isRestorable(application.engine, object) && 'restorable',
    ),
    children: changes.length === 0 ? 'none' : unfold ? 'expanded' : 'collapsed',
    tooltip: () => objectTooltip(view, application, object, wording),
    ref,
    root: view.root,
    ...(object.location === undefined ? {} : { location: object.location }),
    status: object.status,
  };
}

function fieldNode(
  view: DriftView,
  application: ApplicationReport,
  object: ObjectReport,
  change: FieldChange,
  wording: Wording,
): DriftNode {
  const { t } = wording;
  const ref: ObjectRef = { ...refOf(view, application, object), path: change.path };
  const engine = engineName(application.engine, t);
  const pending = change.status === 'pending';
  const cause = change.cause === 'controller' ? t('set by a controller') : '';
  const description = joinParts([
    sides(change, t),
    pending ? t('not applied yet') : (whoShort(change, wording) ?? ''),
    cause,
    // Without an engine nobody comes by to revert anything.
    pending || application.engine === 'direct' ? '' : (nextText(change, engine, t) ?? ''),
  ]);
  const label = shortPath(change.segments);
  const icon = change.status === 'undetermined' ? statusIcons.undetermined : statusIcons[change.status];
  return {
    id: refId(ref),
    kind: 'field',
    label,
    description,
    icon,
    spoken: joinParts([change.path, changeWord(change, wording), description], ', '),
    flags: joinFlags(
      'field',
      change.status,
      change.location && 'located',
      comparable(object) && 'comparable',
      isRestorable(application.engine, object) && change.status !== 'pending' && 'restorable',
      isWritable(change) && 'writable',
      isIgnorable(change) && 'ignorable',
    ),
    children: 'none',
    tooltip: () => fieldTooltip(application, object, change, wording),
    ref,
    root: view.root,
    ...(change.location === undefined ? {} : { location: change.location }),
    status: change.status === 'undetermined' ? 'unknown' : change.status,
  };
}

function syncedNode(view: DriftView, application: ApplicationReport, count: number, wording: Wording): DriftNode {
  const label = statusCount('synced', count, wording.t);
  return {
    id: syncedId(view, application.id),
    kind: 'synced',
    label,
    description: '',
    icon: statusIcons.synced,
    spoken: label,
    flags: joinFlags('synced'),
    children: 'collapsed',
    tooltip: () => '',
  };
}

function refOf(view: DriftView, application: ApplicationReport, object: ObjectReport): ObjectRef {
  return { root: view.root, context: view.context, application: application.id, key: keyOfReport(object) };
}

const commonNamespaces = new WeakMap<ApplicationReport, { namespace: string | undefined }>();

/** The namespace that needs no mention: the application's own, or the one that all its objects share. Found once per report. */
function commonNamespace(application: ApplicationReport): string | undefined {
  let common = commonNamespaces.get(application);
  if (common === undefined) {
    common = { namespace: findCommonNamespace(application) };
    commonNamespaces.set(application, common);
  }
  return common.namespace;
}

function findCommonNamespace(application: ApplicationReport): string | undefined {
  if (application.destination.namespace !== undefined) return application.destination.namespace;
  const found = new Set<string>();
  for (const object of application.objects) {
    if (object.namespace !== '') found.add(object.namespace);
    if (found.size > 1) return undefined;
  }
  return [...found][0];
}

function applicationTooltip(view: DriftView, application: ApplicationReport, wording: Wording): string {
  return objectTooltip(view, application, undefined, wording);
}

function comparable(object: ObjectReport): boolean {
  return object.status !== 'unknown';
}

function changeWord(change: FieldChange, { t }: Wording): string {
  return change.status === 'undetermined'
    ? t('undetermined')
    : change.status === 'ignored'
      ? t('ignored')
      : statusWord(change.status, t);
}

/** Kinds of which "healthy" says something: that they run. Of a ConfigMap it would only be in the way. */
const workloads: ReadonlySet<string> = new Set(
  'Deployment StatefulSet DaemonSet ReplicaSet Pod Job CronJob PersistentVolumeClaim Ingress HelmRelease Kustomization'.split(
    ' ',
  ),
);

function healthWord({ kind, health }: ObjectReport, { t }: Wording): string {
  switch (health) {
    case 'healthy':
      return workloads.has(kind) ? t('healthy') : '';
    case 'progressing':
      return t('progressing');
    case 'degraded':
      return t('degraded');
    case 'suspended':
      return t('suspended');
    default:
      return '';
  }
}

function suspendedText(gate: Gate, { t }: Wording): string {
  // `Kustomization podinfo is suspended: “freeze until Monday”.`: the row says already what it is about.
  const why = /\bis suspended(?:: (.+?))?\.?$/.exec(gate.message);
  if (why !== null) return why[1] === undefined ? t('suspended') : t('suspended: {0}', why[1]);
  return /^suspended/i.test(gate.message) ? gate.message : t('suspended: {0}', gate.message);
}

function revisionText(revision: string): string {
  // A commit id is known by its first seven; `main@<id>` keeps its branch.
  return revision.replace(/[0-9a-f]{40}/, (id) => id.slice(0, 7));
}

/** The name of the application stands before it in the row already. */
function shorten(message: string, name: string): string {
  for (const start of [`${name}: `, `${name} was `, `${name} `]) {
    if (message.startsWith(start)) return message.slice(start === `${name} was ` ? name.length + 5 : start.length);
  }
  return message;
}

function compareNames(a: ObjectReport, b: ObjectReport): number {
  const left = `${a.kind} ${a.namespace}/${a.name}`;
  const right = `${b.kind} ${b.namespace}/${b.name}`;
  return left < right ? -1 : left > right ? 1 : 0;
}

/** What Argo CD itself says, in its own words, so that both windows read the same. */
function engineWords({ engine, sync, health }: ApplicationReport): string[] {
  if (engine !== 'argocd') return [];
  const syncWords = { synced: 'Synced', 'out-of-sync': 'OutOfSync', unknown: 'Unknown' };
  return [sync === undefined ? '' : syncWords[sync.status], health === undefined ? '' : capitalised(health)];
}

function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
