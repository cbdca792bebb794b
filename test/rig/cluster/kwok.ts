import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fetchText, type ApiClient } from './apiClient.ts';
import { assetFolder } from './binaries.ts';
import { freePort } from './ports.ts';
import type { ProcessSet } from './processSet.ts';

/** Names of the simulated nodes. */
export const nodeNames = ['node-1', 'node-2'] as const;

const capacity = { cpu: '32', memory: '256Gi', pods: '500', 'ephemeral-storage': '500Gi' };

function node(name: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      annotations: { 'kwok.x-k8s.io/node': 'fake' },
      labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64' },
    },
    // kwok's template does not quote nodeInfo: a value that looks like a number would keep the node from Ready.
    status: { allocatable: capacity, capacity, nodeInfo: { kubeletVersion: 'v1.35.4' } },
  };
}

/** The rig's own stages: pods whose image is tagged `broken` or `crashing` fail. */
const failureStages = join(import.meta.dirname, 'stages');

/** One `--config` per stage: the folders are not given whole. */
async function stageFlags(stages: string): Promise<string[]> {
  const flags: string[] = [];
  const kwokStages = ['node/fast', 'node/heartbeat-with-lease', 'pod/fast', 'volume/fast'].map((name) =>
    join(stages, name),
  );
  for (const folder of [...kwokStages, failureStages]) {
    for (const file of await readdir(folder)) {
      if (file.endsWith('.yaml') && file !== 'storage-class.yaml') flags.push(`--config=${join(folder, file)}`);
    }
  }
  return flags;
}

async function isReady(api: ApiClient, name: string): Promise<boolean> {
  const { status, body } = await api.get(`/api/v1/nodes/${name}`);
  if (status !== 200) return false;
  const { status: state } = JSON.parse(body) as { status: { conditions?: { type: string; status: string }[] } };
  return state.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') ?? false;
}

/** Starts kwok and two nodes; afterwards pods run and volumes are bound within about a second. */
export async function startNodes(
  processes: ProcessSet,
  binaries: ReadonlyMap<string, string>,
  api: ApiClient,
  kubeconfig: string,
): Promise<void> {
  const stages = await assetFolder('kwok', 'stages');
  const address = `127.0.0.1:${String(await freePort())}`;
  await Promise.all(nodeNames.map((name) => api.send('POST', '/api/v1/nodes', node(name))));
  const storageClass = await readFile(join(stages, 'volume/fast/storage-class.yaml'), 'utf8');
  await api.applyYaml('/apis/storage.k8s.io/v1/storageclasses', storageClass);
  await processes.start({
    name: 'kwok',
    command: binaries.get('kwok') ?? 'kwok',
    args: [
      `--kubeconfig=${kubeconfig}`,
      '--manage-all-nodes=false',
      '--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake',
      // Without leases every node turns NotReady after 50 s, and every pod with it.
      '--node-lease-duration-seconds=40',
      '--node-ip=127.0.0.1',
      `--server-address=${address}`,
      ...(await stageFlags(stages)),
    ],
    ready: async () => {
      if ((await fetchText(`http://${address}/healthz`)).status !== 200) return false;
      const ready = await Promise.all(nodeNames.map((name) => isReady(api, name)));
      return ready.every(Boolean);
    },
  });
}
