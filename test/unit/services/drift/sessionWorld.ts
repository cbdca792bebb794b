import assert from 'node:assert/strict';
import { DirectoryRenderer } from '../../../../src/adapters/directory/directoryRenderer.ts';
import { gunzipBase64 } from '../../../../src/adapters/files/gunzip.ts';
import { openRepository } from '../../../../src/adapters/git/localRepository.ts';
import { HelmRenderer } from '../../../../src/adapters/helm/helmRenderer.ts';
import { KustomizeRenderer } from '../../../../src/adapters/kustomize/kustomizeRenderer.ts';
import { SpawnRunner } from '../../../../src/adapters/process/spawnRunner.ts';
import { customResourceDefinitions } from '../../../../src/core/cluster/controllers/customResourceDefinitions.ts';
import { apiVersionOf } from '../../../../src/core/kube/objectKey.ts';
import { readManifests } from '../../../../src/core/manifest/readManifests.ts';
import type { ObjectReport } from '../../../../src/core/report.ts';
import type { AccessQuestion } from '../../../../src/ports/cluster.ts';
import type { FileTree } from '../../../../src/ports/fileTree.ts';
import { silentLog } from '../../../../src/ports/log.ts';
import { SimulatedClusterPort } from '../../../../src/sandbox/simulatedClusterPort.ts';
import { CommitTimes } from '../../../../src/services/drift/commitTimes.ts';
import { DriftSession } from '../../../../src/services/drift/driftSession.ts';
import { type Files, withFiles, writeFiles } from '../../adapters/folderFixture.ts';

export const configMap = (name: string, value = 'b', namespace = 'default'): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n  namespace: ${namespace}\ndata:\n  a: ${value}\n`;

/** The simulated cluster, and what was asked of it. */
class AskedCluster extends SimulatedClusterPort {
  readonly asked: string[] = [];

  override get(...args: Parameters<SimulatedClusterPort['get']>): ReturnType<SimulatedClusterPort['get']> {
    this.asked.push(`get ${args[0].resource} ${args[2]}`);
    return super.get(...args);
  }

  override watch(...args: Parameters<SimulatedClusterPort['watch']>): Promise<void> {
    this.asked.push(`watch ${args[0].resource} ${args[1].namespace ?? ''}`);
    return super.watch(...args);
  }

  /** What was asked since the last time, without Argo CD and Flux, which this cluster does not serve. */
  take(): string[] {
    return this.asked.splice(0).sort();
  }
}

export interface World {
  session: DriftSession;
  cluster: AskedCluster;
  directory: string;
  listings: () => number;
  objects: () => Map<string, ObjectReport>;
  /** Edits a ConfigMap of the default namespace by hand. */
  edit: (name: string, value: string) => Promise<void>;
  /** Applies manifests as kubectl does. */
  apply: (text: string) => Promise<void>;
  write: (files: Files) => Promise<void>;
}

export interface WorldOptions {
  denies?: (question: AccessQuestion) => boolean;
  /** What the cluster has at first, one after the other; all that the files hold unless told. */
  live?: string | readonly string[];
  /** ConfigMaps that somebody edits before anything is compared. */
  edited?: readonly string[];
  /** Makes a repository of the folder before it is opened. */
  commit?: (directory: string) => void;
}

/** A session over files that the cluster has as they are, compared once. */
export async function withSession(
  files: Files,
  use: (world: World) => Promise<void>,
  {
    denies = () => false,
    live = Object.values(files).map(String).join('\n---\n'),
    edited = [],
    commit,
  }: WorldOptions = {},
): Promise<void> {
  await withFiles(files, async (plain, directory) => {
    commit?.(directory);
    const runner = new SpawnRunner();
    const repository = commit === undefined ? undefined : await openRepository(directory, runner);
    const tree = repository?.workingTree() ?? plain;
    const cluster = new AskedCluster({ controllers: [customResourceDefinitions], denies });
    const apply = async (text: string): Promise<void> => {
      const { resources } = await cluster.discover();
      for (const { object } of readManifests(text, { profile: 'raw' }).documents) {
        const resource = resources.find((one) => one.kind === object.kind && apiVersionOf(one) === object.apiVersion);
        assert.ok(resource);
        await cluster.apply(resource, object, { fieldManager: 'kubectl', force: true });
      }
    };
    for (const text of [live].flat()) await apply(text);
    const edit = async (name: string, value: string): Promise<void> => {
      const resource = (await cluster.discover()).resources.find((one) => one.kind === 'ConfigMap');
      assert.ok(resource);
      const patch = { data: { a: value } };
      await cluster.patch(resource, 'default', name, patch, { type: 'merge', fieldManager: 'kubectl-edit' });
    };
    for (const name of edited) await edit(name, 'edited');
    let listings = 0;
    const counted: FileTree = {
      revision: tree.revision,
      directory: tree.directory,
      list: (below, signal) => {
        listings++;
        return tree.list(below, signal);
      },
      read: (path, signal) => tree.read(path, signal),
      fingerprint: (path) => tree.fingerprint(path),
      withheld: (path) => tree.withheld(path),
      dispose: () => tree.dispose(),
    };
    const session = new DriftSession({
      context: cluster.context,
      clusters: {
        contexts: () => Promise.resolve({ contexts: [], problems: [], files: [] }),
        connect: () => Promise.resolve(cluster),
        reset: () => undefined,
      },
      tree: counted,
      repository,
      renderers: {
        directory: new DirectoryRenderer(),
        kustomize: new KustomizeRenderer(runner),
        helm: new HelmRenderer(runner),
      },
      commitTimes: new CommitTimes(undefined),
      settings: () => ({ secrets: 'compare', skipKinds: new Set(), applications: new Set() }),
      clock: { now: () => new Date() },
      gunzip: gunzipBase64,
      log: silentLog,
    });
    cluster.take();
    try {
      await session.refresh();
      const objects = (): Map<string, ObjectReport> =>
        new Map(
          session.snapshot.report.applications
            .flatMap((application) => application.objects)
            .map((object) => [`${object.namespace}/${object.name}`, object]),
        );
      const write = async (changed: Files): Promise<void> => {
        await writeFiles(directory, changed);
        await session.filesChanged(Object.keys(changed));
      };
      await use({ session, cluster, directory, listings: () => listings, objects, apply, edit, write });
    } finally {
      session.dispose();
      await repository?.dispose();
    }
  });
}
