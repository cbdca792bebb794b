import { KubeconfigClusters } from '../../src/adapters/kubernetes/clusterProvider.ts';
import { DirectoryRenderer } from '../../src/adapters/directory/directoryRenderer.ts';
import { HelmRenderer } from '../../src/adapters/helm/helmRenderer.ts';
import { KustomizeRenderer } from '../../src/adapters/kustomize/kustomizeRenderer.ts';
import { SpawnRunner } from '../../src/adapters/process/spawnRunner.ts';
import { silentLog } from '../../src/ports/log.ts';
import { CommitTimes } from '../../src/services/drift/commitTimes.ts';
import { DriftSession } from '../../src/services/drift/driftSession.ts';

/**
 * Stands for the extension host: holds a session with all its live objects. Started by memoryBench, bundled:
 * `node memoryHost.cjs KUBECONFIG CONTEXT FOLDER`. Says on stdout what it compared.
 */
async function hold(kubeconfig: string, context: string, folder: string): Promise<void> {
  const { openRepository } = await import('../../src/adapters/git/localRepository.ts');
  const runner = new SpawnRunner();
  const repository = await openRepository(folder, runner);
  const session = new DriftSession({
    context,
    clusters: new KubeconfigClusters({ runner, environment: process.env, explicit: kubeconfig }),
    tree: repository.workingTree(),
    repository,
    renderers: {
      directory: new DirectoryRenderer(),
      kustomize: new KustomizeRenderer(runner),
      helm: new HelmRenderer(runner),
    },
    commitTimes: new CommitTimes(repository),
    settings: () => ({ secrets: 'compare', skipKinds: new Set(), applications: new Set() }),
    clock: { now: () => new Date() },
    log: { ...silentLog, error: (message, error) => console.error(message, error) },
  });
  const started = performance.now();
  await session.refresh();
  const seconds = (performance.now() - started) / 1000;
  const { state, report, error } = session.snapshot;
  if (state !== 'ready') throw error ?? new Error(state);
  process.stdout.write(`${JSON.stringify({ seconds, ...report.summary, problems: report.problems.length })}\n`);
}

const [kubeconfig = '', context = '', folder = ''] = process.argv.slice(2);
// Stays, as the host does, until it was looked at.
process.stdin.resume();
process.stdin.once('end', () => process.exit(0));
void hold(kubeconfig, context, folder);
