import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { KubeconfigClusters } from '../../src/adapters/kubernetes/clusterProvider.ts';
import { SpawnRunner } from '../../src/adapters/process/spawnRunner.ts';
import { type KubeObject, apiVersionOf } from '../../src/core/kube/objectKey.ts';
import { readManifests } from '../../src/core/manifest/readManifests.ts';
import type { ApiResource, Cluster } from '../../src/ports/cluster.ts';
import { mapLimited } from '../../src/core/mapLimited.ts';

const documentsPerFile = 50;

/** Files of a repository that declare these documents. */
export async function writeManifests(folder: string, documents: readonly string[]): Promise<void> {
  for (let start = 0; start < documents.length; start += documentsPerFile) {
    const file = join(folder, 'apps', `part-${start / documentsPerFile}.yaml`);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, documents.slice(start, start + documentsPerFile).join('---\n'));
  }
}

/** Applies documents as `kubectl apply --server-side` does, many at a time, which kubectl does not: Namespaces first. */
export async function applyDocuments(kubeconfig: string, documents: readonly string[]): Promise<void> {
  const clusters = new KubeconfigClusters({ runner: new SpawnRunner(), environment: {}, explicit: kubeconfig });
  try {
    const cluster = await clusters.connect('admin');
    const { resources } = await cluster.discover();
    const byKind = new Map(resources.map((resource) => [`${apiVersionOf(resource)}/${resource.kind}`, resource]));
    const objects = readManifests(documents.join('---\n'), { profile: 'raw' }).documents.map(({ object }) => object);
    const early = objects.filter((object) => object.kind === 'Namespace');
    await applyAll(cluster, byKind, early);
    await applyAll(
      cluster,
      byKind,
      objects.filter((object) => object.kind !== 'Namespace'),
    );
  } finally {
    clusters.reset();
  }
}

async function applyAll(
  cluster: Cluster,
  byKind: ReadonlyMap<string, ApiResource>,
  objects: readonly KubeObject[],
): Promise<void> {
  await mapLimited(objects, 16, async (object) => {
    const resource = byKind.get(`${object.apiVersion}/${object.kind}`);
    if (resource === undefined) throw new Error(`${object.kind} is not served`);
    await cluster.apply(resource, object, { fieldManager: 'kubectl', force: true });
  });
}
