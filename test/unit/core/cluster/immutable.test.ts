import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { StatusError } from '../../../../src/core/cluster/statusError.ts';
import { parseJson } from '../../../../src/core/jsonText.ts';
import { readManifests } from '../../../../src/core/manifest/readManifests.ts';
import { nameOf } from '../../../../src/core/kube/objectKey.ts';
import { testCluster } from './testCluster.ts';

const pod = '{metadata: {labels: {app: a}}, spec: {containers: [{name: a, image: "a:1"}]}}';
const workload = `{selector: {matchLabels: {app: a}}, template: ${pod}}`;
const jobTemplate = '{spec: {restartPolicy: Never, containers: [{name: a, image: "a:1"}]}}';

/** object | merge patch | what the API server 1.35.4 says to it, after `… is invalid: `; `ok` where it takes it (semantics X-1) */
const lines = `
{apiVersion: apps/v1, kind: Deployment, metadata: {name: d1}, spec: ${workload}} | {"spec":{"selector":{"matchLabels":{"app":"b"}},"template":{"metadata":{"labels":{"app":"b"}}}}} | spec.selector: Invalid value: {"matchLabels":{"app":"b"}}: field is immutable
{apiVersion: apps/v1, kind: Deployment, metadata: {name: d2}, spec: ${workload}} | {"spec":{"template":{"spec":{"terminationGracePeriodSeconds":5}}}} | ok
{apiVersion: apps/v1, kind: Deployment, metadata: {name: d3}, spec: ${workload}} | {"metadata":{"uid":"aaa"}} | metadata.uid: Invalid value: "aaa": field is immutable
{apiVersion: apps/v1, kind: Deployment, metadata: {name: d4}, spec: ${workload}} | {"spec":{"strategy":{"type":"Recreate"}}} | spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy \`type\` is 'Recreate'
{apiVersion: apps/v1, kind: DaemonSet, metadata: {name: s1}, spec: ${workload}} | {"spec":{"selector":{"matchLabels":{"app":"b"}},"template":{"metadata":{"labels":{"app":"b"}}}}} | spec.selector: Invalid value: {"matchLabels":{"app":"b"}}: field is immutable
{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: s1}, spec: {serviceName: a, selector: {matchLabels: {app: a}}, template: ${pod}}} | {"spec":{"serviceName":"b"}} | spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden
{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: s2}, spec: {serviceName: a, selector: {matchLabels: {app: a}}, template: ${pod}}} | {"spec":{"replicas":3,"minReadySeconds":5}} | ok
{apiVersion: batch/v1, kind: Job, metadata: {name: j1}, spec: {template: ${jobTemplate}}} | {"spec":{"completions":3}} | spec.completions: Invalid value: 3: field is immutable
{apiVersion: batch/v1, kind: Job, metadata: {name: j2}, spec: {completionMode: Indexed, completions: 2, template: ${jobTemplate}}} | {"spec":{"completions":3}} | spec.completions: Invalid value: 3: can only be modified in tandem with spec.parallelism
{apiVersion: batch/v1, kind: Job, metadata: {name: j3}, spec: {completionMode: Indexed, completions: 2, template: ${jobTemplate}}} | {"spec":{"completions":3,"parallelism":3}} | ok
{apiVersion: batch/v1, kind: Job, metadata: {name: j4}, spec: {suspend: true, template: ${jobTemplate}}} | {"spec":{"template":{"spec":{"nodeSelector":{"a":"b"}}}}} | ok
{apiVersion: v1, kind: Service, metadata: {name: s1}, spec: {clusterIP: 10.96.9.9, ports: [{port: 80}]}} | {"spec":{"clusterIP":"10.96.9.10"}} | spec.clusterIPs[0]: Invalid value: ["10.96.9.10"]: may not change once set
{apiVersion: v1, kind: Service, metadata: {name: s2}, spec: {ports: [{port: 80}]}} | {"spec":{"type":"ExternalName","externalName":"a.b"}} | ok
{apiVersion: v1, kind: Service, metadata: {name: s3}, spec: {type: NodePort, ports: [{port: 80}]}} | {"spec":{"type":"ClusterIP"}} | ok
{apiVersion: v1, kind: ConfigMap, metadata: {name: c1}, immutable: true, data: {a: "1"}} | {"data":{"a":"2"}} | data: Forbidden: field is immutable when \`immutable\` is set
{apiVersion: v1, kind: ConfigMap, metadata: {name: c2}, immutable: true, data: {a: "1"}} | {"immutable":false} | immutable: Forbidden: field is immutable when \`immutable\` is set
{apiVersion: v1, kind: ConfigMap, metadata: {name: c3}, immutable: true, data: {a: "1"}} | {"metadata":{"labels":{"a":"b"}}} | ok
{apiVersion: v1, kind: Secret, metadata: {name: s1}} | {"type":"foo"} | type: Invalid value: "foo": field is immutable
{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: c1}, provisioner: a.b/c} | {"provisioner":"a.b/d","reclaimPolicy":"Retain"} | [provisioner: Forbidden: updates to provisioner are forbidden., reclaimPolicy: Forbidden: updates to reclaimPolicy are forbidden.]
{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: b1}, roleRef: {kind: Role, name: a}} | {"subjects":[{"kind":"ServiceAccount","name":"x"}]} | ok
{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: p1}, value: 3} | {"value":4} | value: Forbidden: may not be changed in an update.
{apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: {name: i1}, spec: {controller: a.b/c}} | {"spec":{"controller":"a.b/d"}} | spec.controller: Invalid value: "a.b/d": field is immutable
`;

describe('fields that may not change', () => {
  const { cluster, kind } = testCluster([]);
  const resources: Record<string, string> = {
    ConfigMap: '/configmaps',
    DaemonSet: 'apps/daemonsets',
    Deployment: 'apps/deployments',
    IngressClass: 'networking.k8s.io/ingressclasses',
    Job: 'batch/jobs',
    PriorityClass: 'scheduling.k8s.io/priorityclasses',
    RoleBinding: 'rbac.authorization.k8s.io/rolebindings',
    Secret: '/secrets',
    Service: '/services',
    StatefulSet: 'apps/statefulsets',
    StorageClass: 'storage.k8s.io/storageclasses',
  };
  for (const line of lines.trim().split('\n')) {
    const [yaml = '', patch = '', expected = ''] = line.split(' | ');
    const object = readManifests(yaml, { profile: 'raw' }).documents[0]?.object;
    assert.ok(object !== undefined, yaml);
    test(`${object.kind} ${nameOf(object)}: ${patch.slice(0, 60)}`, () => {
      const served = kind(resources[object.kind] ?? '');
      const { object: stored } = cluster.create(served, 'default', object);
      const change = (body: string) =>
        cluster.patch(served, 'default', nameOf(object), parseJson(body), { type: 'merge' }).object;
      assert.equal(change('{}'), stored, 'the same again is no change');
      if (expected === 'ok') {
        assert.notEqual(change(patch), stored);
        return;
      }
      assert.throws(
        () => change(patch),
        (error) =>
          StatusError.is(error, 'Invalid') && error.code === 422 && error.message.endsWith(` is invalid: ${expected}`),
      );
    });
  }
});

test('a bound claim may grow, not shrink; an unbound one may not change', () => {
  const { cluster, kind, apply } = testCluster();
  const claims = kind('/persistentvolumeclaims');
  const claim = (name: string, className: string): string =>
    `{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: ${name}}, spec: {storageClassName: ${className}, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}`;
  apply(claim('bound', 'standard'));
  apply(claim('waiting', '""'));
  const resize = (name: string, storage: string): string => {
    try {
      cluster.patch(
        claims,
        'default',
        name,
        { spec: { resources: { requests: { storage } } } },
        { type: 'merge', dryRun: true },
      );
      return 'ok';
    } catch (error) {
      assert.ok(StatusError.is(error, 'Invalid'));
      return error.details?.causes?.[0]?.message ?? '';
    }
  };
  assert.equal(resize('bound', '2Gi'), 'ok');
  assert.equal(resize('bound', '1Mi'), 'Forbidden: field can not be less than previous value');
  assert.match(resize('waiting', '2Gi'), /^Forbidden: spec is immutable after creation except/);
});
