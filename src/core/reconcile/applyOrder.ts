import type { GroupVersionKind, ObjectKey } from '../kube/objectKey.ts';

/** Kinds that others need, first; webhooks that would judge the rest, last (semantics F-5). */
const first = [
  'CustomResourceDefinition',
  'Namespace',
  'ClusterRole',
  'ClusterClass',
  'RuntimeClass',
  'PriorityClass',
  'StorageClass',
  'VolumeSnapshotClass',
  'IngressClass',
  'GatewayClass',
  'ClusterRoleBinding',
  'ResourceQuota',
  'ServiceAccount',
  'Role',
  'RoleBinding',
  'ConfigMap',
  'Secret',
  'Service',
  'LimitRange',
  'Deployment',
  'StatefulSet',
  'CronJob',
  'PodDisruptionBudget',
];
const last = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'];

/**
 * The stage that an object is applied in (semantics F-4): 0 definitions, namespaces and cluster roles, 1 classes, 2 the rest. A stage
 * begins when the one before it is applied. Flux does it so, and what Plumbline applies itself follows.
 */
export function stageOf(kind: Pick<GroupVersionKind, 'group' | 'kind'>): 0 | 1 | 2 {
  const { group } = kind;
  if (kind.kind === 'CustomResourceDefinition' && group === 'apiextensions.k8s.io') return 0;
  if (kind.kind === 'Namespace' && group === '') return 0;
  if (kind.kind === 'ClusterRole' && group === 'rbac.authorization.k8s.io') return 0;
  return kind.kind.endsWith('Class') ? 1 : 2;
}

/** Sorts as objects are applied: stage, kind, then group, kind, namespace and name. Pruning goes the other way. */
export function compareForApply(a: ObjectKey, b: ObjectKey): number {
  return (
    stageOf(a) - stageOf(b) ||
    rank(a.kind) - rank(b.kind) ||
    compareText(a.group, b.group) ||
    compareText(a.kind, b.kind) ||
    compareText(a.namespace, b.namespace) ||
    compareText(a.name, b.name)
  );
}

function rank(kind: string): number {
  const early = first.indexOf(kind);
  if (early !== -1) return early;
  const late = last.indexOf(kind);
  return late === -1 ? first.length : first.length + 1 + late;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
