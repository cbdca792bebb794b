import { engineName, nextText, shownChanges, sides, whoShort } from '../../../core/explain/findings.ts';
import { shortPath } from '../../../core/explain/valueText.ts';
import type { Wording } from '../../../core/explain/wording.ts';
import { describeKey } from '../../../core/kube/objectKey.ts';
import type { ApplicationReport, FieldChange, ObjectReport } from '../../../core/report.ts';
import { isIgnorable, isRestorable, isWritable } from '../../actions/model/restorable.ts';
import { type ObjectRef, keyOfReport, refId } from '../../sessions/objectRef.ts';
import type { DriftView } from '../../sessions/viewState.ts';
import type { DriftNode } from './driftNode.ts';
import { sep, syncedId } from './rowIds.ts';
import { joinFlags, joinParts } from './rowNode.ts';
import { healthWord, rankOf, statusCount, statusIcons, statusWord } from './statusLooks.ts';
import { fieldTooltip, objectTooltip } from './tooltips.ts';

/** More objects with findings than this stay folded, so that the applications below stay in reach. */
const unfoldedObjects = 20;

/** Kinds of which "healthy" says something: that they run. Of a ConfigMap it would only be in the way. */
const workloads: ReadonlySet<string> = new Set(
  'Deployment StatefulSet DaemonSet ReplicaSet Pod Job CronJob PersistentVolumeClaim Ingress HelmRelease Kustomization'.split(
    ' ',
  ),
);

export interface NodeOptions {
  /** Leaves out what is in sync. */
  findingsOnly: boolean;
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
  const health = object.health === 'healthy' && !workloads.has(object.kind) ? '' : healthWord(object.health, t);
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

function compareNames(a: ObjectReport, b: ObjectReport): number {
  const left = `${a.kind} ${a.namespace}/${a.name}`;
  const right = `${b.kind} ${b.namespace}/${b.name}`;
  return left < right ? -1 : left > right ? 1 : 0;
}
