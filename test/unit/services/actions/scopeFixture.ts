import { DirectoryRenderer } from '../../../../src/adapters/directory/directoryRenderer.ts';
import { HelmRenderer } from '../../../../src/adapters/helm/helmRenderer.ts';
import { KustomizeRenderer } from '../../../../src/adapters/kustomize/kustomizeRenderer.ts';
import { SpawnRunner } from '../../../../src/adapters/process/spawnRunner.ts';
import type { Json } from '../../../../src/core/json.ts';
import type { ObjectKey } from '../../../../src/core/kube/objectKey.ts';
import type { FileTree } from '../../../../src/ports/fileTree.ts';
import type { GitRepository } from '../../../../src/ports/gitRepository.ts';
import { SimulatedClusterPort } from '../../../../src/sandbox/simulatedClusterPort.ts';
import { type ActionScope, openActionScope } from '../../../../src/services/actions/actionScope.ts';
import { pause } from '../../../../src/services/actions/pause.ts';
import { syncApplication } from '../../../../src/services/sync/syncApplication.ts';
import { helm, kubectl } from '../../adapters/tools.ts';

const runner = new SpawnRunner();
const renderers = {
  directory: new DirectoryRenderer(),
  kustomize: new KustomizeRenderer(runner, () => ({ program: kubectl ?? 'kubectl' })),
  helm: new HelmRenderer(runner, () => ({ program: helm ?? 'helm' })),
};

/** The applications of a folder against a simulated cluster. */
export function openScope(
  tree: FileTree,
  cluster: SimulatedClusterPort,
  repository?: GitRepository,
  prune = false,
  namespace?: string,
): Promise<ActionScope> {
  return openActionScope({
    cluster,
    tree,
    repository,
    renderers,
    below: '',
    chosen: new Set(),
    prune,
    clock: { now: () => new Date() },
    sleep: pause,
    toolVersion: 'test',
    ...(namespace === undefined ? {} : { namespace }),
  });
}

/** A cluster that holds all of a folder, as Plumbline applied it. */
export async function appliedCluster(tree: FileTree, namespaces: readonly string[]): Promise<SimulatedClusterPort> {
  const cluster = new SimulatedClusterPort();
  const { resources } = await cluster.discover();
  const namespace = resources.find(({ kind }) => kind === 'Namespace');
  if (namespace === undefined) throw new Error('no namespaces');
  for (const name of namespaces) {
    await cluster.create(namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }
  const scope = await openScope(tree, cluster);
  for (const prepared of scope.prepared) {
    const options = { wait: false, waitMilliseconds: 0 };
    const outcome = await syncApplication(prepared, scope, options, () => undefined);
    if (outcome.result !== 'done') throw new Error(JSON.stringify(outcome));
  }
  return cluster;
}

/** Changes a live object as `kubectl edit` does. */
export async function edit(
  cluster: SimulatedClusterPort,
  key: ObjectKey,
  patch: Json,
  type: 'merge' | 'strategic' | 'json' = 'strategic',
): Promise<void> {
  const { resources } = await cluster.discover();
  const resource = resources.find(({ group, kind }) => group === key.group && kind === key.kind);
  if (resource === undefined) throw new Error(`${key.kind} is not served`);
  await cluster.patch(resource, key.namespace, key.name, patch, { type, fieldManager: 'kubectl-edit' });
}
