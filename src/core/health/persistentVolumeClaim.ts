import { type Json, stringAt } from '../json.ts';
import {
  type HealthOptions,
  type HealthResult,
  degraded,
  healthy,
  progressing,
  unknownHealth,
} from './healthResult.ts';

export function persistentVolumeClaimHealth(object: Json, { flavour }: HealthOptions): HealthResult {
  const phase = stringAt(object, 'status', 'phase') ?? '';
  if (phase === 'Bound') return healthy('bound');
  if (flavour === 'flux') return progressing(phase === '' ? 'not bound' : `not bound: ${phase}`);
  if (phase === 'Lost') return degraded('its volume is lost');
  if (phase === 'Pending') return progressing('waiting for a volume');
  return flavour === 'argocd' ? unknownHealth(phase) : progressing('not bound');
}
