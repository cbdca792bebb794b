import type { Application } from '../../core/delivery/application.ts';
import { isBelow } from '../../core/repositoryPath.ts';
import type { Problem } from '../../core/problem.ts';
import type { Cluster } from '../../ports/cluster.ts';
import type { GitRepository } from '../../ports/gitRepository.ts';
import {
  type FluxApplication,
  type RepositoryFacts,
  matchFluxApplications,
  withoutDelivered,
} from '../applications/fluxApplications.ts';
import { readFluxObjects } from '../applications/fluxObjects.ts';
import { PushGates } from '../applications/pushGates.ts';
import { withoutAmbiguous } from './ambiguous.ts';
import { type PrepareOptions, type PreparedApplication, prepareApplication } from './prepareComparison.ts';
import { prepareFluxApplication } from './prepareFlux.ts';
import type { SchemaCache } from './schemaCache.ts';

export interface ClusterScope extends PrepareOptions {
  /** Undefined for a folder without Git: then nothing is matched with what an engine delivers. */
  repository: GitRepository | undefined;
  /** Applications found in files. */
  derived: readonly Application[];
  /** Only applications whose source is at or below this folder. */
  below: string;
  /** Ids to keep; empty for all. */
  chosen: ReadonlySet<string>;
  /** Several contexts are compared in one report: ids name theirs. */
  severalContexts: boolean;
  /** Kept from one report to the next, so that Git is asked only for what may have changed. */
  pushGates?: PushGates;
  /** What engines deliver, where it was found a moment ago: then neither the cluster nor Git is asked. */
  delivered?: DeliveredApplications;
  /** What was prepared before and is still true. */
  reuse?: (application: Application) => PreparedApplication | undefined;
}

export interface PreparedCluster {
  prepared: PreparedApplication[];
  problems: Problem[];
  /** By id: those that Flux delivers. */
  flux: ReadonlyMap<string, FluxApplication>;
  delivered: DeliveredApplications;
}

/** What engines deliver from a repository to a cluster. */
export interface DeliveredApplications {
  applications: readonly FluxApplication[];
  problems: readonly Problem[];
  /** The tree's files at that time. */
  listed: readonly string[];
}

/** Finds what engines deliver from this repository to a cluster, joins it with what was found in files, and prepares all of it. */
export async function prepareCluster(
  cluster: Cluster,
  schemas: SchemaCache,
  scope: ClusterScope,
): Promise<PreparedCluster> {
  const delivered = scope.delivered ?? (await findDelivered(cluster, scope));
  const derived = withoutDelivered(
    scope.derived,
    delivered.applications.map((item) => item.application),
  );
  const mark = (application: Application): Application => ({
    ...application,
    id: scope.severalContexts ? `${application.id}@${cluster.context}` : application.id,
    destination: { ...application.destination, context: cluster.context },
  });
  const wanted = (application: Application): boolean =>
    isBelow(application.source.path, scope.below) && (scope.chosen.size === 0 || scope.chosen.has(application.id));
  const flux = new Map<string, FluxApplication>();
  for (const item of delivered.applications.filter(({ application }) => wanted(application))) {
    const application = mark(item.application);
    flux.set(application.id, { ...item, application });
  }
  const applications = [...[...flux.values()].map((item) => item.application), ...derived.filter(wanted).map(mark)];
  const prepared = await Promise.all(
    applications.map(async (application) => {
      const before = scope.reuse?.(application);
      // What was rendered is still true; what its engine says of it is new.
      if (before !== undefined) return { ...before, application };
      const item = flux.get(application.id);
      return item === undefined || scope.repository === undefined
        ? prepareApplication(application, cluster, schemas, scope)
        : prepareFluxApplication(item, scope.repository, cluster, schemas, scope);
    }),
  );
  const { clear, problems } = withoutAmbiguous(prepared, scope.chosen);
  const gated = await withPushGates(clear, flux, scope, delivered.listed);
  return { prepared: gated, problems: [...delivered.problems, ...problems], flux, delivered };
}

/** What the engine cannot fetch yet stands in the way as much as a suspension does. */
async function withPushGates(
  prepared: readonly PreparedApplication[],
  flux: ReadonlyMap<string, FluxApplication>,
  { repository, pushGates, tree, signal }: ClusterScope,
  listed: readonly string[],
): Promise<PreparedApplication[]> {
  if (repository === undefined) return [...prepared];
  const sources = prepared.flatMap(({ application, files }) => {
    const source = flux.get(application.id)?.delivery.source;
    const branch = source?.ref.branch;
    return source === undefined || branch === undefined ? [] : [{ application, files, url: source.url, branch }];
  });
  const gates = await (pushGates ?? new PushGates(repository)).gatesOf(sources, tree, listed, signal);
  return prepared.map((item) => {
    const gate = gates.get(item.application.id);
    if (gate === undefined) return item;
    return { ...item, application: { ...item.application, gates: [gate, ...item.application.gates] } };
  });
}

async function findDelivered(cluster: Cluster, scope: ClusterScope): Promise<DeliveredApplications> {
  if (scope.repository === undefined) return { applications: [], problems: [], listed: [] };
  const objects = await readFluxObjects(cluster, scope.signal);
  if (objects.kustomizations.length === 0) return { applications: [], problems: objects.problems, listed: [] };
  const facts = await factsOf(scope.repository, scope);
  const matched = matchFluxApplications(objects, cluster.context, facts);
  const problems = [...objects.problems, ...matched.problems];
  return { applications: matched.applications, problems, listed: facts.files };
}

async function factsOf(repository: GitRepository, scope: ClusterScope): Promise<RepositoryFacts> {
  const [remotes, head, files] = await Promise.all([
    repository.remotes(scope.signal),
    repository.head(scope.signal),
    scope.tree.list(undefined, scope.signal),
  ]);
  return {
    remotes: remotes.map((remote) => remote.url),
    files,
    ...(head?.branch === undefined ? {} : { branch: head.branch }),
  };
}
