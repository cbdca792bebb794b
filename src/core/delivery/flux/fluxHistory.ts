import { listAt, stringAt } from '../../json.ts';
import type { KubeObject } from '../../kube/objectKey.ts';
import type { HistoryEntry } from '../../report.ts';
import { readFluxKustomization } from './fluxKustomization.ts';
import { readFluxRevision } from './revision.ts';

/**
 * What a Kustomization was given, newest first (semantics F-11). Controllers that keep no `status.history` tell the last one alone, and
 * then the list is not complete.
 */
export function fluxHistory(object: KubeObject | undefined): { entries: HistoryEntry[]; complete: boolean } {
  if (object === undefined) return { entries: [], complete: false };
  const kustomization = readFluxKustomization(object);
  const kept = listAt(object, 'status', 'history');
  // Without waiting, Flux knows that it was applied, not that it became healthy (semantics F-12).
  const looksAtHealth = kustomization.wait || listAt(object, 'spec', 'healthChecks').length > 0;
  const entries = kept.flatMap((snapshot): HistoryEntry[] => {
    const revision = readFluxRevision(stringAt(snapshot, 'metadata', 'revision'))?.commit;
    if (revision === undefined) return [];
    const status = stringAt(snapshot, 'lastReconciledStatus') ?? '';
    const at = stringAt(snapshot, 'firstReconciled');
    return [{ revision, ...(at === undefined ? {} : { at }), by: 'Flux', ...outcomeOf(status, looksAtHealth) }];
  });
  const { lastApplied, ready } = kustomization;
  if (lastApplied === undefined) return { entries, complete: kept.length > 0 };
  const at = entries.findIndex(({ revision }) => revision === lastApplied.commit);
  const found = entries[at];
  if (found !== undefined) {
    entries[at] = { ...found, current: true };
    return { entries, complete: kept.length > 0 };
  }
  const isReady = ready?.status === 'True';
  const last: HistoryEntry = {
    revision: lastApplied.commit,
    ...(ready?.since === undefined ? {} : { at: ready.since }),
    by: 'Flux',
    outcome: isReady ? 'succeeded' : 'unknown',
    current: true,
    ...(isReady && looksAtHealth ? { healthy: true } : {}),
  };
  return { entries: [last, ...entries], complete: kept.length > 0 };
}

function outcomeOf(status: string, looksAtHealth: boolean): Pick<HistoryEntry, 'outcome' | 'healthy' | 'message'> {
  if (status === 'ReconciliationSucceeded') {
    return { outcome: 'succeeded', ...(looksAtHealth ? { healthy: true } : {}) };
  }
  if (status === '' || status === 'Progressing' || status === 'DependencyNotReady') return { outcome: 'unknown' };
  const isHealth = status === 'HealthCheckFailed';
  return { outcome: 'failed', ...(isHealth ? { healthy: false } : {}), message: status };
}
