import assert from 'node:assert/strict';
import { DirectoryRenderer } from '../../src/adapters/directory/directoryRenderer.ts';
import { openRepository } from '../../src/adapters/git/localRepository.ts';
import { HelmRenderer } from '../../src/adapters/helm/helmRenderer.ts';
import { KubeconfigClusters } from '../../src/adapters/kubernetes/clusterProvider.ts';
import { KustomizeRenderer } from '../../src/adapters/kustomize/kustomizeRenderer.ts';
import { SpawnRunner } from '../../src/adapters/process/spawnRunner.ts';
import type { ObjectKey } from '../../src/core/kube/objectKey.ts';
import type { GitRepository } from '../../src/ports/gitRepository.ts';
import { type ActionScope, openActionScope } from '../../src/services/actions/actionScope.ts';
import {
  type CommitAndSyncOptions,
  commitAndSync,
  prepareCommitAndSync,
} from '../../src/services/actions/commitAndSync.ts';
import { type RestoreDescription, describeRestore } from '../../src/services/actions/describeRestore.ts';
import { pause } from '../../src/services/actions/pause.ts';
import { type RestoreOutcome, restoreObject } from '../../src/services/actions/restoreObject.ts';
import type { SyncOutcome, SyncStep } from '../../src/services/sync/syncOutcome.ts';
import type { Clone } from '../rig/cluster/clone.ts';
import type { ControlPlane } from '../rig/cluster/controlPlane.ts';

export interface CommitRun {
  message?: string;
  signal?: AbortSignal;
  onStep?: (step: SyncStep) => void;
}

/** The services against a rig and a clone of it, as the editor uses them: one repository and one connection for many actions. */
export interface RigActions {
  repository: GitRepository;
  /** What actions of all applications of the clone start from, as Git and the cluster are now. */
  scope(): Promise<ActionScope>;
  /** Restores one object of an application, which must be possible, and answers what was said of it before and after. */
  restore(application: string, key: ObjectKey): Promise<{ described: RestoreDescription; outcome: RestoreOutcome }>;
  /** Commits files, pushes and syncs one application; `onStep` hears of what is done. */
  commitAndSync(application: string, paths: readonly string[], more?: CommitRun): Promise<SyncOutcome>;
  dispose(): Promise<void>;
}

export async function openRigActions(plane: ControlPlane, clone: Clone): Promise<RigActions> {
  const runner = new SpawnRunner();
  const kubectl = `${plane.folder}/bin/kubectl`;
  const repository = await openRepository(clone.folder, runner);
  const clusters = new KubeconfigClusters({
    explicit: plane.kubeconfig,
    environment: { PATH: process.env['PATH'] },
    runner,
  });
  const scope = async (): Promise<ActionScope> =>
    openActionScope({
      cluster: await clusters.connect('admin'),
      tree: repository.workingTree(),
      repository,
      renderers: {
        directory: new DirectoryRenderer(),
        kustomize: new KustomizeRenderer(runner, () => ({ program: kubectl })),
        helm: new HelmRenderer(runner),
      },
      below: '',
      chosen: new Set(),
      prune: true,
      clock: { now: () => new Date() },
      sleep: pause,
      toolVersion: 'test',
    });
  return {
    repository,
    scope,
    async restore(application, key) {
      const now = await scope();
      const described = await describeRestore(now, application, key);
      assert.equal(described.result, 'possible', JSON.stringify(described));
      return { described, outcome: await restoreObject(now, described, 60_000, () => undefined) };
    },
    async commitAndSync(application, paths, { message = 'Change it', signal, onStep = () => undefined } = {}) {
      const now = await scope();
      const wanted: CommitAndSyncOptions = { applications: [application], paths, message, waitMilliseconds: 60_000 };
      const prepared = await prepareCommitAndSync(now, repository, wanted);
      const [result] = await commitAndSync(now, repository, prepared, wanted, onStep, signal);
      assert.ok(result);
      return result.outcome;
    },
    async dispose() {
      clusters.reset();
      await repository.dispose();
    },
  };
}
