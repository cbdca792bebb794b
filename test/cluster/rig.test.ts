import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { startControlPlane, type ControlPlane } from '../rig/cluster/controlPlane.ts';
import { startDelayProxy } from '../rig/cluster/delayProxy.ts';
import { nodeNames } from '../rig/cluster/kwok.ts';
import { reachable } from '../rig/cluster/listeners.ts';
import { skipReason } from '../rig/cluster/requirements.ts';
import { until } from '../rig/cluster/until.ts';
import { limitedNamespace, userNames, type UserName } from '../rig/cluster/users.ts';

const deployment = (namespace: string, replicas: number): string => `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: ${namespace}}
spec:
  replicas: ${String(replicas)}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: registry.invalid/web:1}]}
`;

describe('control plane', { skip: await skipReason() }, () => {
  let plane: ControlPlane;
  before(async () => (plane = await startControlPlane({ audit: true })));
  after(() => plane.stop());

  // One line per right: user, verb, resource, namespace, allowed.
  const rights: readonly [UserName, string, string, string | undefined, boolean][] = [
    ['admin', 'delete', 'nodes', undefined, true],
    ['admin', 'get', 'secrets', 'default', true],
    ['viewer', 'list', 'deployments.apps', 'default', true],
    ['viewer', 'list', 'namespaces', undefined, true],
    ['viewer', 'list', 'nodes', undefined, true],
    ['viewer', 'watch', 'customresourcedefinitions', undefined, true],
    ['viewer', 'get', 'secrets', 'default', false],
    ['viewer', 'patch', 'deployments.apps', 'default', false],
    ['limited', 'list', 'secrets', limitedNamespace, true],
    ['limited', 'get', 'namespaces', limitedNamespace, true],
    ['limited', 'patch', 'deployments.apps', limitedNamespace, false],
    ['limited', 'list', 'deployments.apps', 'default', false],
    ['limited', 'list', 'namespaces', undefined, false],
    ['limited', 'list', 'nodes', undefined, false],
  ];
  for (const [user, verb, resource, namespace, allowed] of rights) {
    test(`${user} ${allowed ? 'may' : 'may not'} ${verb} ${resource} ${namespace ?? ''}`, async () => {
      const scope = namespace === undefined ? ['-A'] : ['-n', namespace];
      const { stdout } = await plane.tryKubectl(['auth', 'can-i', verb, resource, ...scope], { user });
      assert.equal(stdout.trim(), allowed ? 'yes' : 'no');
    });
  }

  test('a reader cannot have a dry run, as that is a write', async () => {
    const args = ['apply', '--server-side', '--dry-run=server', '-f', '-'];
    const input = deployment('default', 1);
    assert.equal((await plane.tryKubectl(args, { input })).code, 0);
    const refused = await plane.tryKubectl(args, { input, user: 'viewer' });
    assert.notEqual(refused.code, 0);
    assert.match(refused.stderr, /forbidden/i);
  });

  test('discovery works for all users', async () => {
    for (const user of userNames) assert.match(await plane.kubectl(['api-versions'], { user }), /^apps\/v1$/m);
  });

  test('nodes are Ready and a Deployment gets ready pods', async () => {
    const ready = '-o=jsonpath={range .items[*]}{.metadata.name}={.status.conditions[?(@.type=="Ready")].status} {end}';
    assert.equal(
      (await plane.kubectl(['get', 'nodes', ready])).trim(),
      nodeNames.map((name) => `${name}=True`).join(' '),
    );
    await plane.kubectl(['apply', '-f', '-'], { input: deployment('default', 3) });
    await plane.kubectl(['rollout', 'status', 'deployment/web', '--timeout=30s']);
    const count = await plane.kubectl(['get', 'deployment', 'web', '-o=jsonpath={.status.readyReplicas}']);
    assert.equal(count, '3');
  });

  // One line per image: its tag, what its container waits for.
  const failing = [
    ['broken', 'ImagePullBackOff'],
    ['crashing', 'CrashLoopBackOff'],
  ] as const;
  for (const [tag, reason] of failing) {
    test(`a pod with an image tagged ${tag} stays in ${reason}`, async () => {
      const names = ['1', '2', '3', '4', '5', '6'].map((number) => `${tag}-${number}`);
      for (const name of names) {
        await plane.kubectl(['run', name, `--image=registry.invalid/web:${tag}`, `--labels=fails=${tag}`]);
      }
      const path = '-o=jsonpath={.items[*].status.containerStatuses[0].state.waiting.reason}';
      const look = (): Promise<string> => plane.kubectl(['get', 'pods', '-l', `fails=${tag}`, path]);
      const expected = names.map(() => reason).join(' ');
      await until('all fail', async () => (await look()) === expected, { timeout: 20_000 });
      await setTimeout(2000);
      assert.equal(await look(), expected);
    });
  }

  test('nodes hold leases, without which they would turn NotReady after 50 s', async () => {
    const leases = await plane.kubectl(['get', 'leases', '-n', 'kube-node-lease', '-o=name']);
    assert.deepEqual(leases.match(/node-\d/g), [...nodeNames]);
  });

  test('the audit log names every request', async () => {
    await plane.kubectl(['get', 'configmaps', '-n', limitedNamespace], { user: 'limited' });
    const events = (await plane.audit()).filter(({ user }) => user.username === 'limited');
    const seen = events.find(({ verb, objectRef }) => verb === 'list' && objectRef?.resource === 'configmaps');
    assert.equal(seen?.objectRef?.namespace, limitedNamespace);
    assert.equal(seen.responseStatus?.code, 200);
  });

  test('a claim becomes Bound', async () => {
    const input = `apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data, namespace: default}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
`;
    await plane.kubectl(['apply', '-f', '-'], { input });
    await plane.kubectl(['wait', 'pvc/data', '--for=jsonpath={.status.phase}=Bound', '--timeout=30s']);
  });

  test('everything listens on 127.0.0.1 alone', async () => {
    assert.deepEqual(await reachable(plane), []);
  });

  test('what was written outlives a restart of the API server', async () => {
    await plane.kubectl(['create', 'configmap', 'kept', '--from-literal=a=1']);
    const before = plane.pids.get('kube-apiserver');
    await plane.stopApiServer();
    assert.notEqual((await plane.tryKubectl(['get', 'configmap', 'kept'])).code, 0);
    await plane.startApiServer();
    assert.notEqual(plane.pids.get('kube-apiserver'), before);
    await plane.kubectl(['get', 'configmap', 'kept']);
  });

  test('the delay proxy adds its round trip', async () => {
    const proxy = await startDelayProxy({ target: plane.server, delayMs: 300 });
    try {
      const kubeconfig = await plane.kubeconfigFor(proxy.url);
      const started = performance.now();
      await plane.kubectl([`--kubeconfig=${kubeconfig}`, 'get', '--raw', '/readyz']);
      // TCP, TLS and the request: three round trips.
      const elapsed = performance.now() - started;
      assert.ok(elapsed >= 900 && elapsed < 3000, `${String(elapsed)} ms`);
      assert.ok(proxy.connections() >= 1);
    } finally {
      await proxy.stop();
    }
  });
});
