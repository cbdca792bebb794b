import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { argocdOpenProcess } from '../rig/cluster/argocd.ts';
import type { Clone } from '../rig/cluster/clone.ts';
import { startControlPlane, type ControlPlane } from '../rig/cluster/controlPlane.ts';
import type { GitRepository } from '../rig/cluster/gitServer.ts';
import { greetingManifest, makeRemote, readGreeting } from '../rig/cluster/greeting.ts';
import { reachable } from '../rig/cluster/listeners.ts';
import { skipReason } from '../rig/cluster/requirements.ts';
import { until } from '../rig/cluster/until.ts';

describe('Argo CD', { skip: await skipReason({ argocd: true }) }, () => {
  let plane: ControlPlane;
  let clone: Clone;
  let first: string;
  before(async () => {
    plane = await startControlPlane({ argocd: true });
    let repository: GitRepository;
    ({ repository, clone } = await makeRemote(plane));
    first = await clone.commit({ 'apps/web.yaml': greetingManifest('hello') });
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
    assert.equal(await readGreeting(plane), undefined);
    await sync(first);
    await synced(first);
    assert.equal(await readGreeting(plane), 'hello');
    await until('Synced and Healthy', async () => {
      return (await field('.status.sync.status} {.status.health.status')) === 'Synced Healthy';
    });
  });

  test('a refresh sees a new commit, a sync applies it, an older revision rolls back', async () => {
    const second = await clone.commit({ 'apps/web.yaml': greetingManifest('goodbye') });
    await clone.push();
    await patch({ metadata: { annotations: { 'argocd.argoproj.io/refresh': 'normal' } } });
    await until('the new commit seen', async () => (await field('.status.sync.revision')) === second);
    await sync(second);
    await synced(second);
    assert.equal(await readGreeting(plane), 'goodbye');
    await sync(first);
    await synced(first);
    assert.equal(await readGreeting(plane), 'hello');
  });

  test('drift shows as OutOfSync', async () => {
    await until('in sync with nothing', async () => (await field('.status.sync.status')) === 'OutOfSync');
    await patch({ spec: { source: { targetRevision: first } } });
    await until('Synced', async () => (await field('.status.sync.status')) === 'Synced');
    await plane.kubectl(['patch', 'configmap/web', '--type=merge', '-p', '{"data":{"greeting":"edited"}}']);
    await until('OutOfSync', async () => (await field('.status.sync.status')) === 'OutOfSync');
  });

  test('everything but one metrics port listens on 127.0.0.1 alone', async () => {
    assert.deepEqual(await reachable(plane), [argocdOpenProcess]);
  });
});
