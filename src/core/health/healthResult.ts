import type { Health } from '../report.ts';

/** Whose judgement is asked for: Flux's (kstatus) or Argo CD's, where the two differ (semantics H-3). Absent: Plumbline's own. */
export type HealthFlavour = 'flux' | 'argocd';

export interface HealthOptions {
  flavour?: HealthFlavour;
  /** Its kind has no status, so that none is waited for (semantics H-4). */
  statusless?: boolean;
  /** For what may last a moment before it is a fault; absent: it has lasted long enough. */
  now?: Date;
}

export interface HealthResult {
  health: Health;
  /** One clause for people, without a full stop; empty where there is nothing to add. */
  message: string;
}

export function healthy(message = ''): HealthResult {
  return { health: 'healthy', message };
}

export function progressing(message: string): HealthResult {
  return { health: 'progressing', message };
}

export function degraded(message: string): HealthResult {
  return { health: 'degraded', message };
}

export function suspended(message: string): HealthResult {
  return { health: 'suspended', message };
}

export function unknownHealth(message: string): HealthResult {
  return { health: 'unknown', message };
}

/** An object whose controller has said nothing yet (semantics H-4). */
export const noStatusYet: HealthResult = unknownHealth('no status reported yet');
