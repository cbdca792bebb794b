import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareForApply, stageOf } from '../../../../src/core/reconcile/applyOrder.ts';
import { destroysData } from '../../../../src/core/reconcile/destroysData.ts';

function key(text: string) {
  const [group = '', kind = '', namespace = '', name = ''] = text.split('/');
  return { group, kind, namespace, name };
}

/** In the order in which Flux applies them (semantics F-4, F-5). */
const inOrder = [
  'apiextensions.k8s.io/CustomResourceDefinition//widgets.example.com',
  '/Namespace//shop',
  'rbac.authorization.k8s.io/ClusterRole//reader',
  'scheduling.k8s.io/PriorityClass//high',
  'storage.k8s.io/StorageClass//fast',
  'rbac.authorization.k8s.io/ClusterRoleBinding//readers',
  '/ServiceAccount/shop/web',
  'rbac.authorization.k8s.io/Role/shop/web',
  '/ConfigMap/shop/a',
  '/ConfigMap/shop/b',
  '/Secret/shop/a',
  '/Service/shop/web',
  'apps/Deployment/shop/web',
  'apps/StatefulSet/shop/db',
  'batch/CronJob/shop/nightly',
  'policy/PodDisruptionBudget/shop/web',
  'apps/DaemonSet/shop/agent',
  'example.com/Widget/shop/w',
  'networking.k8s.io/Ingress/shop/web',
  'admissionregistration.k8s.io/MutatingWebhookConfiguration//m',
  'admissionregistration.k8s.io/ValidatingWebhookConfiguration//v',
];

test('objects are applied in the order of Flux', () => {
  const shuffled = inOrder.map(key).sort((a, b) => (a.name + a.kind < b.name + b.kind ? -1 : 1));
  assert.deepEqual(shuffled.sort(compareForApply), inOrder.map(key));
});

test('a kind of another group that is only called Namespace is no namespace', () => {
  assert.equal(stageOf({ group: 'example.com', kind: 'Namespace' }), 2);
});

for (const [text, destroys] of [
  ['/PersistentVolumeClaim', true],
  ['/Namespace', true],
  ['apps/StatefulSet', true],
  ['apiextensions.k8s.io/CustomResourceDefinition', true],
  ['/ConfigMap', false],
  ['example.com/Namespace', false],
] as const) {
  test(`deleting ${text} ${destroys ? 'destroys' : 'does not destroy'} data`, () => {
    assert.equal(destroysData(key(text)), destroys);
  });
}
