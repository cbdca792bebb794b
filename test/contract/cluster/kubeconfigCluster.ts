import {
  KubeconfigClusters,
  type KubeconfigClustersOptions,
} from '../../../src/adapters/kubernetes/clusterProvider.ts';
import { SpawnRunner } from '../../../src/adapters/process/spawnRunner.ts';

/** The adapter over a kubeconfig file, without proxy and kubeconfig of the environment. */
export function clustersOf(kubeconfig: string, options: Partial<KubeconfigClustersOptions> = {}): KubeconfigClusters {
  return new KubeconfigClusters({
    explicit: kubeconfig,
    environment: { PATH: process.env['PATH'] },
    runner: new SpawnRunner(),
    ...options,
  });
}
