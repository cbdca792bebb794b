import { describeKey } from '../../../core/kube/objectKey.ts';
import { isIgnorable, isRestorable, isWritable } from '../../actions/model/restorable.ts';
import { commandIds } from '../../contributions.ts';
import type { Wording } from '../../../core/explain/wording.ts';
import { type LineFinding, sentence } from './diagnostics.ts';
import { escapeMarkdown } from './markdownText.ts';
import { changeSentences, valueTable } from './tooltips.ts';

/** Commands that links of a hover may run, and no others. */
export const hoverCommands: readonly string[] = [
  commandIds.openDiff,
  commandIds.openLiveManifest,
  commandIds.writeLiveValue,
  commandIds.restore,
  commandIds.ignoreDifference,
];

/** What the hover says of one finding (ui.md, In the file). Values are escaped; the only links are our own commands. */
export function hoverText(finding: LineFinding, wording: Wording): string {
  const { t } = wording;
  const { change, object, application, view } = finding;
  const title = [
    change === undefined ? '' : `**${escapeMarkdown(change.path)}**`,
    escapeMarkdown(describeKey(object)),
    escapeMarkdown(view.context),
  ];
  const parts = [title.filter((part) => part !== '').join(' · ')];
  if (change === undefined) parts.push(escapeMarkdown(sentence(finding, wording)));
  else parts.push(valueTable(change, t), changeSentences(application, change, wording).join(' '));
  const links = [commandLink(t('Open diff'), commandIds.openDiff, finding)];
  if (object.status !== 'missing' && object.status !== 'create') {
    links.push(commandLink(t('Open live manifest'), commandIds.openLiveManifest, finding));
  }
  if (change !== undefined && isWritable(change)) {
    links.push(commandLink(t('Write live value into Git'), commandIds.writeLiveValue, finding));
  }
  if (change?.status !== 'pending' && isRestorable(application.engine, object)) {
    links.push(commandLink(t('Restore'), commandIds.restore, finding));
  }
  if (change !== undefined && isIgnorable(change)) {
    links.push(commandLink(t('Ignore'), commandIds.ignoreDifference, finding));
  }
  parts.push(links.join(' · '));
  return parts.filter((part) => part !== '').join('\n\n');
}

function commandLink(title: string, command: string, finding: LineFinding): string {
  const parameters = encodeURIComponent(JSON.stringify([finding.ref])).replace(
    /[()]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16)}`,
  );
  return `[${escapeMarkdown(title)}](command:${command}?${parameters})`;
}
