import type { HistoryEntry } from '../../../core/report.ts';
import type { Commit } from '../../../ports/gitRepository.ts';
import type { Wording } from '../../../core/explain/wording.ts';
import { relativeTime } from '../../../core/explain/relativeTime.ts';
import type { PickItem } from '../prompts.ts';

/**
 * The revisions that one can go back to: those that were applied, newest first, then other commits that changed the application's
 * sources. The last good one, other than the current one, stands first: `last healthy` where the engine says that it was.
 */
export function revisionItems(
  applied: readonly HistoryEntry[],
  commits: readonly Commit[],
  head: string,
  wording: Wording,
): PickItem<string>[] {
  const { t } = wording;
  const subjects = new Map(commits.map((commit) => [commit.id, commit]));
  const lastHealthy = applied.find(
    (entry) => entry.current !== true && entry.outcome === 'succeeded' && entry.healthy !== false,
  )?.revision;
  const seen = new Set<string>();
  const items: PickItem<string>[] = [];
  for (const entry of applied) {
    if (seen.has(entry.revision)) continue;
    seen.add(entry.revision);
    const commit = subjects.get(entry.revision);
    items.push({
      value: entry.revision,
      label: labelOf(entry.revision, entry.subject ?? commit?.subject ?? ''),
      description: joined(
        entry.revision === lastHealthy ? (entry.healthy === true ? t('last healthy') : t('last applied before')) : '',
        entry.current === true ? t('applied now') : '',
        entry.revision === lastHealthy ? '' : outcomeWord(entry, wording),
      ),
      detail: joined(
        entry.at === undefined ? '' : t('applied {0}', relativeTime(entry.at, wording) ?? entry.at),
        entry.author ?? commit?.author ?? '',
        entry.by === undefined ? '' : t('by {0}', entry.by),
      ),
    });
  }
  for (const commit of commits) {
    if (seen.has(commit.id)) continue;
    seen.add(commit.id);
    items.push({
      value: commit.id,
      label: labelOf(commit.id, commit.subject),
      description: commit.id === head ? t('HEAD') : '',
      detail: joined(commit.author, relativeTime(commit.at, wording) ?? commit.at),
    });
  }
  const marked = items.findIndex((item) => item.value === lastHealthy);
  if (marked > 0) items.unshift(...items.splice(marked, 1));
  return items;
}

function labelOf(revision: string, subject: string): string {
  return `${revision.slice(0, 7)} ${subject}`.trim();
}

function outcomeWord({ outcome, healthy }: HistoryEntry, { t }: Wording): string {
  if (outcome === 'failed') return t('failed');
  if (healthy === false) return t('not healthy');
  return healthy === true ? t('healthy') : '';
}

function joined(...parts: string[]): string {
  return parts.filter((part) => part !== '').join(' · ');
}
