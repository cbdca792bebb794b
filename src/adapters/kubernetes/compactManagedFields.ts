import { field, isJsonObject, listAt } from '../../core/json.ts';
import type { KubeObject } from '../../core/kube/objectKey.ts';

/**
 * Replaces each `fieldsV1` of an object by a string of its JSON, in place (`ListOptions.compactManagedFields`). Equal strings
 * are one string: objects of a kind that one controller writes mostly have the same fields.
 */
export function compactManagedFields(object: KubeObject, pool: Map<string, string>): void {
  for (const entry of listAt(object, 'metadata', 'managedFields')) {
    const fields = field(entry, 'fieldsV1');
    if (!isJsonObject(entry) || !isJsonObject(fields)) continue;
    let text: string;
    try {
      text = JSON.stringify(fields);
    } catch {
      // A leaf is an empty object, never an integer; a server that puts a large one there keeps its entry as it is.
      continue;
    }
    const known = pool.get(text);
    if (known === undefined) pool.set(text, text);
    entry['fieldsV1'] = known ?? text;
  }
}
