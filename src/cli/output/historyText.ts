import { engineName } from '../../core/explain/findings.ts';
import { relativeTime } from '../../core/explain/relativeTime.ts';
import { english } from '../../core/explain/wording.ts';
import type { ApplicationHistory, History, HistoryEntry } from '../../core/report.ts';
import { printProblems } from './problemText.ts';
import type { Style } from './style.ts';
import { pad } from './width.ts';

/** Histories as a terminal shows them: newest first, what the cluster was last given marked by an arrow. */
export function printHistory(history: History, style: Style): string {
  const now = new Date(history.at);
  const lines = history.histories.flatMap((item) => [
    `${style.bold(item.name)} (${engineName(item.engine, english)}) on ${item.context}`,
    ...item.entries.map((entry) => entryLine(entry, now, style)),
    ...lastLine(item, style),
  ]);
  if (history.histories.length === 0) lines.push('No applications were found here.');
  return [...lines, ...printProblems(history.problems, style)].map((line) => `${line}\n`).join('');
}

function entryLine(entry: HistoryEntry, now: Date, style: Style): string {
  const paint = entry.outcome === 'failed' ? style.error : entry.outcome === 'succeeded' ? style.good : style.dim;
  const symbol = { succeeded: '✓', failed: '✗', unknown: '?' }[entry.outcome];
  const health = entry.healthy === undefined ? '' : entry.healthy ? 'healthy' : 'not healthy';
  const when = entry.at === undefined ? '' : (relativeTime(entry.at, { t: english, now }) ?? '');
  const words = [when, entry.by ?? '', health, entry.message ?? ''].filter((word) => word !== '').join(', ');
  const commit = [entry.subject ?? '', entry.author === undefined ? '' : `(${entry.author})`].join(' ').trim();
  const mark = entry.current === true ? '→' : ' ';
  return `  ${mark} ${paint(symbol)} ${entry.revision.slice(0, 7)}  ${pad(words, 34)}  ${style.dim(commit)}`.trimEnd();
}

function lastLine({ entries, complete, engine }: ApplicationHistory, style: Style): string[] {
  if (entries.length === 0) return [`    ${style.dim('nothing is recorded')}`];
  if (complete) return [];
  const why =
    engine === 'direct' ? 'a direct apply keeps the last revision alone' : 'its engine tells the last revision alone';
  return [`    ${style.dim(why)}`];
}
