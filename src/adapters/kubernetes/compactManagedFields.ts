import { field, isJsonObject, listAt } from '../../core/json.ts';
import { printJson } from '../../core/jsonText.ts';
import type { KubeObject } from '../../core/kube/objectKey.ts';

/** Replaces each `fieldsV1` of an object by a string of its JSON, in place (`ListOptions.compactManagedFields`). */
export function compactManagedFields(object: KubeObject): void {
  for (const entry of listAt(object, 'metadata', 'managedFields')) {
    const fields = field(entry, 'fieldsV1');
    if (isJsonObject(entry) && isJsonObject(fields)) entry['fieldsV1'] = printJson(fields);
  }
}
