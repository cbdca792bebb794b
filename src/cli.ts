#!/usr/bin/env node
import { join } from 'node:path';
import { cacheFolder } from './adapters/files/cacheFolder.ts';
import { outliveReader } from './cli/outliveReader.ts';
import { runCommandLine } from './cli/runCommandLine.ts';
import { findRepository } from './adapters/git/findRepository.ts';
import { gunzipBase64 } from './adapters/files/gunzip.ts';
import { plainTree } from './adapters/files/plainTree.ts';
import { DirectoryRenderer } from './adapters/directory/directoryRenderer.ts';
import { HelmRenderer } from './adapters/helm/helmRenderer.ts';
import { JqInWorker } from './adapters/jq/jqInWorker.ts';
import { KubeconfigClusters } from './adapters/kubernetes/clusterProvider.ts';
import { KustomizeRenderer } from './adapters/kustomize/kustomizeRenderer.ts';
import { SpawnRunner } from './adapters/process/spawnRunner.ts';

/** The composition root of the command line: adapters are made here and handed to the commands. */
const runner = new SpawnRunner();
for (const output of [process.stdout, process.stderr]) outliveReader(output);

void runCommandLine(process.argv.slice(2), {
  runner,
  sources: {
    repository: (directory, signal) => findRepository(directory, runner, signal),
    plain: plainTree,
  },
  renderers: {
    directory: new DirectoryRenderer(),
    kustomize: new KustomizeRenderer(runner),
    helm: new HelmRenderer(runner),
  },
  clusters: (kubeconfig) =>
    new KubeconfigClusters({
      runner,
      environment: process.env,
      schemaFolder: join(cacheFolder(process.env), 'openapi'),
      ...(kubeconfig === undefined ? {} : { explicit: kubeconfig }),
    }),
  startSandbox: async (options) => (await import('./sandbox/sandboxServer.ts')).startSandbox(options),
  jq: new JqInWorker(),
  gunzip: gunzipBase64,
  clock: { now: () => new Date() },
}).then((code) => {
  // Once all is written; what is left of connections and memory needs no tidying up.
  process.stdout.write('', () => process.stderr.write('', () => process.exit(code)));
});
