import { stringAt, listAt } from '../json.ts';
import type { KubeObject } from '../kube/objectKey.ts';

/** Whether the kinds of a CustomResourceDefinition are served. */
export function isEstablished(crd: KubeObject): boolean {
  return listAt(crd, 'status', 'conditions').some(
    (condition) => stringAt(condition, 'type') === 'Established' && stringAt(condition, 'status') === 'True',
  );
}
