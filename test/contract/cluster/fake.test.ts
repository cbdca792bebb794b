import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { FakeApiServer } from '../../fakes/fakeApiServer.ts';
import { clusterContract } from './clusterContract.ts';
import { clustersOf } from './kubeconfigCluster.ts';

clusterContract('the fake API server of the fault tests', async () => {
  const server = new FakeApiServer();
  await server.start();
  const folder = await mkdtemp(join(tmpdir(), 'plumbline-contract-'));
  const file = join(folder, 'kubeconfig');
  await writeFile(file, server.kubeconfig());
  const clusters = clustersOf(file);
  return {
    cluster: await clusters.connect('admin'),
    limited: await clusters.connect('limited'),
    async interrupt() {
      server.dropConnections();
      // Until the client has heard of it: a write on a connection that is already gone is not repeated. After a stall timers run
      // before what came in meanwhile, immediates after it.
      await setTimeout(50);
      await setImmediate();
    },
    async close() {
      clusters.reset();
      await server.stop();
      await rm(folder, { recursive: true });
    },
  };
});
