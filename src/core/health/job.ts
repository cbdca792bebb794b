import { type Json, fieldAt } from '../json.ts';
import { conditionOf, countAt, wordsOf } from './condition.ts';
import { type HealthOptions, type HealthResult, degraded, healthy, progressing, suspended } from './healthResult.ts';

/** Only an ended Job is healthy; a suspended one is suspended, and well to Flux (semantics H-3, F-12). */
export function jobHealth(object: Json, { flavour }: HealthOptions): HealthResult {
  const failed = conditionOf(object, 'Failed');
  if (failed?.status === 'True') return degraded(wordsOf(failed));
  if (conditionOf(object, 'Complete')?.status === 'True') return healthy('complete');
  const paused = conditionOf(object, 'Suspended');
  if (paused?.status === 'True' || (flavour === undefined && fieldAt(object, 'spec', 'suspend') === true)) {
    return flavour === 'flux' ? healthy('suspended') : suspended('suspended');
  }
  const succeeded = countAt(object, 0, 'status', 'succeeded');
  const wanted = countAt(object, countAt(object, 1, 'spec', 'parallelism'), 'spec', 'completions');
  if (fieldAt(object, 'status', 'startTime') === undefined) return progressing('not started');
  return progressing(`${succeeded} of ${wanted} completions`);
}
