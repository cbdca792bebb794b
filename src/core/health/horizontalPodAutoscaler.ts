import { type Json, stringAt } from '../json.ts';
import { parseJson } from '../jsonText.ts';
import { type Condition, conditionsOf, readCondition, wordsOf } from './condition.ts';
import { type HealthOptions, type HealthResult, degraded, healthy, progressing } from './healthResult.ts';

const faults: ReadonlySet<string> = new Set([
  'AbleToScale/FailedGetScale',
  'AbleToScale/FailedUpdateScale',
  'ScalingActive/FailedGetResourceMetric',
  'ScalingActive/InvalidSelector',
]);

/** The first condition that says anything decides; autoscaling/v1 keeps its conditions in an annotation. Flux judges none. */
export function autoscalerHealth(object: Json, { flavour }: HealthOptions): HealthResult {
  if (flavour === 'flux') return healthy();
  const conditions = stringAt(object, 'apiVersion') === 'autoscaling/v1' ? annotated(object) : conditionsOf(object);
  // Argo CD stops at the first; a later fault counts for us.
  const fault = conditions.find((condition) => faults.has(`${condition.type}/${condition.reason}`));
  const well = conditions.find(
    (condition) =>
      (condition.type === 'AbleToScale' || condition.type === 'ScalingLimited') && condition.status === 'True',
  );
  const isFirst = fault !== undefined && (well === undefined || conditions.indexOf(fault) <= conditions.indexOf(well));
  if (fault !== undefined && (flavour === undefined || isFirst)) return degraded(wordsOf(fault));
  return well === undefined ? progressing('waiting to scale') : healthy(wordsOf(well));
}

function annotated(object: Json): Condition[] {
  const text = stringAt(object, 'metadata', 'annotations', 'autoscaling.alpha.kubernetes.io/conditions');
  if (text === undefined) return [];
  try {
    const conditions = parseJson(text);
    return Array.isArray(conditions) ? conditions.map(readCondition) : [];
  } catch {
    return [];
  }
}
