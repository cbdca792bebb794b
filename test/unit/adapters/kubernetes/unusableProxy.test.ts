import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { KubeconfigClusters } from '../../../../src/adapters/kubernetes/clusterProvider.ts';
import { SpawnRunner } from '../../../../src/adapters/process/spawnRunner.ts';
import { ClusterError } from '../../../../src/ports/clusterError.ts';

describe('a proxy that is none is a fault of one context, and its password is not told', () => {
  let folder: string;
  before(async () => void (folder = await mkdtemp(join(tmpdir(), 'plumbline-proxy-'))));
  after(() => rm(folder, { recursive: true, force: true }));

  const unusable = [
    ...['http://a%zz:hunter2@127.0.0.1:1', 'socks5://a:hunter2%zz@127.0.0.1:1', 'http://', 'http://['],
    ...['ftp://127.0.0.1:1', 'http://127.0.0.1:99999', 'http://127.0.0.1:1 2', 'no address'],
  ];
  for (const proxy of unusable) {
    test(`${proxy} in a kubeconfig`, async () => {
      await refused(proxy, {}, /its kubeconfig \(proxy-url\) names no usable proxy/);
    });
  }

  test('in the environment', async () => {
    await refused('', { HTTPS_PROXY: 'http://a:hunter2%zz@127.0.0.1:1' }, /the environment .* names no usable proxy/);
  });

  async function refused(proxy: string, environment: Record<string, string>, said: RegExp): Promise<void> {
    const file = join(folder, 'config');
    const cluster = { server: 'https://192.0.2.1:6443', 'proxy-url': proxy };
    await writeFile(
      file,
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Config',
        clusters: [{ name: 'c', cluster }],
        contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
        users: [{ name: 'u', user: { token: 't' } }],
      }),
    );
    const runner = new SpawnRunner({ environment: () => ({}) });
    const clusters = new KubeconfigClusters({ runner, environment, explicit: file });
    await assert.rejects(
      async () => (await clusters.connect('x')).version(),
      (error) => {
        assert.ok(ClusterError.is(error, 'invalid-kubeconfig'), String(error));
        assert.match(error.message, said);
        assert.doesNotMatch(error.message + String(error.remedy), /hunter2/);
        return true;
      },
    );
  }
});
