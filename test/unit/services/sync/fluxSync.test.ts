import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FluxSyncOptions, fluxSync } from '../../../../src/services/sync/fluxSync.ts';
import type { SyncOutcome, SyncStep } from '../../../../src/services/sync/syncOutcome.ts';
import { type Behaviour, FakeFlux } from './fakeFlux.ts';

const commit = '1111111111111111111111111111111111111111';

async function sync(
  behaviour: Behaviour,
  options: Partial<FluxSyncOptions> = {},
  onStep: (step: SyncStep) => void = () => undefined,
): Promise<{ outcome: SyncOutcome; flux: FakeFlux; steps: string[] }> {
  const flux = new FakeFlux(behaviour);
  const steps: string[] = [];
  const wanted = { waitMilliseconds: 10_000, commit, ...flux.clock, ...options };
  const outcome = await fluxSync(flux.delivery, flux.cluster, wanted, (step) => {
    steps.push(step.step);
    onStep(step);
  });
  return { outcome, flux, steps };
}

test('asks the source, then the Kustomization, and waits for both', async () => {
  const { outcome, flux, steps } = await sync({ fetches: commit });
  assert.deepEqual(outcome, { result: 'done', health: 'not-waited' });
  assert.deepEqual(flux.journal, ['patch GitRepository', 'patch Kustomization']);
  assert.deepEqual(steps, ['requested', 'fetched', 'requested', 'applied']);
});

test('as fetched, the source is not asked', async () => {
  const { outcome, flux } = await sync({ fetches: commit }, { asFetched: true });
  assert.equal(outcome.result, 'done');
  assert.deepEqual(flux.journal, ['patch Kustomization']);
});

for (const suspended of ['Kustomization', 'GitRepository'] as const) {
  test(`a suspended ${suspended}: nothing is sent`, async () => {
    const { outcome, flux } = await sync({ fetches: commit, suspended });
    assert.match(outcome.result === 'refused' ? outcome.reason : '', /is suspended: nothing was sent/);
    assert.deepEqual(flux.journal, []);
  });
}

test('a suspended source holds what it fetched, and a restore needs no more', async () => {
  const { outcome } = await sync({ fetches: commit, suspended: 'GitRepository' }, { asFetched: true });
  assert.equal(outcome.result, 'done');
});

test('another commit than the wanted one is not taken for it', async () => {
  const { outcome, flux } = await sync({ fetches: '2222222222222222222222222222222222222222' });
  assert.deepEqual(outcome, {
    result: 'failed',
    reason: 'the source did not fetch 1111111 in time',
    done: 'Flux was asked to fetch',
  });
  assert.deepEqual(flux.journal, ['patch GitRepository']);
  assert.ok(flux.time >= 10_000);
});

test('a source that cannot fetch ends it with its own words', async () => {
  const { outcome } = await sync({ fetchFails: 'authentication required' });
  assert.match(outcome.result === 'failed' ? outcome.reason : '', /GitRepository shop: authentication required/);
});

test('a reconcile that fails is failed; one that fails at the health check is applied and unhealthy', async () => {
  const failed = await sync({ fetches: commit, applies: 'unready' });
  assert.deepEqual(failed.outcome, { result: 'failed', reason: 'Service/web is invalid', done: '1111111 was fetched' });
  const unhealthy = await sync({ fetches: commit, applies: 'health-failed' });
  assert.deepEqual(unhealthy.outcome, {
    result: 'unhealthy',
    reason: 'timeout waiting for web',
    done: '1111111 was fetched',
  });
});

test('a controller that does not answer: the time is over, and what it said last is told', async () => {
  const { outcome } = await sync({ fetches: commit, applies: 'silent' });
  assert.match(outcome.result === 'failed' ? outcome.reason : '', /Kustomization shop is not ready in time/);
});

test('an API server that goes away after the request ends nothing', async () => {
  const { outcome } = await sync({ fetches: commit, failingReads: 3 });
  assert.equal(outcome.result, 'done');
});

test('stopped: says what was done by then and what Flux does with it', async () => {
  const cases: [string, string, string][] = [
    ['requested', 'Flux was asked to fetch', 'it applies what it fetched at its next reconcile'],
    ['fetched', '1111111 was fetched', 'Flux will apply it at its next reconcile'],
  ];
  for (const [at, done, next] of cases) {
    const controller = new AbortController();
    const behaviour: Behaviour = at === 'fetched' ? { fetches: commit } : {};
    const { outcome, flux } = await sync(behaviour, { signal: controller.signal }, ({ step }) => {
      if (step === at) controller.abort(new Error('stopped'));
    });
    assert.deepEqual(outcome, { result: 'stopped', done, next });
    assert.deepEqual(flux.journal, ['patch GitRepository']);
  }
});
