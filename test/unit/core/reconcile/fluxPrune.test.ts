import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFluxKustomization } from '../../../../src/core/delivery/flux/fluxKustomization.ts';
import type { JsonObject } from '../../../../src/core/json.ts';
import { judgePrune, staleEntries } from '../../../../src/core/reconcile/fluxPrune.ts';

function kustomization(spec: JsonObject, entries: string[] = []) {
  return readFluxKustomization({
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name: 'shop', namespace: 'flux-system' },
    spec: { path: './apps/shop', sourceRef: { kind: 'GitRepository', name: 'main' }, ...spec },
    status: { inventory: { entries: entries.map((id) => ({ id, v: 'v1' })) } },
  });
}

const owned = {
  'kustomize.toolkit.fluxcd.io/name': 'shop',
  'kustomize.toolkit.fluxcd.io/namespace': 'flux-system',
};

function live(labels: JsonObject, annotations: JsonObject = {}) {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'old', namespace: 'shop', labels, annotations } };
}

/** semantics P-1, one line a verdict: labels and annotations of the live object → pruned? */
const cases: [string, JsonObject, ReturnType<typeof live> | undefined, boolean | undefined][] = [
  ['owned', { prune: true }, live(owned), true],
  ['prune off', { prune: false }, live(owned), false],
  ['prune absent', {}, live(owned), false],
  ['no owner labels', { prune: true }, live({}), false],
  ['another owner', { prune: true }, live({ ...owned, 'kustomize.toolkit.fluxcd.io/name': 'other' }), false],
  ['prune: disabled', { prune: true }, live(owned, { 'kustomize.toolkit.fluxcd.io/prune': 'disabled' }), false],
  [
    'prune: Disabled as a label',
    { prune: true },
    live({ ...owned, 'kustomize.toolkit.fluxcd.io/prune': 'Disabled' }),
    false,
  ],
  ['reconcile: disabled', { prune: true }, live(owned, { 'kustomize.toolkit.fluxcd.io/reconcile': 'disabled' }), false],
  ['ssa: Ignore', { prune: true }, live(owned, { 'kustomize.toolkit.fluxcd.io/ssa': 'Ignore' }), false],
  ['ssa: merge', { prune: true }, live(owned, { 'kustomize.toolkit.fluxcd.io/ssa': 'merge' }), true],
  ['gone already', { prune: true }, undefined, undefined],
];

for (const [name, spec, object, expected] of cases) {
  test(`prune: ${name}`, () => assert.equal(judgePrune(kustomization(spec), object)?.prune, expected));
}

test('what Git still declares is not stale', () => {
  const { inventory } = kustomization({}, ['shop_old__ConfigMap', 'shop_web_apps_Deployment']);
  const stale = staleEntries(inventory, [{ group: 'apps', kind: 'Deployment', namespace: 'shop', name: 'web' }]);
  assert.deepEqual(
    stale.map((entry) => entry.name),
    ['old'],
  );
});
