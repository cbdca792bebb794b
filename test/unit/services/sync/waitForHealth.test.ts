import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../../../../src/core/kube/objectKey.ts';
import type { Cluster } from '../../../../src/ports/cluster.ts';
import { ClusterError } from '../../../../src/ports/clusterError.ts';
import type { DeclaredTarget } from '../../../../src/services/drift/target.ts';
import type { SyncStep } from '../../../../src/services/sync/syncOutcome.ts';
import { waitForHealth } from '../../../../src/services/sync/waitForHealth.ts';

function deployment(ready: number): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'shop', generation: 1 },
    spec: { replicas: 2 },
    status: {
      observedGeneration: 1,
      replicas: 2,
      updatedReplicas: 2,
      readyReplicas: ready,
      availableReplicas: ready,
      conditions: [{ type: 'Available', status: ready === 2 ? 'True' : 'False' }],
    },
  };
}

const target = {
  key: { group: 'apps', kind: 'Deployment', namespace: 'shop', name: 'web' },
  version: 'v1',
  resource: { group: 'apps', version: 'v1', kind: 'Deployment', resource: 'deployments', namespaced: true },
} as unknown as DeclaredTarget;

/** Waits on a cluster that gives these answers one after the other, and the last one for ever. */
async function wait(answers: (KubeObject | undefined | ClusterError)[], seconds: number) {
  let time = 0;
  const steps: SyncStep[] = [];
  const cluster = {
    get: () => {
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      return answer instanceof ClusterError ? Promise.reject(answer) : Promise.resolve(answer);
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
  const outcome = await waitForHealth(cluster, [target], options, (step) => steps.push(step), 'applied');
  return { outcome, steps: steps.map(({ step }) => step), seconds: time / 1000 };
}

test('healthy at once', async () => {
  const { outcome, seconds } = await wait([deployment(2)], 10);
  assert.deepEqual([outcome, seconds], [{ result: 'done', health: 'healthy' }, 0]);
});

test('waits while it progresses, and says for what once', async () => {
  const { outcome, steps, seconds } = await wait([deployment(1), deployment(1), deployment(2)], 10);
  assert.equal(outcome.result, 'done');
  assert.deepEqual(steps, ['waiting', 'healthy']);
  assert.equal(seconds, 2);
});

test('ends when its time is over, and names the object', async () => {
  const { outcome, seconds } = await wait([deployment(1)], 3);
  assert.equal(outcome.result, 'unhealthy');
  assert.match(outcome.reason, /Deployment shop\/web/);
  assert.equal(seconds, 3);
});

test('an API server that goes away for a moment ends nothing', async () => {
  const { outcome } = await wait([new ClusterError('unreachable', 'connection refused'), deployment(2)], 10);
  assert.deepEqual(outcome, { result: 'done', health: 'healthy' });
});

test('an API server that stays away is said when the time is over', async () => {
  const { outcome } = await wait([new ClusterError('unreachable', 'connection refused')], 2);
  assert.equal(outcome.result, 'unhealthy');
  assert.match(outcome.reason, /connection refused/);
});
