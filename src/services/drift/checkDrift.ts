import type { Application } from '../../core/delivery/application.ts';
import { describeKey, keyText } from '../../core/kube/objectKey.ts';
import type { Problem } from '../../core/problem.ts';
import type { DriftReport } from '../../core/report.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Cluster, ClusterProvider } from '../../ports/cluster.ts';
import { ClusterError } from '../../ports/clusterError.ts';
import { readLiveObjects } from '../live/readLiveObjects.ts';
import { type SecretsMode, TargetComparer } from './compareTargets.ts';
import { FindingLocator } from './locateFindings.ts';
import { type PrepareOptions, type PreparedApplication, prepareApplication } from './prepareComparison.ts';
import { type ComparedApplication, assembleReport } from './assembleReport.ts';
import type { CommitTimes } from './commitTimes.ts';
import { compareApplication } from './compareApplication.ts';
import { SchemaCache } from './schemaCache.ts';

export interface DriftRequest extends PrepareOptions {
  applications: readonly Application[];
  contexts: readonly string[];
  /** Applications that the user named: they are compared although others declare the same objects. */
  chosen: ReadonlySet<string>;
  secrets: SecretsMode;
  commitTimes: CommitTimes;
}

/**
 * Compares applications with clusters once. What cannot be rendered, reached or read is a problem of the report, and the rest is
 * compared; throws only when aborted or for a fault of Plumbline itself.
 */
export async function checkDrift(request: DriftRequest, clusters: ClusterProvider, clock: Clock): Promise<DriftReport> {
  const compared: ComparedApplication[] = [];
  const problems: Problem[] = [];
  for (const context of request.contexts) {
    const applications = request.applications.map((application) => onContext(application, context, request.contexts));
    try {
      const cluster = await clusters.connect(context);
      const answer = await checkCluster(applications, cluster, request);
      compared.push(...answer.applications);
      problems.push(...answer.problems);
    } catch (error) {
      request.signal?.throwIfAborted();
      if (!ClusterError.is(error)) throw error;
      problems.push(clusterProblem(context, error));
      compared.push(...applications.map(notCompared));
    }
  }
  return assembleReport(compared, problems, clock.now());
}

async function checkCluster(
  applications: readonly Application[],
  cluster: Cluster,
  request: DriftRequest,
): Promise<{ applications: ComparedApplication[]; problems: Problem[] }> {
  const schemas = new SchemaCache(cluster);
  const prepared = await Promise.all(
    applications.map((application) => prepareApplication(application, cluster, schemas, request)),
  );
  const { clear, problems: ambiguous } = withoutAmbiguous(prepared, request.chosen);
  const live = await readLiveObjects(
    cluster,
    clear.flatMap((item) => item.targets),
    request.signal,
  );
  const tools = {
    comparer: new TargetComparer(schemas, request.secrets),
    locator: new FindingLocator(),
    renderers: request.renderers,
    tree: request.tree,
    commitTimes: request.commitTimes,
    ...(request.signal === undefined ? {} : { signal: request.signal }),
  };
  const compared: ComparedApplication[] = [];
  for (const item of clear) compared.push(await compareApplication(item, live, tools));
  const discovery = await cluster.discover();
  const clusterProblems = discovery.problems.filter((problem) => problem.severity !== 'information');
  return { applications: compared, problems: [...clusterProblems, ...ambiguous, ...live.unreadable.values()] };
}

/**
 * Applications that nobody declared and that declare the same objects cannot all be what the cluster should hold: which one it is,
 * only the user knows, so none of them is compared until one is chosen. A guess would be a false alarm.
 */
export function withoutAmbiguous(
  prepared: readonly PreparedApplication[],
  chosen: ReadonlySet<string>,
): { clear: PreparedApplication[]; problems: Problem[] } {
  const derived = prepared.filter(
    (item) => item.application.foundIn === 'derived' && !chosen.has(item.application.name),
  );
  const rivals = new Map<PreparedApplication, PreparedApplication>();
  const declaredBy = new Map<string, PreparedApplication>();
  for (const item of derived) {
    for (const target of item.targets) {
      const first = declaredBy.get(keyText(target.key));
      // Namespaces are shared between overlays as a habit, and say nothing of which one is meant.
      if (first !== undefined && first !== item && target.key.kind !== 'Namespace') {
        rivals.set(item, first);
        if (!rivals.has(first)) rivals.set(first, item);
      }
      declaredBy.set(keyText(target.key), first ?? item);
    }
  }
  const problems = [...rivals].map(([item, rival]): Problem => {
    const shared = item.targets.find((target) =>
      rival.targets.some((other) => keyText(other.key) === keyText(target.key) && other.key.kind !== 'Namespace'),
    );
    const example = shared === undefined ? 'the same objects' : describeKey(shared.key);
    return {
      code: 'not-checked',
      severity: 'error',
      message: `${item.application.name} was not checked: ${rival.application.name} declares ${example} as well.`,
      remedy: 'Choose the one that belongs to this cluster (--app, or the setting plumbline.applications).',
      application: item.application.id,
      ...(item.application.destination.context === undefined ? {} : { context: item.application.destination.context }),
    };
  });
  return { clear: prepared.filter((item) => !rivals.has(item)), problems };
}

function onContext(application: Application, context: string, contexts: readonly string[]): Application {
  return {
    ...application,
    id: contexts.length > 1 ? `${application.id}@${context}` : application.id,
    destination: { ...application.destination, context },
  };
}

function notCompared(application: Application): ComparedApplication {
  return {
    prepared: { application, targets: [], files: [], problems: [], rendered: false },
    results: [],
    locations: new Map(),
    revision: 'worktree',
  };
}

export function clusterProblem(context: string, error: ClusterError): Problem {
  const codes: Partial<Record<ClusterError['reason'], Problem['code']>> = {
    unauthorized: 'unauthorized',
    forbidden: 'forbidden',
    'unknown-context': 'unknown-context',
    'no-kubeconfig': 'no-kubeconfig',
    'invalid-kubeconfig': 'invalid-kubeconfig',
  };
  return {
    code: codes[error.reason] ?? 'unreachable',
    severity: 'error',
    message: error.message,
    context,
    ...(error.remedy === undefined ? {} : { remedy: error.remedy }),
  };
}
