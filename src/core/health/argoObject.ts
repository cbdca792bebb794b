import { type Json, stringAt } from '../json.ts';
import type { Health } from '../report.ts';
import { type HealthResult, noStatusYet, progressing } from './healthResult.ts';

const words = new Map<string, Health>(
  Object.entries({
    Healthy: 'healthy',
    Progressing: 'progressing',
    Degraded: 'degraded',
    Suspended: 'suspended',
    Missing: 'missing',
    Unknown: 'unknown',
  } as const),
);

/** An Application judges itself: `status.health` (semantics H-6). */
export function argoApplicationHealth(object: Json): HealthResult {
  if (stringAt(object, 'status', 'operationState', 'phase') === 'Running') return progressing('a sync is running');
  const status = stringAt(object, 'status', 'health', 'status');
  if (status === undefined) return noStatusYet;
  return { health: words.get(status) ?? 'unknown', message: stringAt(object, 'status', 'health', 'message') ?? '' };
}

const phases = new Map<string, Health>(
  Object.entries({
    Pending: 'progressing',
    Running: 'progressing',
    Progressing: 'progressing',
    Succeeded: 'healthy',
    Healthy: 'healthy',
    Failed: 'degraded',
    Error: 'degraded',
    Degraded: 'degraded',
    Paused: 'suspended',
  } as const),
);

/** A Workflow or a Rollout: `status.phase`. */
export function argoPhaseHealth(object: Json): HealthResult {
  const phase = stringAt(object, 'status', 'phase');
  if (phase === undefined) return noStatusYet;
  return {
    health: phases.get(phase) ?? 'unknown',
    message: stringAt(object, 'status', 'message') ?? phase.toLowerCase(),
  };
}
