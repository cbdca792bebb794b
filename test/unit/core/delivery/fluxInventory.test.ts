import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readInventoryId, writeInventoryId } from '../../../../src/core/delivery/flux/inventory.ts';
import { readFluxRevision } from '../../../../src/core/delivery/flux/revision.ts';

const ids: [string, ReturnType<typeof readInventoryId>][] = [
  ['shop_web_apps_Deployment', { namespace: 'shop', name: 'web', group: 'apps', kind: 'Deployment' }],
  ['_shop__Namespace', { namespace: '', name: 'shop', group: '', kind: 'Namespace' }],
  ['shop_settings__ConfigMap', { namespace: 'shop', name: 'settings', group: '', kind: 'ConfigMap' }],
  [
    '_system__auth_rbac.authorization.k8s.io_ClusterRole',
    { namespace: '', name: 'system:auth', group: 'rbac.authorization.k8s.io', kind: 'ClusterRole' },
  ],
];

for (const [id, key] of ids) {
  test(`inventory id ${id}`, () => {
    assert.deepEqual(readInventoryId(id), key);
    assert.ok(key);
    assert.equal(writeInventoryId(key), id);
  });
}

test('an id that is none is left out', () => assert.equal(readInventoryId('Deployment'), undefined));

const sha = '6a1b3c00000000000000000000000000000000ff';
const revisions: [string, unknown][] = [
  [`main@sha1:${sha}`, { ref: 'main', commit: sha }],
  [`feature/x@sha1:${sha}`, { ref: 'feature/x', commit: sha }],
  [`sha1:${sha}`, { commit: sha }],
  [`main/${sha}`, { ref: 'main', commit: sha }],
  ['latest@sha256:short', undefined],
];

for (const [text, revision] of revisions) {
  test(`revision ${text}`, () => assert.deepEqual(readFluxRevision(text), revision));
}
