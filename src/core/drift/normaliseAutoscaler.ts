import { type Json, equalJson, isJsonObject, stringAt } from '../json.ts';
import { printJson } from '../jsonText.ts';
import type { KubeObject } from '../kube/objectKey.ts';

/**
 * Metrics as a multiset without duplicates and empty types: dry runs of old servers repeat them and the conversion through v1
 * re-orders them (semantics N-14).
 */
export function normaliseAutoscaler(object: KubeObject): KubeObject {
  const { spec } = object;
  if (!isJsonObject(spec) || !Array.isArray(spec['metrics'])) return object;
  const metrics: Json[] = [];
  for (const metric of spec['metrics']) {
    const isEmpty = isJsonObject(metric) && (stringAt(metric, 'type') ?? '') === '';
    if (!isEmpty && !metrics.some((known) => equalJson(known, metric))) metrics.push(metric);
  }
  return { ...object, spec: { ...spec, metrics: metrics.toSorted((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1)) } };
}

/** What a metric measures, which its target value is no part of: an edited target stays in its place. */
function sortKey(metric: Json): string {
  if (!isJsonObject(metric)) return printJson(metric);
  const parts = Object.keys(metric)
    .sort()
    .map((source) => {
      const value = metric[source] ?? null;
      if (!isJsonObject(value)) return `${source}=${printJson(value)}`;
      const identity = Object.keys(value)
        .filter((key) => key !== 'target')
        .sort();
      return `${source}=${identity.map((key) => `${key}:${printJson(value[key] ?? null)}`).join(',')}`;
    });
  return parts.join(';');
}
