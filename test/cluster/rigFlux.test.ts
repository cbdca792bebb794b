import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type { Clone } from '../rig/cluster/clone.ts';
import { CommandFailed, runBytes, runCommand } from '../rig/cluster/command.ts';
import { startControlPlane, type ControlPlane } from '../rig/cluster/controlPlane.ts';
import type { GitRepository } from '../rig/cluster/gitServer.ts';
import { greetingManifest, makeRemote, readGreeting } from '../rig/cluster/greeting.ts';
import { reachable } from '../rig/cluster/listeners.ts';
import { requestReconcile } from '../rig/cluster/requestReconcile.ts';
import { skipReason } from '../rig/cluster/requirements.ts';
import { until } from '../rig/cluster/until.ts';

/** Longer than a tar header has room for. */
const longPath = `docs/${'deeply/'.repeat(20)}build.sh`;

describe('Flux', { skip: await skipReason({ flux: true }) }, () => {
  let plane: ControlPlane;
  let repository: GitRepository;
  let clone: Clone;
  before(async () => {
    plane = await startControlPlane({ flux: true });
    ({ repository, clone } = await makeRemote(plane));
    await clone.commit({
      'apps/web.yaml': greetingManifest('hello'),
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

  const artifact = async (): Promise<{ revision: string; digest: string; lastUpdateTime: string }> =>
    JSON.parse(await plane.kubectl(['get', 'gitrepository/fleet', '-o=jsonpath={.status.artifact}'])) as never;
  const field = (resource: string, path: string): Promise<string> =>
    plane.kubectl(['get', resource, `-o=jsonpath={${path}}`]);

  test('a commit is applied', async () => {
    await until('the first commit applied', async () => (await readGreeting(plane)) === 'hello');
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
    const sha = await clone.commit({ 'apps/web.yaml': greetingManifest('goodbye') });
    await clone.push();
    await setTimeout(1500);
    assert.deepEqual(await artifact(), old);
    assert.equal(await readGreeting(plane), 'hello');
    await requestReconcile(plane, 'gitrepository/fleet');
    await until('the second commit applied', async () => (await readGreeting(plane)) === 'goodbye');
    assert.equal((await artifact()).revision, `main@sha1:${sha}`);
    await until('its revision recorded', async () => {
      return (await field('kustomization/apps', '.status.lastAppliedRevision')) === `main@sha1:${sha}`;
    });
  });

  test('a visit without a new commit leaves the artifact alone and answers the request', async () => {
    const old = await artifact();
    await requestReconcile(plane, 'gitrepository/fleet');
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
      await requestReconcile(plane, 'gitrepository/fleet');
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
    await clone.commit({ 'apps/web.yaml': greetingManifest('refused') });
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
    assert.deepEqual(await reachable(plane), []);
  });
});
