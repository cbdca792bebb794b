import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { argocdOpenProcess } from '../rig/cluster/argocd.ts';
import { makeClone, type Clone } from '../rig/cluster/clone.ts';
import { CommandFailed, runBytes, runCommand } from '../rig/cluster/command.ts';
import { startControlPlane, type ControlPlane } from '../rig/cluster/controlPlane.ts';
import { startDelayProxy } from '../rig/cluster/delayProxy.ts';
import type { GitRepository } from '../rig/cluster/gitServer.ts';
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

/** Longer than a tar header has room for. */
const longPath = `docs/${'deeply/'.repeat(20)}build.sh`;

const configMap = (value: string): string => `apiVersion: v1
kind: ConfigMap
metadata: {name: web, namespace: default}
data: {greeting: ${value}}
`;

/** A set's Git server with one repository and a clone of it. */
async function makeRemote(plane: ControlPlane): Promise<{ repository: GitRepository; clone: Clone }> {
  assert.ok(plane.git);
  const repository = await plane.git.createRepository('fleet');
  return { repository, clone: await makeClone(plane, repository) };
}

/** The greeting that the cluster holds, or undefined while there is none. */
async function greeting(plane: ControlPlane): Promise<string | undefined> {
  const { code, stdout } = await plane.tryKubectl(['get', 'configmap', 'web', '-o=jsonpath={.data.greeting}']);
  return code === 0 ? stdout : undefined;
}

describe('Flux', { skip: await skipReason({ flux: true }) }, () => {
  let plane: ControlPlane;
  let repository: GitRepository;
  let clone: Clone;
  before(async () => {
    plane = await startControlPlane({ flux: true });
    ({ repository, clone } = await makeRemote(plane));
    await clone.commit({
      'apps/web.yaml': configMap('hello'),
      // Left out of the artifact by default, else it would be applied as a manifest.
      'apps/.github/web.yaml': 'not: a manifest\n',
      [longPath]: '#!/bin/sh\n',
      'logo.png': 'a picture',
      'chart/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.0.0\n',
      'chart/values.yaml': 'size: 1\n',
      'chart/templates/web.yaml':
        'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: "{{ .Release.Name }}"}\ndata: {size: "{{ .Values.size }}"}\n',
    });
    await clone.push();
    const input = `apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: fleet, namespace: default}
spec: {interval: 1h, url: ${repository.url}, ref: {branch: main}}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: apps, namespace: default}
spec: {interval: 1h, path: ./apps, prune: true, sourceRef: {kind: GitRepository, name: fleet}}
`;
    await plane.kubectl(['apply', '-f', '-'], { input });
  });
  after(() => plane.stop());

  const request = async (resource: string): Promise<void> => {
    const stamp = `reconcile.fluxcd.io/requestedAt=${String(Date.now())}`;
    await plane.kubectl(['annotate', '--overwrite', resource, stamp]);
  };
  const artifact = async (): Promise<{ revision: string; digest: string; lastUpdateTime: string }> =>
    JSON.parse(await plane.kubectl(['get', 'gitrepository/fleet', '-o=jsonpath={.status.artifact}'])) as never;
  const field = (resource: string, path: string): Promise<string> =>
    plane.kubectl(['get', resource, `-o=jsonpath={${path}}`]);

  test('a commit is applied', async () => {
    await until('the first commit applied', async () => (await greeting(plane)) === 'hello');
    assert.equal(await field('configmap/web', '.metadata.managedFields[0].manager'), 'kustomize-controller');
  });

  test('the artifact holds regular files of the commit, without what Flux leaves out', async () => {
    const { url, digest, size } = JSON.parse(await field('gitrepository/fleet', '.status.artifact')) as {
      url: string;
      digest: string;
      size: number;
    };
    const bytes = Buffer.from(await (await fetch(url)).arrayBuffer());
    assert.equal(bytes.length, size);
    assert.equal(`sha256:${createHash('sha256').update(bytes).digest('hex')}`, digest);
    const { stdout } = await runBytes('tar', ['-tzf', '-'], { input: bytes });
    const files = stdout
      .toString()
      .split('\n')
      .filter((name) => name !== '' && !name.endsWith('/'));
    const chart = ['chart/Chart.yaml', 'chart/templates/web.yaml', 'chart/values.yaml'];
    assert.deepEqual(files.sort(), ['apps/web.yaml', ...chart, longPath]);
  });

  test('a push alone changes nothing until a reconcile is requested', async () => {
    const old = await artifact();
    const sha = await clone.commit({ 'apps/web.yaml': configMap('goodbye') });
    await clone.push();
    await setTimeout(1500);
    assert.deepEqual(await artifact(), old);
    assert.equal(await greeting(plane), 'hello');
    await request('gitrepository/fleet');
    await until('the second commit applied', async () => (await greeting(plane)) === 'goodbye');
    assert.equal((await artifact()).revision, `main@sha1:${sha}`);
    await until('its revision recorded', async () => {
      return (await field('kustomization/apps', '.status.lastAppliedRevision')) === `main@sha1:${sha}`;
    });
  });

  test('a visit without a new commit leaves the artifact alone and answers the request', async () => {
    const old = await artifact();
    await request('gitrepository/fleet');
    const asked = await field('gitrepository/fleet', '.metadata.annotations.reconcile\\.fluxcd\\.io/requestedAt');
    await until('request handled', async () => {
      return (await field('gitrepository/fleet', '.status.lastHandledReconcileAt')) === asked;
    });
    assert.deepEqual(await artifact(), old);
  });

  test('a remote that fails is said so, and the artifact is kept', async () => {
    assert.ok(plane.git);
    const old = await artifact();
    plane.git.intercept = () => Promise.resolve({ status: 503, body: 'maintenance' });
    try {
      await request('gitrepository/fleet');
      await plane.kubectl(['wait', 'gitrepository/fleet', '--for=condition=FetchFailed', '--timeout=20s']);
      assert.match(await field('gitrepository/fleet', '.status.conditions[?(@.type=="Ready")].message'), /503/);
      assert.deepEqual(await artifact(), old);
    } finally {
      plane.git.intercept = undefined;
    }
    await plane.kubectl(['wait', 'gitrepository/fleet', '--for=condition=Ready', '--timeout=20s']);
  });

  test('a push can be refused by the remote', async () => {
    await repository.rejectPushes('main is protected');
    await clone.commit({ 'apps/web.yaml': configMap('refused') });
    await assert.rejects(
      clone.push(),
      (error) => CommandFailed.is(error) && error.message.includes('main is protected'),
    );
    await repository.rejectPushes(undefined);
    await clone.push();
  });

  test('a push of more than a megabyte arrives', async () => {
    // Random text, as what packs well would be sent in one piece.
    await clone.commit({ 'blob.txt': randomBytes(3_000_000).toString('base64') });
    await clone.push();
    const head = await runCommand('git', ['-C', repository.path, 'rev-parse', 'main']);
    assert.equal(head, await clone.git('rev-parse', 'HEAD'));
  });

  test('a HelmRelease is installed from a chart in the repository', async () => {
    const input = `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: shop, namespace: default}
spec: {interval: 1h, chart: {spec: {chart: ./chart, sourceRef: {kind: GitRepository, name: fleet}}}, values: {size: 7}}
`;
    await plane.kubectl(['apply', '-f', '-'], { input });
    await plane.kubectl(['wait', 'helmrelease/shop', '--for=condition=Ready', '--timeout=60s']);
    assert.equal(await field('configmap/shop', '.data.size'), '7');
  });

  test('user viewer reads its objects', async () => {
    for (const kind of ['gitrepositories', 'kustomizations', 'helmreleases']) {
      assert.match(await plane.kubectl(['get', kind, '-A', '-o=name'], { user: 'viewer' }), /\S/);
    }
  });

  test('everything listens on 127.0.0.1 alone', async () => {
    assert.deepEqual(
      (await listeners(plane)).filter((address) => !onLoopback(address)),
      [],
    );
  });
});

describe('Argo CD', { skip: await skipReason({ argocd: true }) }, () => {
  let plane: ControlPlane;
  let clone: Clone;
  let first: string;
  before(async () => {
    plane = await startControlPlane({ argocd: true });
    let repository: GitRepository;
    ({ repository, clone } = await makeRemote(plane));
    first = await clone.commit({ 'apps/web.yaml': configMap('hello') });
    await clone.push();
    const input = `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: apps, namespace: argocd}
spec:
  project: default
  source: {repoURL: "${repository.url}", targetRevision: main, path: apps}
  destination: {server: "https://kubernetes.default.svc", namespace: default}
`;
    await plane.kubectl(['apply', '-f', '-'], { input });
  });
  after(() => plane.stop());

  const patch = (body: object): Promise<string> =>
    plane.kubectl(['patch', 'application/apps', '-n=argocd', '--type=merge', '-p', JSON.stringify(body)]);
  const field = (path: string): Promise<string> =>
    plane.kubectl(['get', 'application/apps', '-n=argocd', `-o=jsonpath={${path}}`]);
  const sync = (revision: string): Promise<string> =>
    patch({ operation: { initiatedBy: { username: 'rig' }, sync: { revision } } });
  const synced = (revision: string): Promise<unknown> =>
    until('the operation succeeded', async () => {
      const state = await field('.status.operationState.phase} {.status.operationState.syncResult.revision');
      return state === `Succeeded ${revision}`;
    });

  test('an app is found OutOfSync and synced by an operation', async () => {
    await until('status', async () => (await field('.status.sync.status')) === 'OutOfSync');
    assert.equal(await greeting(plane), undefined);
    await sync(first);
    await synced(first);
    assert.equal(await greeting(plane), 'hello');
    await until('Synced and Healthy', async () => {
      return (await field('.status.sync.status} {.status.health.status')) === 'Synced Healthy';
    });
  });

  test('a refresh sees a new commit, a sync applies it, an older revision rolls back', async () => {
    const second = await clone.commit({ 'apps/web.yaml': configMap('goodbye') });
    await clone.push();
    await patch({ metadata: { annotations: { 'argocd.argoproj.io/refresh': 'normal' } } });
    await until('the new commit seen', async () => (await field('.status.sync.revision')) === second);
    await sync(second);
    await synced(second);
    assert.equal(await greeting(plane), 'goodbye');
    await sync(first);
    await synced(first);
    assert.equal(await greeting(plane), 'hello');
  });

  test('drift shows as OutOfSync', async () => {
    await until('in sync with nothing', async () => (await field('.status.sync.status')) === 'OutOfSync');
    await patch({ spec: { source: { targetRevision: first } } });
    await until('Synced', async () => (await field('.status.sync.status')) === 'Synced');
    await plane.kubectl(['patch', 'configmap/web', '--type=merge', '-p', '{"data":{"greeting":"edited"}}']);
    await until('OutOfSync', async () => (await field('.status.sync.status')) === 'OutOfSync');
  });

  test('everything but one metrics port listens on 127.0.0.1 alone', async () => {
    const closed = await listeners(plane, [argocdOpenProcess]);
    assert.ok(closed.length > 0);
    assert.deepEqual(
      closed.filter((address) => !onLoopback(address)),
      [],
    );
    const all = await listeners(plane);
    assert.equal(all.filter((address) => !onLoopback(address)).length, 1, all.join(' '));
  });
});
