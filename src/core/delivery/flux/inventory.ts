import { type Json, listAt, stringAt } from '../../json.ts';
import type { ObjectKey } from '../../kube/objectKey.ts';

export interface InventoryEntry extends ObjectKey {
  version: string;
}

/** What a Flux Kustomization owns, from `status.inventory.entries` (semantics P-4). Entries that are not understood are left out. */
export function readInventory(kustomization: Json): InventoryEntry[] {
  return listAt(kustomization, 'status', 'inventory', 'entries').flatMap((entry) => {
    const key = readInventoryId(stringAt(entry, 'id') ?? '');
    return key === undefined ? [] : [{ ...key, version: stringAt(entry, 'v') ?? '' }];
  });
}

/** `<namespace>_<name>_<group>_<kind>`; a colon in the name of RBAC objects is written as two underscores. */
export function readInventoryId(id: string): ObjectKey | undefined {
  const match = /^([^_]*)_(.+)_([^_]*)_([^_]+)$/.exec(id);
  if (match === null) return undefined;
  const [, namespace = '', name = '', group = '', kind = ''] = match;
  return { namespace, name: name.replaceAll('__', ':'), group, kind };
}

export function writeInventoryId(key: ObjectKey): string {
  return `${key.namespace}_${key.name.replaceAll(':', '__')}_${key.group}_${key.kind}`;
}
