import { DirectoryRenderer } from '../../src/adapters/directory/directoryRenderer.ts';
import { openRepository } from '../../src/adapters/git/localRepository.ts';
import { HelmRenderer } from '../../src/adapters/helm/helmRenderer.ts';
import { KustomizeRenderer } from '../../src/adapters/kustomize/kustomizeRenderer.ts';
import { SpawnRunner } from '../../src/adapters/process/spawnRunner.ts';
import { readManifests } from '../../src/core/manifest/readManifests.ts';
import { groupVersionKindOf, nameOf, namespaceOf } from '../../src/core/kube/objectKey.ts';
import { unsavedTree } from '../../src/editor/sessions/unsavedTree.ts';
import { type Log, silentLog } from '../../src/ports/log.ts';
import type { ClusterProvider } from '../../src/ports/cluster.ts';
import type { Renderers } from '../../src/services/drift/prepareComparison.ts';
import { CommitTimes } from '../../src/services/drift/commitTimes.ts';
import { DriftSession, type DriftSnapshot } from '../../src/services/drift/driftSession.ts';
import { SimulatedClusterPort } from '../../src/sandbox/simulatedClusterPort.ts';
import { type WorkRepository, copyToRepository } from '../support/workRepository.ts';

/** A session as the editor has it, on a real repository, with the simulated cluster in place of a real one. */
export interface BenchSession {
  readonly session: DriftSession;
  readonly cluster: SimulatedClusterPort;
  readonly repository: WorkRepository;
  /** Texts of editors that were not saved, by path. */
  readonly unsaved: Map<string, string>;
  dispose(): Promise<void>;
}

export function makeRenderers(): { runner: SpawnRunner; renderers: Renderers } {
  const runner = new SpawnRunner();
  const kustomize = new KustomizeRenderer(runner);
  return { runner, renderers: { kustomize, helm: new HelmRenderer(runner), directory: new DirectoryRenderer() } };
}

/** Applies what the files declare, opens the session and waits for its first answer. */
export async function openBenchSession(files: Readonly<Record<string, string>>): Promise<BenchSession> {
  const repository = await copyToRepository('', []);
  await repository.commit(files);
  const { runner, renderers } = makeRenderers();
  const opened = await openRepository(repository.folder, runner);
  const cluster = new SimulatedClusterPort({ controllers: [] });
  for (const text of Object.values(files)) applyAll(cluster, text);
  const unsaved = new Map<string, string>();
  const clusters: ClusterProvider = {
    contexts: () => Promise.resolve({ contexts: [], problems: [], files: [] }),
    connect: () => Promise.resolve(cluster),
    reset: () => undefined,
  };
  const log: Log = { ...silentLog, error: (message, error) => console.error(message, error) };
  const session = new DriftSession({
    context: cluster.context,
    clusters,
    tree: unsavedTree(opened.workingTree(), () => unsaved),
    repository: opened,
    renderers,
    commitTimes: new CommitTimes(opened),
    settings: () => ({ secrets: 'compare', skipKinds: new Set(), applications: new Set() }),
    clock: { now: () => new Date() },
    log,
  });
  await session.refresh();
  return {
    session,
    cluster,
    repository,
    unsaved,
    async dispose() {
      session.dispose();
      await opened.dispose();
      await repository.dispose();
    },
  };
}

export function applyAll(port: SimulatedClusterPort, text: string): void {
  for (const { object } of readManifests(text, { profile: 'raw' }).documents) {
    const { group, version, kind: name } = groupVersionKindOf(object);
    const kind = port.cluster.catalog.byKind(group, version, name);
    if (kind === undefined) throw new Error(`${object.kind} is not served`);
    port.cluster.apply(kind, namespaceOf(object), nameOf(object), object, { fieldManager: 'kubectl', force: true });
  }
}

/** The next report that satisfies a condition. */
export function nextSnapshot(
  session: DriftSession,
  holds: (snapshot: DriftSnapshot) => boolean,
): Promise<DriftSnapshot> {
  return new Promise((resolve) => {
    const subscription = session.onDidChange((snapshot) => {
      if (!holds(snapshot)) return;
      subscription.dispose();
      resolve(snapshot);
    });
  });
}
