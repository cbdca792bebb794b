import assert from 'node:assert/strict';
import { existsSync, readlinkSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { runCommand } from '../rig/cluster/command.ts';
import { startControlPlane, type ControlPlane } from '../rig/cluster/controlPlane.ts';
import { startDelayProxy } from '../rig/cluster/delayProxy.ts';
import { nodeNames } from '../rig/cluster/kwok.ts';
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

/** What the processes of a set listen on, as `ADDRESS:PORT`. */
async function listeners(plane: ControlPlane, but: readonly string[] = []): Promise<string[]> {
  const pids = [...plane.pids].filter(([name]) => !but.includes(name)).map(([, pid]) => `pid=${String(pid)},`);
  const lines = (await runCommand('ss', ['-Hltnp'])).split('\n');
  return lines.filter((line) => pids.some((pid) => line.includes(pid))).map((line) => line.split(/\s+/)[3] ?? '');
}

function onLoopback(address: string): boolean {
  return address.startsWith('127.0.0.1:');
}

describe('control plane', { skip: await skipReason() }, () => {
  let plane: ControlPlane;
  before(async () => (plane = await startControlPlane()));
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
    const addresses = await listeners(plane);
    assert.ok(addresses.length >= plane.pids.size, addresses.join(' '));
    assert.deepEqual(
      addresses.filter((address) => !onLoopback(address)),
      [],
    );
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

describe('starting and stopping', { skip: await skipReason() }, () => {
  test('stop leaves no process and no folder', async () => {
    const plane = await startControlPlane({ controllers: false });
    const pids = [...plane.pids.values()];
    assert.equal(pids.length, 2);
    for (const pid of pids) assert.equal(readlinkSync(`/proc/${String(pid)}/cwd`), plane.folder);
    await plane.stop();
    await plane.stop();
    assert.ok(!existsSync(plane.folder));
    for (const pid of pids) assert.ok(!existsSync(`/proc/${String(pid)}/cwd`), `pid ${String(pid)} still lives`);
  });

  test('two sets side by side do not disturb each other', async () => {
    const planes = await Promise.all([1, 2].map(() => startControlPlane({ controllers: false })));
    try {
      for (const [index, plane] of planes.entries()) {
        await plane.kubectl(['create', 'namespace', `only-${String(index)}`]);
      }
      assert.match(await planes[0]!.kubectl(['get', 'namespaces', '-o=name']), /only-0/);
      assert.doesNotMatch(await planes[0]!.kubectl(['get', 'namespaces', '-o=name']), /only-1/);
    } finally {
      await Promise.all(planes.map((plane) => plane.stop()));
    }
  });
});
void until;
