import { engineName, shownChanges, whoShort } from '../../core/explain/findings.ts';
import { shortPath, valuePair, valueText } from '../../core/explain/valueText.ts';
import { english } from '../../core/explain/wording.ts';
import { objectStatusOrder } from '../../core/drift/order.ts';
import { describeKey } from '../../core/kube/objectKey.ts';
import type { Location } from '../../core/location.ts';
import type { ApplicationReport, DriftReport, FieldChange, ObjectReport, ObjectStatus } from '../../core/report.ts';
import { gateLines } from './gateText.ts';
import { printProblems } from './problemText.ts';
import { type Style, statusColor, statusSymbol } from './style.ts';
import { columnsOf, cut, pad } from './width.ts';

const statusWords: Record<ObjectStatus, string> = {
  conflict: 'in conflict',
  drifted: 'drifted',
  missing: 'missing',
  pending: 'pending',
  create: 'to create',
  extra: 'extra',
  unknown: 'unknown',
  synced: 'in sync',
};

/** The report as a terminal shows it (ui.md, Terminal): findings first, one line each, with a place that can be clicked. */
export function printDrift(report: DriftReport, style: Style, seconds: number): string {
  const now = new Date(report.at);
  const lines: string[] = [];
  for (const application of report.applications) {
    lines.push(header(application, style), ...gateLines(application.gates, style));
    const rows = application.objects.flatMap((object) => [
      ...(object.status === 'synced' ? [] : rowsOf(object, now)),
      ...leftAloneRows(object, now),
    ]);
    lines.push(...layOut(rows, style));
  }
  lines.push(...printProblems(report.problems, style));
  lines.push(totals(report, seconds));
  return `${lines.join('\n')}\n`;
}

function header(application: ApplicationReport, style: Style): string {
  const { revision } = application.source;
  const shown = revision === 'worktree' ? revision : revision.slice(0, 7);
  const engine = application.engine === 'direct' ? 'direct' : engineName(application.engine, english);
  const said = [application.sync?.status.replaceAll('-', ' '), application.sync && application.health];
  const where = [engine, shown, ...said].filter((part) => part !== undefined).join(', ');
  const place = application.destination.context === '' ? 'an unknown cluster' : application.destination.context;
  const title = `${style.bold(application.name)} (${where}) on ${place}`;
  const counts = countWords(application.objects) || 'not compared';
  const gap = Math.max(2, Math.min(style.width, 110) - columnsOf(title) - columnsOf(counts));
  return `${title}${' '.repeat(gap)}${counts}`;
}

function countWords(objects: readonly ObjectReport[]): string {
  return objectStatusOrder
    .map((status) => ({ status, count: objects.filter((object) => object.status === status).length }))
    .filter(({ count }) => count > 0)
    .map(({ status, count }) => `${count} ${statusWords[status]}`)
    .join(' · ');
}

interface Row {
  status: ObjectStatus | 'ignored';
  object: string;
  field: string;
  values: string;
  who: string;
  place: string;
}

function rowsOf(object: ObjectReport, now: Date): Row[] {
  const changes = shownChanges(object);
  const name = describeKey(object);
  if (changes.length === 0) {
    const values = object.status === 'missing' ? 'not in the cluster' : (object.note ?? statusWords[object.status]);
    return [{ status: object.status, object: name, field: '', values, who: '', place: placeText(object.location) }];
  }
  return changes.map((change) => ({
    status: statusOf(change, object),
    object: name,
    field: shortPath(change.segments),
    values: valuesText(change),
    who: whoText(change, now),
    place: placeText(change.location ?? object.location),
  }));
}

/** What somebody added and the engine will leave as it is: no finding, and yet worth knowing (design §2.1). */
function leftAloneRows(object: ObjectReport, now: Date): Row[] {
  const added = object.changes.filter((change) => change.status === 'ignored' && change.cause === 'edit');
  return added.map((change) => ({
    status: 'ignored',
    object: describeKey(object),
    field: shortPath(change.segments),
    values: change.op === 'added' ? 'not in Git, left alone' : 'differs, left alone',
    who: whoText(change, now),
    place: placeText(change.location ?? object.location),
  }));
}

function statusOf(change: FieldChange, object: ObjectReport): ObjectStatus {
  if (change.status === 'undetermined') return 'unknown';
  return change.status === 'ignored' ? object.status : change.status;
}

/** For drift from Git's value to the live one; for pending the way it will go, from live to Git's. */
function valuesText(change: FieldChange): string {
  if (change.masked === true) return change.op === 'changed' ? 'differs (hidden)' : `${change.op} (hidden)`;
  const [git, live] = pairText(change);
  return change.status === 'pending' ? `${live} → ${git}` : `${git} → ${live}`;
}

function pairText({ desired, live }: FieldChange): [string, string] {
  if (desired !== undefined && live !== undefined) return valuePair(desired, live, 28);
  return [desired, live].map((value) => (value === undefined ? '(absent)' : valueText(value, 28))) as [string, string];
}

function whoText(change: FieldChange, now: Date): string {
  if (change.status === 'pending') return 'not applied yet';
  return whoShort(change, { t: english, now }) ?? '';
}

function placeText(location: Location | undefined): string {
  if (location === undefined) return '';
  const column = location.column === undefined ? '' : `:${location.column}`;
  return location.line === undefined ? location.file : `${location.file}:${location.line}${column}`;
}

const widest = { object: 48, field: 44, values: 40, who: 34 };

function layOut(rows: readonly Row[], style: Style): string[] {
  const width = (name: keyof typeof widest): number =>
    Math.min(widest[name], Math.max(0, ...rows.map((row) => columnsOf(row[name]))));
  const cell = (row: Row, name: keyof typeof widest): string => pad(cut(row[name], widest[name]), width(name));
  return rows.map((row) => {
    const paint = row.status === 'ignored' ? style.dim : statusColor(style, row.status);
    const symbol = row.status === 'ignored' ? '·' : statusSymbol[row.status];
    const text = [cell(row, 'object'), cell(row, 'field'), cell(row, 'values'), style.dim(cell(row, 'who'))];
    return `  ${paint(symbol)} ${text.filter((part) => part.trim() !== '').join('  ')}  ${row.place}`.trimEnd();
  });
}

function totals(report: DriftReport, seconds: number): string {
  const { summary } = report;
  const findings = objectStatusOrder
    .filter((status) => status !== 'synced' && summary[status] > 0)
    .map((status) => `${summary[status]} ${statusWords[status]}`)
    .join(', ');
  const applications = plural(report.applications.length, 'application');
  const time = `${seconds.toFixed(1)} s`;
  const unseen = report.applications.filter(({ objects }) => objects.length === 0).length;
  // Where nothing was looked at, "nothing to report" would be read as good news.
  if (unseen > 0 && unseen === report.applications.length) return `nothing was compared in ${applications}, ${time}`;
  const left = unseen === 0 ? '' : ` (${unseen} not compared)`;
  return `${findings || 'nothing to report'} in ${applications}${left}, ${plural(summary.objects, 'object')}, ${time}`;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
