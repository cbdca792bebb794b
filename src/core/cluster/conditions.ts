import { listAt, stringAt } from '../json.ts';
import type { KubeObject } from '../kube/objectKey.ts';

/** Whether an object's status has a condition that is true. */
export function hasCondition(object: KubeObject, type: string): boolean {
  return listAt(object, 'status', 'conditions').some(
    (condition) => stringAt(condition, 'type') === type && stringAt(condition, 'status') === 'True',
  );
}
