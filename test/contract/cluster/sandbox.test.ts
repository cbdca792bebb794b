import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { startSandbox } from '../../../src/sandbox/sandboxServer.ts';
import { startConnectProxy } from '../../fakes/connectProxy.ts';
import { clusterContract } from './clusterContract.ts';
import { clustersOf } from './kubeconfigCluster.ts';

clusterContract('the sandbox, through a proxy', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'plumbline-contract-'));
  const sandbox = await startSandbox({ dataDirectory: join(folder, 'data') });
  const proxy = await startConnectProxy();
  const file = join(folder, 'kubeconfig');
  const own = await readFile(sandbox.kubeconfigPath, 'utf8');
  // A proxy rather than a relay, since the sandbox checks the Host header.
  await writeFile(file, own.replace(/^( *)server:/m, `$1proxy-url: http://127.0.0.1:${proxy.port}\n$1server:`));
  const clusters = clustersOf(file);
  return {
    cluster: await clusters.connect(sandbox.contextName),
    async interrupt() {
      proxy.drop();
      // As with the fake API server.
      await setTimeout(50);
      await setImmediate();
    },
    async close() {
      clusters.reset();
      await proxy.stop();
      await sandbox.stop();
      await rm(folder, { recursive: true });
    },
  };
});
