import { startSandbox } from '../../../src/sandbox/sandboxServer.ts';
import { clusterContract } from './clusterContract.ts';
import { clustersOf } from './kubeconfigCluster.ts';

clusterContract('the sandbox', async () => {
  const sandbox = await startSandbox({});
  const clusters = clustersOf(sandbox.kubeconfigPath);
  return {
    cluster: await clusters.connect(sandbox.contextName),
    async close() {
      clusters.reset();
      await sandbox.stop();
    },
  };
});
