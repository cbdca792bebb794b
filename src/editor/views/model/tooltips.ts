import { describeKey } from '../../../core/kube/objectKey.ts';
import type { Json } from '../../../core/json.ts';
import type { Location } from '../../../core/location.ts';
import type { Problem } from '../../../core/problem.ts';
import type { ApplicationReport, FieldChange, ObjectReport } from '../../../core/report.ts';
import type { DriftView } from '../../sessions/viewState.ts';
import type { Translate, Wording } from '../../../core/explain/wording.ts';
import { engineName, managerName, nextText } from '../../../core/explain/findings.ts';
import { escapeMarkdown, inlineCode } from './markdownText.ts';
import { clockTime, relativeTimeInWords } from '../../../core/explain/relativeTime.ts';
import { statusWord } from './statusLooks.ts';
import { valueText } from '../../../core/explain/valueText.ts';

/** Tooltip of a field: its whole path, the three values, who and when with the full time, what comes next, where it is decided. */
export function fieldTooltip(
  application: ApplicationReport,
  object: ObjectReport,
  change: FieldChange,
  wording: Wording,
): string {
  const { t } = wording;
  return [
    `**${escapeMarkdown(change.path)}** · ${escapeMarkdown(describeKey(object))}`,
    valueTable(change, t),
    ...changeSentences(application, change, wording),
    change.location === undefined ? '' : locationText(change.location, t),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** Tooltip of an object, or of its application where no object is given. */
export function objectTooltip(
  view: DriftView,
  application: ApplicationReport,
  object: ObjectReport | undefined,
  wording: Wording,
): string {
  const { t, now } = wording;
  const lines: string[] = [];
  if (object !== undefined) {
    lines.push(`**${escapeMarkdown(describeKey(object))}** · ${statusWord(object.status, t)}`);
    if (object.healthMessage !== undefined) lines.push(escapeMarkdown(object.healthMessage));
    if (object.note !== undefined) lines.push(escapeMarkdown(object.note));
    if (object.location !== undefined) lines.push(locationText(object.location, t));
  } else {
    lines.push(
      `**${escapeMarkdown(application.name)}** · ${engineName(application.engine, t)} · ${escapeMarkdown(view.context)}`,
    );
    const path = application.source.path === '' ? '.' : application.source.path;
    lines.push(
      t(
        'Source: {0} at {1}, revision {2}',
        application.source.kind,
        inlineCode(path),
        inlineCode(application.source.revision),
      ),
    );
    if (application.applied !== undefined) {
      lines.push(
        t('Applied: {0}, {1}', inlineCode(application.applied.revision), clockTime(application.applied.at, now)),
      );
    }
    if (application.notCompared !== undefined) {
      lines.push(t('Not compared: {0}.', escapeMarkdown(application.notCompared)));
    }
    if (application.healthMessage !== undefined) lines.push(escapeMarkdown(application.healthMessage));
    for (const gate of application.gates) {
      lines.push(escapeMarkdown(gate.remedy === undefined ? gate.message : `${gate.message} ${gate.remedy}`));
    }
    for (const problem of view.snapshot.report.problems) {
      if (problem.application === application.id) lines.push(escapeMarkdown(problem.message));
    }
  }
  return lines.slice(0, 12).join('\n\n');
}

export function problemTooltip(problem: Problem, { t }: Wording): string {
  const lines = [escapeMarkdown(problem.message)];
  if (problem.remedy !== undefined) lines.push(escapeMarkdown(problem.remedy));
  if (problem.location !== undefined) lines.push(locationText(problem.location, t));
  return lines.join('\n\n');
}

/** The table of ui.md: desired, applied (where known), live. */
export function valueTable(change: FieldChange, t: Translate): string {
  if (change.masked === true) return t('The values are secret and not shown.');
  const columns: [string, Json | undefined][] = [[t('desired'), change.desired]];
  if (change.applied !== undefined) columns.push([t('applied'), change.applied]);
  columns.push([t('live'), change.live]);
  const cell = (value: Json | undefined): string => (value === undefined ? '–' : inlineCode(valueText(value, 60)));
  return [
    `| ${columns.map(([title]) => title).join(' | ')} |`,
    `|${'--|'.repeat(columns.length)}`,
    `| ${columns.map(([, value]) => cell(value)).join(' | ')} |`,
  ].join('\n');
}

/** Who changed it, and what the engine will do. */
export function changeSentences(application: ApplicationReport, change: FieldChange, wording: Wording): string[] {
  const { t } = wording;
  const sentences: string[] = [];
  if (change.status === 'pending') sentences.push(t('Git is ahead: not applied yet.'));
  if (change.status === 'undetermined') {
    sentences.push(t('Whether Git or the cluster moved cannot be told from what the cluster keeps.'));
  }
  if (change.status !== 'pending') {
    for (const manager of change.managers) {
      const when = manager.time === undefined ? undefined : relativeTimeInWords(manager.time, wording);
      const who = `**${escapeMarkdown(managerName(manager))}** (${manager.operation})`;
      sentences.push(
        when === undefined
          ? t('Owned by {0}; the cluster keeps no time.', who)
          : t('Changed by {0}, {1} ({2}).', who, when, clockTime(manager.time ?? '', wording.now)),
      );
    }
    const next = nextText(change, engineName(application.engine, t), t);
    if (next !== undefined && application.engine !== 'direct') sentences.push(`${next}.`);
  }
  if (change.note !== undefined) sentences.push(escapeMarkdown(change.note));
  return sentences;
}

function locationText(location: Location, t: Translate): string {
  const place = location.line === undefined ? location.file : `${location.file}:${location.line}`;
  return t('Decided by {0}', inlineCode(place));
}
