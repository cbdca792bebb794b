import { type Json, stringAt } from '../json.ts';
import { conditionOf, conditionsOf, wordsOf } from './condition.ts';
import { type HealthOptions, type HealthResult, degraded, healthy, progressing } from './healthResult.ts';

/** An aggregated API whose server does not answer. Flux has no rule for it. */
export function apiServiceHealth(object: Json, { flavour }: HealthOptions): HealthResult {
  const available = conditionOf(object, 'Available');
  if (flavour === 'flux') return healthy();
  if (available === undefined) return progressing('waiting to be processed');
  if (available.status === 'True') return healthy(wordsOf(available));
  // Argo CD waits for it for ever.
  return flavour === 'argocd' ? progressing(wordsOf(available)) : degraded(wordsOf(available));
}

export function customResourceDefinitionHealth(object: Json): HealthResult {
  for (const condition of conditionsOf(object)) {
    const { type, status, reason } = condition;
    if (type === 'Terminating' && status === 'True') return progressing('being deleted');
    if (type === 'NamesAccepted' && status === 'False') return degraded(`names not accepted: ${wordsOf(condition)}`);
    if (type === 'NonStructuralSchema' && status === 'True') return degraded(`schema: ${wordsOf(condition)}`);
    if (type === 'Established' && status === 'True') return healthy('established');
    if (type === 'Established' && status === 'False' && reason !== 'Installing') return degraded(wordsOf(condition));
  }
  return progressing('not established yet');
}

export function namespaceHealth(object: Json): HealthResult {
  return stringAt(object, 'status', 'phase') === 'Terminating' ? progressing('being deleted') : healthy();
}

/** Too few Pods to allow a disruption is what a budget is for, not a fault of it. */
export function disruptionBudgetHealth(object: Json, { flavour }: HealthOptions): HealthResult {
  if (flavour === 'flux') return healthy();
  const fault = conditionsOf(object).find(
    (condition) => condition.status === 'False' && condition.reason !== 'InsufficientPods',
  );
  return fault === undefined ? healthy() : degraded(wordsOf(fault));
}
