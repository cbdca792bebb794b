import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import {
  KubeconfigClusters,
  type KubeconfigClustersOptions,
} from '../../../../src/adapters/kubernetes/clusterProvider.ts';
import { SpawnRunner } from '../../../../src/adapters/process/spawnRunner.ts';
import type { KubeObject } from '../../../../src/core/kube/objectKey.ts';
import type { ApiResource, Cluster } from '../../../../src/ports/cluster.ts';
import { FakeApiServer } from '../../../fakes/fakeApiServer.ts';

/** A folder that is gone after the test. */
export async function scratchFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'plumbline-kubernetes-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export interface FakeCluster {
  server: FakeApiServer;
  clusters: KubeconfigClusters;
  cluster: Cluster;
  kubeconfig: string;
}

/** The adapter over the fake API server, with retries short enough for tests. */
export async function fakeCluster(
  t: TestContext,
  options: Partial<KubeconfigClustersOptions> & {
    kubeconfigText?: (server: FakeApiServer) => string;
    context?: string;
  } = {},
): Promise<FakeCluster> {
  const { kubeconfigText = (fake: FakeApiServer) => fake.kubeconfig(), context = 'admin', ...rest } = options;
  const server = new FakeApiServer();
  await server.start();
  const kubeconfig = join(await scratchFolder(t), 'kubeconfig');
  await writeFile(kubeconfig, kubeconfigText(server));
  const clusters = new KubeconfigClusters({
    explicit: kubeconfig,
    environment: {},
    runner: new SpawnRunner(),
    limits: { connect: 10_000, silence: 10_000, patience: 5_000, retryAfter: 20 },
    watchTimes: { firstRetry: 20, longestRetry: 100, settled: 200 },
    ...rest,
  });
  t.after(async () => {
    clusters.reset();
    await server.stop();
  });
  return { server, clusters, cluster: await clusters.connect(context), kubeconfig };
}

export const configMaps: ApiResource = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  resource: 'configmaps',
  namespaced: true,
  verbs: [],
  shortNames: [],
  subresources: [],
};

export const secrets: ApiResource = { ...configMaps, kind: 'Secret', resource: 'secrets' };

export function configMap(name: string, data: Record<string, string> = {}): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' }, data };
}
