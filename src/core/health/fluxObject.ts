import { type Json, fieldAt } from '../json.ts';
import { conditionOf, wordsOf } from './condition.ts';
import {
  type HealthOptions,
  type HealthResult,
  degraded,
  healthy,
  noStatusYet,
  progressing,
  suspended,
} from './healthResult.ts';

/** Reasons of `Ready: False` that pass by themselves. */
const passing: ReadonlySet<string> = new Set(['Progressing', 'ProgressingWithRetry', 'DependencyNotReady']);

/** Kustomization, HelmRelease and the sources of Flux: their `Ready` condition is their verdict (semantics part d). */
export function fluxObjectHealth(object: Json, { flavour }: HealthOptions): HealthResult {
  const isSuspended = fieldAt(object, 'spec', 'suspend') === true;
  if (isSuspended && flavour !== 'flux') return suspended('suspended');
  const ready = conditionOf(object, 'Ready');
  if (ready === undefined) return noStatusYet;
  const words = wordsOf(ready);
  if (ready.status === 'True') return healthy(words);
  const reconciling = conditionOf(object, 'Reconciling')?.status === 'True';
  const stalled = conditionOf(object, 'Stalled');
  if (stalled?.status === 'True') return degraded(words);
  if (ready.status !== 'False') return progressing(words);
  // A failure that is tried again stays a failure until it succeeds; kstatus would call it progress (semantics H-2).
  if (flavour === 'flux') return reconciling || stalled === undefined ? progressing(words) : degraded(words);
  return passing.has(ready.reason) ? progressing(words) : degraded(words);
}
