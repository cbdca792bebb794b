import { listAt, stringAt } from '../../json.ts';
import type { KubeObject } from '../../kube/objectKey.ts';
import type { HistoryEntry } from '../../report.ts';
import { type FluxKustomization, readFluxKustomization } from './fluxKustomization.ts';
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
  const complete = kept.length > 0;
  const { lastApplied } = kustomization;
  if (lastApplied !== undefined) {
    const at = entries.findIndex(({ revision }) => revision === lastApplied.commit);
    const found = entries[at];
    if (found === undefined) entries.unshift(lastOf(kustomization, lastApplied.commit, looksAtHealth));
    else entries[at] = { ...found, current: true };
  }
  const attempt = failedAttempt(kustomization, entries[0]);
  return { entries: attempt === undefined ? entries : [attempt, ...entries], complete };
}

function lastOf({ ready }: FluxKustomization, revision: string, looksAtHealth: boolean): HistoryEntry {
  const isReady = ready?.status === 'True';
  return {
    revision,
    ...(ready?.since === undefined ? {} : { at: ready.since }),
    by: 'Flux',
    outcome: isReady ? 'succeeded' : 'unknown',
    current: true,
    ...(isReady && looksAtHealth ? { healthy: true } : {}),
  };
}

/** What does not even build has no snapshot: the attempt alone tells of it. */
function failedAttempt(
  { lastApplied, lastAttempted, ready }: FluxKustomization,
  newest: HistoryEntry | undefined,
): HistoryEntry | undefined {
  if (lastAttempted === undefined || ready?.status !== 'False') return undefined;
  if (lastAttempted.commit === lastApplied?.commit || lastAttempted.commit === newest?.revision) return undefined;
  const [message = ''] = ready.message.split('\n');
  return {
    revision: lastAttempted.commit,
    ...(ready.since === undefined ? {} : { at: ready.since }),
    by: 'Flux',
    outcome: 'failed',
    message: message === '' ? ready.reason : message,
  };
}

function outcomeOf(status: string, looksAtHealth: boolean): Pick<HistoryEntry, 'outcome' | 'healthy' | 'message'> {
  if (status === 'ReconciliationSucceeded') {
    return { outcome: 'succeeded', ...(looksAtHealth ? { healthy: true } : {}) };
  }
  if (status === '' || status === 'Progressing' || status === 'DependencyNotReady') return { outcome: 'unknown' };
  const isHealth = status === 'HealthCheckFailed';
  return { outcome: 'failed', ...(isHealth ? { healthy: false } : {}), message: status };
}
