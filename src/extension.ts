import { realpath } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type * as vscode from 'vscode';
import { gunzipBase64 } from './adapters/files/gunzip.ts';
import { plainTree } from './adapters/files/plainTree.ts';
import { findRepository } from './adapters/git/findRepository.ts';
import { DirectoryRenderer } from './adapters/directory/directoryRenderer.ts';
import { HelmRenderer } from './adapters/helm/helmRenderer.ts';
import { JqInWorker } from './adapters/jq/jqInWorker.ts';
import { KubeconfigClusters } from './adapters/kubernetes/clusterProvider.ts';
import { watchKubeconfig } from './adapters/kubernetes/watchKubeconfig.ts';
import { KustomizeRenderer } from './adapters/kustomize/kustomizeRenderer.ts';
import { SpawnRunner } from './adapters/process/spawnRunner.ts';
import { type PartsFactory, Plumbline, type PlumblineApi } from './editor/plumbline.ts';
import type { OpenedFolder, RunningSandbox } from './editor/sessions/editorParts.ts';
import { ConfiguredClusters } from './editor/sessions/configuredClusters.ts';
import { GitError } from './ports/gitError.ts';
import type { ProcessRunner } from './ports/processRunner.ts';

let plumbline: Plumbline | undefined;

export function activate(context: vscode.ExtensionContext): PlumblineApi {
  plumbline = new Plumbline(context, createParts);
  return plumbline.api;
}

export async function deactivate(): Promise<void> {
  await plumbline?.end();
  plumbline = undefined;
}

const createParts: PartsFactory = ({ programs, log, storage }) => {
  const runner = new SpawnRunner();
  const environment = process.env;
  const open = (explicit: string | undefined): KubeconfigClusters =>
    new KubeconfigClusters({ runner, environment, log, ...(explicit === undefined ? {} : { explicit }) });
  return {
    clusters: new ConfiguredClusters(() => programs().kubeconfig, open),
    renderers: {
      directory: new DirectoryRenderer(),
      kustomize: new KustomizeRenderer(runner, () => {
        const { kustomizePath, kubectlPath, allowRemoteBases } = programs();
        const program = kustomizePath ?? kubectlPath;
        return { allowRemote: allowRemoteBases, ...(program === undefined ? {} : { program }) };
      }),
      helm: new HelmRenderer(runner, () => {
        const { helmPath } = programs();
        return helmPath === undefined ? {} : { program: helmPath };
      }),
    },
    jq: new JqInWorker(),
    gunzip: gunzipBase64,
    clock: { now: () => new Date() },
    log,
    openFolder: (folder, signal) => openFolder(folder, runner, signal),
    watchKubeconfig,
    startSandbox: () => startSandboxCluster(join(storage, 'sandbox'), open),
  };
};

/** A folder of a repository keeps the path by which the workspace names it, links and all, so that files open as the same files. */
async function openFolder(folder: string, runner: ProcessRunner, signal: AbortSignal): Promise<OpenedFolder> {
  try {
    const repository = await findRepository(folder, runner, signal);
    const below = relative(repository.root, await realpath(folder))
      .split(sep)
      .join('/');
    const asNamed = folder.split(sep).join('/');
    const root =
      below === '' ? folder : asNamed.endsWith(`/${below}`) ? folder.slice(0, -below.length - 1) : repository.root;
    return { root, below, tree: repository.workingTree(), repository, dispose: () => repository.dispose() };
  } catch (error) {
    if (!GitError.is(error, 'not-a-repository')) throw error;
    const tree = await plainTree(folder);
    return { root: folder, below: '', tree, dispose: () => tree.dispose() };
  }
}

/** The sandbox is loaded when it is first wanted; what was applied to it is kept for this workspace. */
async function startSandboxCluster(
  dataDirectory: string,
  open: (kubeconfig: string) => KubeconfigClusters,
): Promise<RunningSandbox> {
  const { startSandbox } = await import('./sandbox/sandboxServer.ts');
  const sandbox = await startSandbox({ dataDirectory });
  const clusters = open(sandbox.kubeconfigPath);
  return {
    context: sandbox.contextName,
    clusters,
    async dispose() {
      clusters.reset();
      await sandbox.stop();
    },
  };
}
