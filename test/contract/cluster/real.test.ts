import { startControlPlane } from '../../rig/cluster/controlPlane.ts';
import { skipReason } from '../../rig/cluster/requirements.ts';
import { clusterContract } from './clusterContract.ts';
import { clustersOf } from './kubeconfigCluster.ts';

const options = { controllers: false };

clusterContract(
  'a real kube-apiserver',
  async () => {
    const plane = await startControlPlane(options);
    const clusters = clustersOf(plane.kubeconfig);
    return {
      cluster: await clusters.connect('admin'),
      limited: await clusters.connect('limited'),
      interrupt: () => plane.restartApiServer(),
      async close() {
        clusters.reset();
        await plane.stop();
      },
    };
  },
  { skip: await skipReason(options) },
);
