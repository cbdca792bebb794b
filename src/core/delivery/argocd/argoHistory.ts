import type { KubeObject } from '../../kube/objectKey.ts';
import type { HistoryEntry } from '../../report.ts';
import { isWhole, lastSyncOf, readArgoApplication } from './argoApplication.ts';

/**
 * What an Application was given, newest first: its history holds whole syncs that succeeded; the last operation adds one that failed, still
 * runs, or took only some objects. Argo CD judges the health of what is there now, so only that has one.
 */
export function argoHistory(object: KubeObject | undefined): { entries: HistoryEntry[]; complete: boolean } {
  if (object === undefined) return { entries: [], complete: false };
  const application = readArgoApplication(object);
  const { operation, history, health } = application;
  const entries = history.toReversed().flatMap(({ revision, deployedAt, by }): HistoryEntry[] =>
    revision === undefined
      ? []
      : [
          {
            revision,
            ...(deployedAt === undefined ? {} : { at: deployedAt }),
            ...(by === undefined ? {} : { by }),
            outcome: 'succeeded',
          },
        ],
  );
  const current = lastSyncOf(application)?.revision;
  const at = entries.findIndex(({ revision }) => revision === current);
  const found = entries[at];
  if (found !== undefined) {
    const judged = health === 'healthy' ? { healthy: true } : health === 'degraded' ? { healthy: false } : {};
    entries[at] = { ...found, current: true, ...judged };
  }
  if (operation?.revision !== undefined && !isWhole(application)) {
    const time = operation.finishedAt ?? operation.startedAt;
    const failed = operation.phase === 'Failed' || operation.phase === 'Error';
    const message = operation.selective ? 'only some objects were synced' : operation.message;
    entries.unshift({
      revision: operation.revision,
      ...(time === undefined ? {} : { at: time }),
      ...(operation.by === undefined ? {} : { by: operation.by }),
      outcome: failed ? 'failed' : operation.phase === 'Succeeded' ? 'succeeded' : 'unknown',
      ...(message === '' ? {} : { message }),
    });
  }
  return { entries, complete: true };
}
