import { engineName } from '../../../core/explain/findings.ts';
import { clockTime } from '../../../core/explain/relativeTime.ts';
import type { Wording } from '../../../core/explain/wording.ts';
import type { Problem } from '../../../core/problem.ts';
import type { ApplicationReport, Gate, ObjectReport, ObjectStatus } from '../../../core/report.ts';
import type { DriftView } from '../../sessions/viewState.ts';
import type { DriftNode } from './driftNode.ts';
import { applicationId } from './rowIds.ts';
import { joinFlags, joinParts } from './rowNode.ts';
import { brokenIcon, statusCount, statusIcons, statusOrder, suspendedIcon } from './statusLooks.ts';
import { objectTooltip, problemTooltip } from './tooltips.ts';

/** The row of an application. */
export function applicationNode(view: DriftView, application: ApplicationReport, wording: Wording): DriftNode {
  const counts = countByStatus(application.objects);
  const worst = worstStatus(counts);
  const failure = failureOf(view, application);
  const suspended = application.gates.find((gate) => gate.kind === 'suspended');
  const description = descriptionOf(view, application, { counts, failure, suspended }, wording);
  const isClean = worst === undefined || worst === 'synced';
  const icon =
    failure !== undefined && isClean
      ? brokenIcon
      : isClean && suspended !== undefined
        ? suspendedIcon
        : statusIcons[worst ?? 'unknown'];
  const findings = [...counts.keys()].some((status) => status !== 'synced');
  return {
    id: applicationId(view, application.id),
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
    tooltip: () => tooltipOf(view, application, failure, wording),
    target: { root: view.root, context: view.context, application: application.id },
    root: view.root,
    ...(failure?.location === undefined ? {} : { location: failure.location }),
    ...(worst === undefined ? {} : { status: worst }),
  };
}

/** What stands beside the name: what is wrong with it, else its engine, revision, gates and counts. */
function descriptionOf(
  view: DriftView,
  application: ApplicationReport,
  {
    counts,
    failure,
    suspended,
  }: { counts: ReadonlyMap<ObjectStatus, number>; failure: Problem | undefined; suspended: Gate | undefined },
  wording: Wording,
): string {
  const { t, now } = wording;
  const totals = totalsText(counts, wording);
  const kept = view.snapshot.kept?.get(application.id);
  if (failure !== undefined) {
    const message = shorten(failure.message, application.name);
    if (kept === undefined) return message;
    // The time first: a narrow view cuts the end. What was in sync then is nothing to count on.
    const findings = [...counts.keys()].some((status) => status !== 'synced') ? totals : '';
    return joinParts([t('as of {0}', clockTime(kept.since, now)), findings, message]);
  }
  const engine = engineName(application.engine, t);
  const revision =
    suspended === undefined ? revisionText(application.source.revision) : suspendedText(suspended, wording);
  const unpushed = application.gates.some((gate) => gate.kind === 'not-pushed') ? t('not pushed') : '';
  return joinParts([engine, revision, unpushed, ...engineWords(application), totals]);
}

function tooltipOf(
  view: DriftView,
  application: ApplicationReport,
  failure: Problem | undefined,
  wording: Wording,
): string {
  if (failure === undefined) return objectTooltip(view, application, undefined, wording);
  const { t, now } = wording;
  const kept = view.snapshot.kept?.get(application.id);
  const said = problemTooltip(failure, wording);
  if (kept === undefined) return said;
  const time = clockTime(kept.since, now);
  return `${said}\n\n${t('Until it can be read, it is compared as Git was at {0}, and nothing is done by it.', time)}`;
}

/** The problem for which nothing of an application could be compared, or only what was known before. */
export function failureOf(view: DriftView, application: ApplicationReport): Problem | undefined {
  const kept = view.snapshot.kept?.get(application.id);
  if (kept !== undefined) return kept.reason;
  if (application.objects.length > 0) return undefined;
  return view.snapshot.report.problems.find(
    (problem) => problem.application === application.id && problem.severity === 'error',
  );
}

export function countByStatus(objects: readonly ObjectReport[]): Map<ObjectStatus, number> {
  const counts = new Map<ObjectStatus, number>();
  for (const object of objects) counts.set(object.status, (counts.get(object.status) ?? 0) + 1);
  return counts;
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

/** What Argo CD itself says, in its own words, so that both windows read the same. */
function engineWords({ engine, sync, health }: ApplicationReport): string[] {
  if (engine !== 'argocd') return [];
  const syncWords = { synced: 'Synced', 'out-of-sync': 'OutOfSync', unknown: 'Unknown' };
  return [sync === undefined ? '' : syncWords[sync.status], health === undefined ? '' : capitalised(health)];
}

function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
