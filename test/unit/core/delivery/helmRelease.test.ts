import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { gunzipBase64 } from '../../../../src/adapters/files/gunzip.ts';
import { engineDigest } from '../../../../src/core/delivery/engineDigest.ts';
import { readFluxHelmRelease } from '../../../../src/core/delivery/flux/fluxHelmRelease.ts';
import { encodedRelease, readStoredRelease, releaseSecretName } from '../../../../src/core/delivery/helm/release.ts';
import type { Json } from '../../../../src/core/json.ts';
import type { KubeObject } from '../../../../src/core/kube/objectKey.ts';

const base64 = (data: string | Buffer): string => Buffer.from(data).toString('base64');
const secretOf = (content: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: releaseSecretName('web', 3) },
  data: { release: base64(base64(gzipSync(content))) },
});

describe('a release as Helm stores it', () => {
  test('is found by its name, unpacked and read', async () => {
    const content = { name: 'web', namespace: 'shop', version: 3, manifest: '---\nkind: ConfigMap\n', hooks: [] };
    const secret = secretOf(JSON.stringify(content));
    assert.equal(secret.metadata['name'], 'sh.helm.release.v1.web.v3');
    const text = await gunzipBase64(encodedRelease(secret) ?? '', 10_000);
    assert.deepEqual(readStoredRelease(text), {
      name: 'web',
      namespace: 'shop',
      manifest: '---\nkind: ConfigMap\n',
      values: null,
    });
  });

  test('what unpacks to more than is allowed, or is no gzip, is refused', async () => {
    await assert.rejects(gunzipBase64(base64(gzipSync('x'.repeat(1_000_000))), 1000));
    await assert.rejects(gunzipBase64('bm90IGd6aXA=', 1000));
  });

  test('anything else is no release', () => {
    for (const text of ['', '[]', '{"name": "web"}', '{"name": 1, "namespace": "a", "manifest": ""}']) {
      assert.equal(readStoredRelease(text), undefined);
    }
    assert.equal(encodedRelease({ apiVersion: 'v1', kind: 'Secret', metadata: {}, data: {} }), undefined);
  });
});

describe('a HelmRelease of Flux', () => {
  const release = (spec: Json, status: Json): KubeObject => ({
    apiVersion: 'helm.toolkit.fluxcd.io/v2',
    kind: 'HelmRelease',
    metadata: { name: 'web', namespace: 'shop' },
    spec,
    status,
  });

  test('the deployed release counts, not a later one that failed', () => {
    const history = [
      { name: 'shop-web', namespace: 'shop', version: 4, status: 'failed' },
      { name: 'shop-web', namespace: 'target', version: 3, status: 'deployed' },
    ];
    assert.deepEqual(readFluxHelmRelease(release({}, { history, storageNamespace: 'store' })).deployed, {
      name: 'shop-web',
      namespace: 'target',
      version: 3,
      storageNamespace: 'store',
    });
  });

  test('what runs or failed after the deployed release was attempted, the newest first', () => {
    const entry = (version: number, status: string): Json => ({ name: 'web', namespace: 'shop', version, status });
    const running = (message: string): Json => [{ type: 'Reconciling', status: 'True', message }];
    const upgrade = running("Running 'upgrade' action with timeout of 5m0s");
    const deployed = [entry(3, 'deployed')];
    const failed = [entry(4, 'failed'), ...deployed];
    const attempted = (status: Json): number[] => readFluxHelmRelease(release({}, status)).attempted;
    assert.deepEqual(attempted({ history: deployed }), []);
    assert.deepEqual(attempted({ history: deployed, conditions: upgrade }), [4]);
    assert.deepEqual(attempted({ history: deployed, conditions: running('Fulfilling prerequisites') }), []);
    assert.deepEqual(attempted({ history: failed }), [4]);
    assert.deepEqual(attempted({ history: failed, conditions: upgrade }), [5, 4]);
    assert.deepEqual(attempted({}), []);
  });

  test('a new version is told, and that one is on its way, also where the history keeps its length', () => {
    const history = (version: number): Json => [{ version, status: 'deployed' }];
    const upgrade = [{ type: 'Reconciling', status: 'True', message: "Running 'upgrade' action with timeout of 5m" }];
    const before = engineDigest(release({}, { history: history(3) }));
    assert.notEqual(engineDigest(release({}, { history: history(4) })), before);
    assert.notEqual(engineDigest(release({}, { history: history(3), conditions: upgrade })), before);
    assert.equal(engineDigest(release({}, { history: history(3), lastHandledReconcileAt: 'now' })), before);
  });

  test('without history nothing is deployed, by default nothing is reverted, and values come from its own Secrets', () => {
    const found = readFluxHelmRelease(
      release(
        {
          valuesFrom: [
            { kind: 'Secret', name: 'a' },
            { kind: 'Secret', name: 'b', valuesKey: 'x', targetPath: 'y' },
          ],
        },
        {},
      ),
    );
    assert.deepEqual([found.deployed, found.correctsDrift], [undefined, false]);
    assert.deepEqual(found.valuesFrom, [
      { kind: 'Secret', name: 'a', key: 'values.yaml' },
      { kind: 'Secret', name: 'b', key: 'x', targetPath: 'y' },
    ]);
  });
});
