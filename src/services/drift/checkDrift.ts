import type { Application } from '../../core/delivery/application.ts';
import { settingIgnoreRules } from '../../core/drift/readIgnoreRules.ts';
import type { Json } from '../../core/json.ts';
import type { Problem } from '../../core/problem.ts';
import type { DriftReport } from '../../core/report.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Cluster, ClusterProvider } from '../../ports/cluster.ts';
import { ClusterError } from '../../ports/clusterError.ts';
import type { Jq } from '../../ports/jq.ts';
import { readLiveObjects } from '../live/readLiveObjects.ts';
import { type SecretsMode, TargetComparer } from './compareTargets.ts';
import { FindingLocator } from './locateFindings.ts';
import { type ClusterScope, prepareCluster } from './prepareCluster.ts';
import { emptyPreparation } from './prepareComparison.ts';
import { type ComparedApplication, assembleReport } from './assembleReport.ts';
import { compareAhead } from './compareAhead.ts';
import type { CommitTimes } from './commitTimes.ts';
import { compareApplication } from './compareApplication.ts';
import { SchemaCache } from './schemaCache.ts';

export interface DriftRequest extends Omit<ClusterScope, 'severalContexts' | 'reuse'> {
  contexts: readonly string[];
  secrets: SecretsMode;
  /** The setting `plumbline.ignore`, as it is written. */
  ignore?: Json;
  jq?: Jq;
  commitTimes: CommitTimes;
}

/**
 * Compares applications with clusters once. What cannot be rendered, reached or read is a problem of the report, and the rest is
 * compared; throws only when aborted or for a fault of Plumbline itself.
 */
export async function checkDrift(request: DriftRequest, clusters: ClusterProvider, clock: Clock): Promise<DriftReport> {
  const compared: ComparedApplication[] = [];
  const problems: Problem[] = [...settingIgnoreRules(request.ignore ?? null).problems];
  const { contexts: knownContexts } = await clusters.contexts();
  for (const context of request.contexts) {
    try {
      const answer = await checkCluster(await clusters.connect(context), { ...request, knownContexts });
      compared.push(...answer.applications);
      problems.push(...answer.problems);
    } catch (error) {
      request.signal?.throwIfAborted();
      if (!ClusterError.is(error)) throw error;
      problems.push(clusterProblem(context, error));
      compared.push(...request.derived.map((application) => notCompared(application, context, request.tree.revision)));
    }
  }
  return assembleReport(compared, problems, clock.now());
}

async function checkCluster(
  cluster: Cluster,
  request: DriftRequest,
): Promise<{ applications: ComparedApplication[]; problems: Problem[] }> {
  const schemas = new SchemaCache(cluster);
  const scope = { ...request, severalContexts: request.contexts.length > 1 };
  const { prepared: clear, problems } = await prepareCluster(cluster, schemas, scope);
  const comparer = new TargetComparer(schemas, {
    secrets: request.secrets,
    ignore: settingIgnoreRules(request.ignore ?? null).rules,
    ...(request.jq === undefined ? {} : { jq: request.jq }),
  });
  const live = await readLiveObjects(
    cluster,
    clear.flatMap((item) => [...item.targets, ...item.extras]),
    request.signal,
    compareAhead(comparer, clear),
  );
  const tools = {
    comparer,
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
  return { applications: compared, problems: [...clusterProblems, ...problems, ...live.unreadable.values()] };
}

function notCompared(application: Application, context: string, revision: string): ComparedApplication {
  const destination = { ...application.destination, context };
  const prepared = emptyPreparation({ ...application, destination });
  return { prepared, results: [], locations: new Map(), revision };
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
