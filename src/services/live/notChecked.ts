import { type ObjectKey, describeKey } from '../../core/kube/objectKey.ts';
import type { Problem } from '../../core/problem.ts';
import { ClusterError } from '../../ports/clusterError.ts';

/** The problem of an object that the cluster did not show. */
export function notChecked(key: ObjectKey, context: string, error: unknown, application?: string): Problem {
  const forbidden = ClusterError.is(error, 'forbidden');
  const remedy = ClusterError.is(error) ? error.remedy : undefined;
  return {
    code: forbidden ? 'forbidden' : 'not-checked',
    severity: 'error',
    message: `${describeKey(key)} was not checked: ${error instanceof Error ? error.message : String(error)}`,
    remedy: remedy ?? (forbidden ? `Ask for the right to get, list and watch ${key.kind}.` : 'Try again.'),
    context,
    object: key,
    ...(application === undefined ? {} : { application }),
  };
}
