import { type Json, isJsonObject } from '../json.ts';
import { printJson } from '../jsonText.ts';
import type { KubeObject } from '../kube/objectKey.ts';

/** Subsets sorted, with the default protocol: their order means nothing (semantics N-13). */
export function normaliseEndpoints(object: KubeObject): KubeObject {
  const subsets = object['subsets'];
  if (!Array.isArray(subsets)) return object;
  return { ...object, subsets: sorted(subsets.map(normalSubset)) };
}

function normalSubset(subset: Json): Json {
  if (!isJsonObject(subset)) return subset;
  const result = { ...subset };
  for (const key of ['addresses', 'notReadyAddresses']) {
    const list = subset[key];
    if (Array.isArray(list)) result[key] = sorted(list);
  }
  const { ports } = subset;
  if (Array.isArray(ports)) {
    result['ports'] = sorted(ports.map((port) => (isJsonObject(port) ? { protocol: 'TCP', ...port } : port)));
  }
  return result;
}

function sorted(items: readonly Json[]): Json[] {
  const texts = new Map(items.map((item) => [item, sortText(item)]));
  return items.toSorted((a, b) => ((texts.get(a) ?? '') < (texts.get(b) ?? '') ? -1 : 1));
}

/** Independent of the order of keys. */
function sortText(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(sortText).join(',')}]`;
  if (!isJsonObject(value)) return printJson(value);
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${key}:${sortText(value[key] ?? null)}`).join(',')}}`;
}
