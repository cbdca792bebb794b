import { type Json, stringAt } from '../json.ts';
import type { Health } from '../report.ts';
import { type HealthResult, noStatusYet, progressing } from './healthResult.ts';

const words: Readonly<Record<string, Health>> = {
  Healthy: 'healthy',
  Progressing: 'progressing',
  Degraded: 'degraded',
  Suspended: 'suspended',
  Missing: 'missing',
  Unknown: 'unknown',
};

/** An Application judges itself: `status.health` (semantics H-6). */
export function argoApplicationHealth(object: Json): HealthResult {
  if (stringAt(object, 'status', 'operationState', 'phase') === 'Running') return progressing('a sync is running');
  const status = stringAt(object, 'status', 'health', 'status');
  if (status === undefined) return noStatusYet;
  return { health: words[status] ?? 'unknown', message: stringAt(object, 'status', 'health', 'message') ?? '' };
}

const phases: Readonly<Record<string, Health>> = {
  Pending: 'progressing',
  Running: 'progressing',
  Progressing: 'progressing',
  Succeeded: 'healthy',
  Healthy: 'healthy',
  Failed: 'degraded',
  Error: 'degraded',
  Degraded: 'degraded',
  Paused: 'suspended',
};

/** A Workflow or a Rollout: `status.phase`. */
export function argoPhaseHealth(object: Json): HealthResult {
  const phase = stringAt(object, 'status', 'phase');
  if (phase === undefined) return noStatusYet;
  return { health: phases[phase] ?? 'unknown', message: stringAt(object, 'status', 'message') ?? phase.toLowerCase() };
}
