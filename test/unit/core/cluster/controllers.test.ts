import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fateOf } from '../../../../src/core/cluster/controllers/pods.ts';
import { fieldAt, listAt, stringAt } from '../../../../src/core/json.ts';
import { type KubeObject, nameOf } from '../../../../src/core/kube/objectKey.ts';
import { type TestCluster, testCluster } from './testCluster.ts';

function deployment(image: string, replicas = 2, more = ''): string {
  return `{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {replicas: ${replicas}, ${more} selector: {matchLabels: {app: web}},
    template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: "${image}"}]}}}}`;
}

function get({ cluster, kind }: TestCluster, storageKey: string, name: string, namespace = 'default'): KubeObject {
  return cluster.get(kind(storageKey), namespace, name);
}

function condition(object: KubeObject, type: string): string {
  const found = listAt(object, 'status', 'conditions').find((one) => stringAt(one, 'type') === type);
  return `${stringAt(found, 'status') ?? ''} ${stringAt(found, 'reason') ?? ''}`;
}

function pods({ cluster }: TestCluster): KubeObject[] {
  return cluster.store.list('/pods', 'default');
}

describe('a Deployment', () => {
  test('becomes available through a ReplicaSet and Pods, and says so as kubectl rollout status reads it', () => {
    const at = testCluster();
    at.apply(deployment('nginx:1'));
    assert.equal(condition(get(at, 'apps/deployments', 'web'), 'Available'), 'False MinimumReplicasUnavailable');
    at.pass(2);
    const web = get(at, 'apps/deployments', 'web');
    assert.deepEqual(fieldAt(web, 'status', 'availableReplicas'), 2);
    assert.equal(fieldAt(web, 'status', 'observedGeneration'), web.metadata['generation']);
    assert.equal(condition(web, 'Available'), 'True MinimumReplicasAvailable');
    assert.equal(condition(web, 'Progressing'), 'True NewReplicaSetAvailable');
    assert.equal(stringAt(web, 'metadata', 'annotations', 'deployment.kubernetes.io/revision'), '1');
    assert.deepEqual(
      pods(at).map((pod) => stringAt(pod, 'status', 'phase')),
      ['Running', 'Running'],
    );
    const managers = listAt(web, 'metadata', 'managedFields').map(
      (entry) => `${stringAt(entry, 'manager') ?? ''}/${stringAt(entry, 'subresource') ?? ''}`,
    );
    assert.ok(managers.includes('kube-controller-manager/status'), managers.join(' '));
  });

  test('rolls to a new image without falling below what must be available, and keeps the old set for a roll back', () => {
    const at = testCluster();
    at.apply(deployment('nginx:1', 4));
    at.pass(2);
    at.apply(deployment('nginx:2', 4));
    for (let step = 0; step < 20; step++) {
      at.pass(0.5);
      const available = fieldAt(get(at, 'apps/deployments', 'web'), 'status', 'availableReplicas');
      assert.ok(typeof available === 'number' && available >= 3, 'too few available');
      assert.ok(pods(at).length <= 5, 'more Pods than the surge allows');
    }
    assert.deepEqual(
      new Set(pods(at).map((pod) => stringAt(listAt(pod, 'spec', 'containers')[0], 'image'))),
      new Set(['nginx:2']),
    );
    assert.equal(at.cluster.store.count('apps/replicasets'), 2);
    at.apply(deployment('nginx:1', 4));
    at.pass(10);
    assert.equal(at.cluster.store.count('apps/replicasets'), 2, 'the old set is used again');
    assert.equal(
      stringAt(get(at, 'apps/deployments', 'web'), 'metadata', 'annotations', 'deployment.kubernetes.io/revision'),
      '3',
    );
  });

  test('whose new image cannot be pulled keeps serving with the old one, and misses its deadline', () => {
    const at = testCluster();
    at.apply(deployment('nginx:1', 2, 'progressDeadlineSeconds: 60,'));
    at.pass(2);
    at.apply(deployment('nginx:does-not-exist', 2, 'progressDeadlineSeconds: 60,'));
    at.pass(30);
    const waiting = pods(at).map((pod) =>
      stringAt(listAt(pod, 'status', 'containerStatuses')[0], 'state', 'waiting', 'reason'),
    );
    assert.ok(waiting.includes('ImagePullBackOff'));
    assert.equal(condition(get(at, 'apps/deployments', 'web'), 'Available'), 'True MinimumReplicasAvailable');
    assert.equal(condition(get(at, 'apps/deployments', 'web'), 'Progressing'), 'True ReplicaSetUpdated');
    at.pass(60);
    assert.equal(condition(get(at, 'apps/deployments', 'web'), 'Progressing'), 'False ProgressDeadlineExceeded');
  });

  test('that is deleted takes its ReplicaSets and Pods with it; orphaned ones stay', () => {
    const at = testCluster();
    at.apply(deployment('nginx:1'));
    at.pass(2);
    at.cluster.delete(at.kind('apps/deployments'), 'default', 'web', { propagation: 'Orphan' });
    at.pass(1);
    assert.equal(at.cluster.store.count('apps/deployments'), 0);
    const [set] = at.cluster.store.list('apps/replicasets');
    assert.ok(set !== undefined && set.metadata['ownerReferences'] === undefined, 'the set lives on without an owner');
    at.cluster.delete(at.kind('apps/replicasets'), 'default', nameOf(set), { propagation: 'Foreground' });
    at.pass(1);
    assert.equal(at.cluster.store.count('apps/replicasets') + pods(at).length, 0);
  });
});

const fates = `
nginx => runs
nginx:1.27 => runs
registry.io:5000/bad/nginx:1 => runs
nginx:v2-bad => no-image
nginx:broken => no-image
registry.io/app:does-not-exist => no-image
nginx:crash => crashes
`;
for (const line of fates.trim().split('\n')) {
  const [image = '', fate] = line.split(' => ');
  test(`image ${image} ${fate ?? ''}`, () => assert.equal(fateOf(image), fate));
}

test('a StatefulSet makes its Pods one after the other, each with a bound claim, and replaces them from the last', () => {
  const at = testCluster();
  const set = (
    image: string,
  ): string => `{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: db}, spec: {replicas: 2, serviceName: db,
    selector: {matchLabels: {app: db}}, template: {metadata: {labels: {app: db}}, spec: {containers: [{name: db, image: "${image}"}]}},
    volumeClaimTemplates: [{metadata: {name: data}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}]}}`;
  at.apply(set('db:1'));
  assert.deepEqual(pods(at).map(nameOf), ['db-0']);
  at.pass(3);
  assert.deepEqual(pods(at).map(nameOf), ['db-0', 'db-1']);
  assert.equal(stringAt(get(at, '/persistentvolumeclaims', 'data-db-1'), 'status', 'phase'), 'Bound');
  const uids = pods(at).map((pod) => pod.metadata['uid']);
  at.apply(set('db:2'));
  assert.equal(pods(at)[0]?.metadata['uid'], uids[0], 'the first is replaced last');
  assert.notEqual(pods(at)[1]?.metadata['uid'], uids[1]);
  at.pass(5);
  const status = get(at, 'apps/statefulsets', 'db');
  assert.equal(stringAt(status, 'status', 'currentRevision'), stringAt(status, 'status', 'updateRevision'));
  assert.deepEqual([fieldAt(status, 'status', 'updatedReplicas'), fieldAt(status, 'status', 'readyReplicas')], [2, 2]);
});

test('a DaemonSet has a Pod on the node; a Job runs to its end and stays complete', () => {
  const at = testCluster();
  at.apply(`{apiVersion: apps/v1, kind: DaemonSet, metadata: {name: agent}, spec: {selector: {matchLabels: {app: agent}},
    template: {metadata: {labels: {app: agent}}, spec: {containers: [{name: a, image: "a:1"}]}}}}`);
  at.apply(`{apiVersion: batch/v1, kind: Job, metadata: {name: once}, spec: {completions: 2, parallelism: 1,
    template: {spec: {restartPolicy: Never, containers: [{name: a, image: "a:1"}]}}}}`);
  at.pass(10);
  assert.equal(fieldAt(get(at, 'apps/daemonsets', 'agent'), 'status', 'numberAvailable'), 1);
  const job = get(at, 'batch/jobs', 'once');
  assert.deepEqual([fieldAt(job, 'status', 'succeeded'), fieldAt(job, 'status', 'active')], [2, undefined]);
  assert.equal(condition(job, 'Complete'), 'True CompletionsReached');
});

test('a namespace comes with a service account, and takes all that it holds with it, finalizers first', () => {
  const at = testCluster();
  at.apply('{apiVersion: v1, kind: Namespace, metadata: {name: team}}');
  assert.ok(at.cluster.find(at.kind('/serviceaccounts'), 'team', 'default'));
  at.apply(
    '{apiVersion: v1, kind: ConfigMap, metadata: {name: held, namespace: team, finalizers: [example.com/hold]}}',
  );
  const { gone, object } = at.cluster.delete(at.kind('/namespaces'), '', 'team');
  assert.equal(gone, false);
  assert.equal(stringAt(object, 'status', 'phase'), 'Terminating');
  at.pass(1);
  assert.equal(at.cluster.find(at.kind('/serviceaccounts'), 'team', 'default'), undefined);
  assert.throws(
    () => at.apply('{apiVersion: v1, kind: ConfigMap, metadata: {name: late, namespace: team}}'),
    /because it is being terminated/,
  );
  at.cluster.patch(at.kind('/configmaps'), 'team', 'held', { metadata: { finalizers: null } }, { type: 'merge' });
  at.pass(1);
  assert.equal(at.cluster.find(at.kind('/namespaces'), '', 'team'), undefined);
});

test('a Deployment in a namespace that is going stops nothing', () => {
  const at = testCluster();
  at.apply('{apiVersion: v1, kind: Namespace, metadata: {name: team}}');
  const held = deployment('nginx:1').replace(
    '{name: web}',
    '{name: web, namespace: team, finalizers: [example.com/hold]}',
  );
  at.apply(held);
  at.cluster.delete(at.kind('/namespaces'), '', 'team');
  at.cluster.patch(at.kind('apps/deployments'), 'team', 'web', { spec: { replicas: 3 } }, { type: 'merge' });
  at.pass(5);
  assert.equal(stringAt(get(at, '/namespaces', 'team', ''), 'status', 'phase'), 'Terminating');
  at.cluster.patch(at.kind('apps/deployments'), 'team', 'web', { metadata: { finalizers: null } }, { type: 'merge' });
  at.pass(5);
  assert.equal(at.cluster.find(at.kind('/namespaces'), '', 'team'), undefined);
});

test('owners of old uids own nothing: a new object of the same name has no part in them', () => {
  const at = testCluster();
  at.apply(deployment('nginx:1'));
  at.pass(2);
  const [first] = at.cluster.store.list('apps/replicasets');
  at.cluster.delete(at.kind('apps/deployments'), 'default', 'web');
  at.apply(deployment('nginx:1'));
  at.pass(5);
  const sets = at.cluster.store.list('apps/replicasets');
  assert.equal(sets.length, 1);
  assert.notEqual(sets[0]?.metadata['uid'], first?.metadata['uid']);
  const owner = get(at, 'apps/deployments', 'web');
  assert.deepEqual(
    at.cluster.store.ownedBy(stringAt(owner, 'metadata', 'uid') ?? '').map(({ object }) => object.metadata['uid']),
    [sets[0]?.metadata['uid']],
  );
});
