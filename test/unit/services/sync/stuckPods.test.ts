import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../../../../src/core/kube/objectKey.ts';
import type { ApiResource, Cluster } from '../../../../src/ports/cluster.ts';
import { ClusterError } from '../../../../src/ports/clusterError.ts';
import type { DeclaredTarget } from '../../../../src/services/drift/target.ts';
import { fluxSync } from '../../../../src/services/sync/fluxSync.ts';
import type { SyncStep } from '../../../../src/services/sync/syncOutcome.ts';
import { waitForHealth } from '../../../../src/services/sync/waitForHealth.ts';
import { FakeFlux } from './fakeFlux.ts';

const target = {
  key: { group: 'apps', kind: 'Deployment', namespace: 'shop', name: 'web' },
  version: 'v1',
  resource: { group: 'apps', version: 'v1', kind: 'Deployment', resource: 'deployments', namespaced: true },
} as unknown as DeclaredTarget;

const deployment: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'shop', generation: 1 },
  spec: { replicas: 1, selector: { matchLabels: { app: 'web', tier: 'front' } } },
  status: { observedGeneration: 1, replicas: 1, updatedReplicas: 1 },
};

const pod = (reason: string | undefined, message?: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web-1', namespace: 'shop' },
  spec: { containers: [{ name: 'log' }, { name: 'web', image: 'example.invalid/web:9' }] },
  status: {
    containerStatuses: [
      { name: 'log', state: { running: {} } },
      {
        name: 'web',
        state:
          reason === undefined
            ? { running: {} }
            : { waiting: { reason, ...(message === undefined ? {} : { message }) } },
      },
    ],
  },
});

/** Waits for a Deployment that does not become ready while its Pod is as said at each second. */
async function wait(seconds: number, podAt: (second: number) => KubeObject | ClusterError) {
  let time = 0;
  const told: string[] = [];
  const selectors: string[] = [];
  const cluster = {
    discover: () => Promise.resolve({ resources: [{ group: '', kind: 'Pod' }], problems: [] }),
    get: () => Promise.resolve(deployment),
    list: (_pods: ApiResource, { labelSelector }: { labelSelector: string }) => {
      selectors.push(labelSelector);
      const answer = podAt(time / 1000);
      return answer instanceof ClusterError ? Promise.reject(answer) : Promise.resolve({ objects: [answer] });
    },
  } as unknown as Cluster;
  const options = {
    milliseconds: seconds * 1000,
    now: () => new Date(time),
    sleep: (milliseconds: number) => {
      time += milliseconds;
      return Promise.resolve();
    },
  };
  const onStep = (step: SyncStep): void => {
    if (step.step === 'waiting') told.push(`${String(time / 1000)} ${step.for}`);
  };
  const outcome = await waitForHealth(cluster, [target], options, onStep, 'applied');
  return { outcome, told, selectors };
}

const notReady = '0 Deployment shop/web: 0 of 1 Pods available';

const cases: [reason: string, message: string | undefined, text: string][] = [
  ['ImagePullBackOff', 'Back-off', 'its image example.invalid/web:9 cannot be pulled (ImagePullBackOff)'],
  ['InvalidImageName', undefined, 'its image example.invalid/web:9 has no valid name (InvalidImageName)'],
  ['CrashLoopBackOff', undefined, 'its container web ends again and again (CrashLoopBackOff)'],
  ['CreateContainerConfigError', 'secret "db" not found', 'its container web cannot be made: secret "db" not found'],
];
for (const [reason, message, text] of cases) {
  test(`${reason} is said after 30 s, and the wait goes on`, async () => {
    const { outcome, told, selectors } = await wait(60, () => pod(reason, message));
    assert.deepEqual(told, [notReady, `30 Deployment shop/web: ${text}`]);
    assert.deepEqual(outcome, { result: 'unhealthy', reason: `Deployment shop/web: ${text}`, done: 'applied' });
    assert.deepEqual(selectors[0], 'app=web,tier=front');
    assert.equal(selectors.length, 5);
  });
}

test('what passes is not said, nor is a container that is merely slow', async () => {
  const passes = await wait(60, (second) => pod(second < 25 ? 'ErrImagePull' : undefined));
  assert.deepEqual(passes.told, [notReady]);
  assert.deepEqual((await wait(60, () => pod('ContainerCreating'))).told, [notReady]);
});

test('a short wait asks for no Pods, and Pods that may not be read end nothing', async () => {
  assert.deepEqual((await wait(15, () => pod('ErrImagePull'))).selectors, []);
  const { outcome, told } = await wait(60, () => new ClusterError('forbidden', 'You may not list Pods'));
  assert.deepEqual(told, [notReady]);
  assert.equal(outcome.result, 'unhealthy');
});

test('it is said as well while a Kustomization waits by itself', async () => {
  const commit = '1'.repeat(40);
  const others = { Deployment: deployment, Pod: pod('ImagePullBackOff') };
  const flux = new FakeFlux({ fetches: commit, applies: 'silent', others });
  const told: string[] = [];
  const outcome = await fluxSync(
    flux.delivery,
    flux.cluster,
    { commit, waitMilliseconds: 60_000, targets: [target], ...flux.clock },
    (step) => {
      if (step.step === 'waiting') told.push(step.for);
    },
  );
  assert.deepEqual(told, ['Deployment shop/web: its image example.invalid/web:9 cannot be pulled (ImagePullBackOff)']);
  assert.equal(outcome.result, 'failed');
});
