import assert from 'node:assert/strict';
import { test } from 'node:test';
import { argoHistory } from '../../../../src/core/delivery/argocd/argoHistory.ts';
import { engineDigest } from '../../../../src/core/delivery/engineDigest.ts';
import { fluxHistory } from '../../../../src/core/delivery/flux/fluxHistory.ts';
import type { JsonObject } from '../../../../src/core/json.ts';
import type { KubeObject } from '../../../../src/core/kube/objectKey.ts';

const [a, b, c] = ['a'.repeat(40), 'b'.repeat(40), 'c'.repeat(40)];

function kustomization(spec: JsonObject, status: JsonObject, metadata: JsonObject = {}): KubeObject {
  const apiVersion = 'kustomize.toolkit.fluxcd.io/v1';
  return { apiVersion, kind: 'Kustomization', metadata: { name: 'x', namespace: 'y', ...metadata }, spec, status };
}

function application(status: JsonObject): KubeObject {
  const sync = { status: 'Synced' };
  const metadata = { name: 'x', namespace: 'argocd' };
  return { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application', metadata, status: { sync, ...status } };
}

const snapshot = (revision: string, status: string): JsonObject => ({
  lastReconciledStatus: status,
  firstReconciled: '2026-01-01T00:00:00Z',
  metadata: { revision: `main@sha1:${revision}` },
});

/** Revision, outcome, health and whether it is the current one, as one line each. */
const lines = ({ entries }: ReturnType<typeof fluxHistory>): string[] =>
  entries.map(({ revision, outcome, healthy, current }) =>
    [revision[0], outcome, healthy, current].map((part) => (part === undefined ? '-' : String(part))).join(' '),
  );

test('Flux: outcomes of the last five, the applied one marked', () => {
  const history = [
    snapshot(c, 'BuildFailed'),
    snapshot(b, 'HealthCheckFailed'),
    snapshot(a, 'ReconciliationSucceeded'),
    snapshot(c, 'Progressing'),
  ];
  const status = { history, lastAppliedRevision: `main@sha1:${a}` };
  const waiting = fluxHistory(kustomization({ wait: true }, status));
  assert.deepEqual(lines(waiting), ['c failed - -', 'b failed false -', 'a succeeded true true', 'c unknown - -']);
  assert.equal(waiting.complete, true);
  assert.equal(waiting.entries[0]?.message, 'BuildFailed');
  // Without waiting nothing is known of health.
  assert.equal(fluxHistory(kustomization({}, status)).entries[2]?.healthy, undefined);
});

test('Flux: a controller that keeps no history tells the last one alone', () => {
  const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' }];
  const found = fluxHistory(kustomization({}, { lastAppliedRevision: `main@sha1:${a}`, conditions }));
  assert.deepEqual(lines(found), ['a succeeded - true']);
  assert.equal(found.complete, false);
  assert.equal(found.entries[0]?.at, '2026-01-01T00:00:00Z');
  assert.deepEqual(fluxHistory(kustomization({}, {})).entries, []);
  assert.deepEqual(fluxHistory(undefined).entries, []);
});

test('Flux: an attempt that did not build stands on top, until something is applied', () => {
  const failed = { type: 'Ready', status: 'False', reason: 'BuildFailed', message: 'no such file\nmore' };
  const history = [snapshot(a, 'ReconciliationSucceeded')];
  const of = (attempted: string, conditions: JsonObject[]): ReturnType<typeof fluxHistory> =>
    fluxHistory(
      kustomization(
        {},
        { history, lastAppliedRevision: `main@sha1:${a}`, lastAttemptedRevision: `main@sha1:${attempted}`, conditions },
      ),
    );
  const found = of(b, [failed]);
  assert.deepEqual(lines(found), ['b failed - -', 'a succeeded - true']);
  assert.equal(found.entries[0]?.message, 'no such file');
  assert.deepEqual(lines(of(a, [failed])), ['a succeeded - true']);
  assert.deepEqual(lines(of(b, [{ ...failed, status: 'Unknown' }])), ['a succeeded - true']);
});

test('Argo CD: its history, and the last operation where that is no part of it', () => {
  const history = [
    { revision: a, deployedAt: '2026-01-01T00:00:00Z', initiatedBy: { username: 'ada' } },
    { revision: b, deployedAt: '2026-01-02T00:00:00Z', initiatedBy: { automated: true } },
  ];
  const operation = (phase: string, revision: string, sync: JsonObject = {}): JsonObject => ({
    operationState: {
      phase,
      message: 'why',
      finishedAt: '2026-01-03T00:00:00Z',
      operation: { sync },
      syncResult: { revision },
    },
  });
  const of = (more: JsonObject): ReturnType<typeof argoHistory> => argoHistory(application({ history, ...more }));
  const healthy = { health: { status: 'Healthy' } };
  assert.deepEqual(lines(of({ ...healthy, ...operation('Succeeded', b) })), [
    'b succeeded true true',
    'a succeeded - -',
  ]);
  assert.deepEqual(
    of({}).entries.map(({ by }) => by),
    ['auto-sync', 'ada'],
  );
  const failed = of({ health: { status: 'Degraded' }, ...operation('Failed', c) });
  assert.deepEqual(lines(failed), ['c failed - -', 'b succeeded false true', 'a succeeded - -']);
  assert.equal(failed.entries[0]?.message, 'why');
  const some = of(operation('Succeeded', c, { resources: [{ kind: 'ConfigMap', name: 'x' }] }));
  assert.deepEqual(lines(some), ['c succeeded - -', 'b succeeded - true', 'a succeeded - -']);
  assert.equal(some.entries[0]?.message, 'only some objects were synced');
});

test('a digest is equal where a reconcile changed nothing, and differs where a report would', () => {
  const ready = (status: string, time: string): JsonObject => ({
    type: 'Ready',
    status,
    message: 'm',
    lastTransitionTime: time,
  });
  const state = (status: JsonObject, spec: JsonObject = {}, metadata: JsonObject = {}): string =>
    engineDigest(kustomization(spec, status, metadata));
  const calm = state({ lastAppliedRevision: a, conditions: [ready('True', '1')], lastHandledReconcileAt: '1' });
  const progress = { type: 'Reconciling', status: 'True' };
  const same: string[] = [
    state({ lastAppliedRevision: a, conditions: [ready('True', '2')], lastHandledReconcileAt: '2' }),
    state({ lastAppliedRevision: a, conditions: [progress, ready('Unknown', '2')] }),
    state(
      { lastAppliedRevision: a, conditions: [ready('True', '1')] },
      {},
      { annotations: { other: 'x' }, managedFields: [{}] },
    ),
  ];
  for (const digest of same) assert.equal(digest, calm);
  const other: string[] = [
    state({ lastAppliedRevision: b, conditions: [ready('True', '1')] }),
    state({ lastAppliedRevision: a, conditions: [ready('False', '1')] }),
    state({ lastAppliedRevision: a, conditions: [{ type: 'Stalled', status: 'True' }] }),
    state({ lastAppliedRevision: a }, { suspend: true }),
    state({ lastAppliedRevision: a, inventory: { entries: [{ id: 'x', v: 'v1' }] } }),
    state({ lastAppliedRevision: a, observedGeneration: 1 }, {}, { generation: 2 }),
  ];
  for (const digest of other) assert.notEqual(digest, calm);
  // While the next run is under way, its object says by the history alone that the one before failed.
  const run = (status: string, last: string): string =>
    state({ lastAppliedRevision: a, conditions: [ready(status, '1')], history: [snapshot(a, last)] });
  assert.notEqual(run('Unknown', 'ReconciliationFailed'), run('True', 'ReconciliationSucceeded'));
  assert.equal(run('Unknown', 'ReconciliationSucceeded'), run('True', 'ReconciliationSucceeded'));
  const argo = (status: JsonObject): string => engineDigest(application(status));
  assert.equal(argo({ reconciledAt: '1' }), argo({ reconciledAt: '2' }));
  assert.notEqual(argo({}), argo({ conditions: [{ type: 'ComparisonError', message: 'x' }] }));
  assert.notEqual(argo({ health: { status: 'Healthy' } }), argo({ health: { status: 'Degraded' } }));
});
