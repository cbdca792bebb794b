import type { ObjectKey } from '../kube/objectKey.ts';

const kinds: ReadonlySet<string> = new Set([
  '/PersistentVolumeClaim',
  '/PersistentVolume',
  '/Namespace',
  'apps/StatefulSet',
  'apiextensions.k8s.io/CustomResourceDefinition',
]);

/** Whether deleting an object may delete data that no apply brings back (design §4, semantics P-11). */
export function destroysData(key: Pick<ObjectKey, 'group' | 'kind'>): boolean {
  return kinds.has(`${key.group}/${key.kind}`);
}
