import { setTimeout as sleep } from 'node:timers/promises';
import type { FileTree } from '../../ports/fileTree.ts';
import type { Cluster, ClusterProvider } from '../../ports/cluster.ts';
import type { PlanList } from '../../core/report.ts';
import { describeKey } from '../../core/kube/objectKey.ts';
import { findApplications } from '../../services/applications/findApplications.ts';
import { type PreparedCluster, prepareCluster } from '../../services/drift/prepareCluster.ts';
import type { PreparedApplication } from '../../services/drift/prepareComparison.ts';
import { SchemaCache } from '../../services/drift/schemaCache.ts';
import { type PreviewRequest, previewPlans } from '../../services/preview/previewPlans.ts';
import { directSync } from '../../services/sync/directSync.ts';
import { fluxSync } from '../../services/sync/fluxSync.ts';
import type { SyncListener, SyncOutcome, SyncStep } from '../../services/sync/syncOutcome.ts';
import type { CommonOptions } from '../commandLine.ts';
import { type OpenedSource, openSource } from '../openSource.ts';
import type { CommandLineParts } from '../commandLineParts.ts';
import { UsageError } from '../usageError.ts';
import { version } from '../version.ts';
import { checkChoice, noContext } from './choices.ts';

/** What sync and rollback have in common: one cluster, its applications, and their plans. */
export interface SyncSession {
  cluster: Cluster;
  clusters: ClusterProvider;
  source: OpenedSource;
  scope: PreparedCluster;
  preview(tree: FileTree): Promise<PlanList>;
  close(): Promise<void>;
}

export async function openSyncSession(
  options: CommonOptions & { prune: boolean },
  parts: CommandLineParts,
  signal: AbortSignal,
): Promise<SyncSession> {
  const clusters = parts.clusters(options.kubeconfig);
  const [context] = options.contexts;
  if (context === undefined) throw await noContext(clusters);
  if (options.contexts.length > 1) throw new UsageError('one --context at a time: each cluster is changed by itself');
  const source = await openSource(parts.sources, options.directory, 'worktree', signal);
  const derived = await findApplications(source.tree, source.below, signal);
  checkChoice(derived, options);
  const cluster = await clusters.connect(context);
  const request: PreviewRequest = {
    derived,
    below: source.below,
    chosen: new Set(options.applications),
    tree: source.tree,
    repository: source.repository,
    renderers: parts.renderers,
    skipKinds: new Set(),
    prune: options.prune,
    withPredicted: false,
    signal,
    ...(options.namespace === undefined ? {} : { namespace: options.namespace }),
  };
  const scope = await prepareCluster(cluster, new SchemaCache(cluster), { ...request, severalContexts: false });
  return {
    cluster,
    clusters,
    source,
    scope,
    preview: (tree) => previewPlans({ ...request, tree }, cluster, parts.clock),
    async close() {
      clusters.reset();
      await source.tree.dispose();
      await source.repository?.dispose();
    },
  };
}

/** Syncs one application by the engine in charge. */
export async function syncApplication(
  prepared: PreparedApplication,
  session: SyncSession,
  options: { prune: boolean; wait: boolean; timeoutSeconds: number; commit?: string },
  parts: CommandLineParts,
  onStep: SyncListener,
  signal: AbortSignal,
): Promise<SyncOutcome> {
  const pause = (milliseconds: number): Promise<void> => sleep(milliseconds, undefined, { signal });
  const milliseconds = options.timeoutSeconds * 1000;
  const delivery = session.scope.flux.get(prepared.application.id)?.delivery;
  if (delivery !== undefined) {
    return fluxSync(
      delivery,
      session.cluster,
      {
        waitMilliseconds: milliseconds,
        now: () => parts.clock.now(),
        sleep: pause,
        signal,
        ...(options.wait ? { targets: prepared.targets } : {}),
        ...(options.commit === undefined ? {} : { commit: options.commit }),
      },
      onStep,
    );
  }
  const head = await session.source.repository?.head(signal);
  return directSync(
    prepared,
    session.cluster,
    {
      prune: options.prune,
      ...(options.wait ? { waitMilliseconds: milliseconds } : {}),
      revision: options.commit ?? head?.commit ?? 'worktree',
      toolVersion: version,
      now: () => parts.clock.now(),
      sleep: pause,
      signal,
    },
    onStep,
  );
}

/** A step on stderr, as it happens; stdout is for reports. */
export function tellStep(step: SyncStep): void {
  process.stderr.write(`  ${stepText(step)}\n`);
}

function stepText(step: SyncStep): string {
  switch (step.step) {
    case 'committed':
      return `✓ committed ${step.commit.slice(0, 7)}`;
    case 'pushed':
      return `✓ pushed to ${step.remote}/${step.branch}`;
    case 'requested':
      return `… asked ${step.what} to reconcile`;
    case 'fetched':
      return `✓ fetched ${step.revision.slice(0, 7)}`;
    case 'applying':
      return `… ${step.done}/${step.total} ${describeKey(step.key)} ${step.result}`;
    case 'applied':
      return `✓ applied ${step.revision.slice(0, 7)}`;
    case 'pruned':
      return `− pruned ${describeKey(step.key)}`;
    case 'waiting':
      return `… waiting for ${step.for}`;
    case 'healthy':
      return '✓ healthy';
  }
}
