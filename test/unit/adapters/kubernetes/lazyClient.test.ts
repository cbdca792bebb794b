import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { KubeconfigClusters } from '../../../../src/adapters/kubernetes/clusterProvider.ts';
import { SpawnRunner } from '../../../../src/adapters/process/spawnRunner.ts';
import { fakeCluster, scratchFolder } from './fixture.ts';

// Each test file is a process of its own, so only the imports above can have loaded it; then it would be missing below.
const loaded: string[] = [];
registerHooks({
  resolve(specifier, context, next) {
    if (specifier.startsWith('@kubernetes/')) loaded.push(specifier);
    return next(specifier, context);
  },
});

test('listing contexts contacts no server and loads no client; connecting loads it', async (t) => {
  const file = join(await scratchFolder(t), 'kubeconfig');
  await writeFile(
    file,
    `clusters: [{name: c, cluster: {server: "http://127.0.0.1:1"}}]
contexts: [{name: a, context: {cluster: c, user: u}}, {name: b, context: {cluster: c, user: u}}]
users: [{name: u, user: {exec: {command: /bin/false}}}]
`,
  );
  const clusters = new KubeconfigClusters({ explicit: file, environment: {}, runner: new SpawnRunner() });
  const { contexts, problems } = await clusters.contexts();
  assert.deepEqual([contexts.map(({ name }) => name), problems], [['a', 'b'], []]);
  assert.deepEqual(loaded, []);

  const { server, cluster } = await fakeCluster(t);
  assert.deepEqual(loaded, ['@kubernetes/client-node']);
  // Connecting makes a client; only asking it something contacts the server.
  assert.deepEqual(server.requests, []);
  await cluster.version();
  assert.equal(server.requests.length, 1);
});
