import type { Application } from '../../core/delivery/application.ts';
import { isBelow } from '../../core/repositoryPath.ts';
import type { Problem } from '../../core/problem.ts';
import type { Cluster, ContextSummary } from '../../ports/cluster.ts';
import type { GitRepository } from '../../ports/gitRepository.ts';
import type { ArgoFound } from '../applications/argoApplications.ts';
import { type DeliveredApplications, findDelivered } from '../applications/findDelivered.ts';
import { type FluxApplication, withoutDelivered } from '../applications/fluxApplications.ts';
import { inNamespace } from '../applications/inNamespace.ts';
import { PushGates } from '../applications/pushGates.ts';
import { withoutAmbiguous, withoutRivals } from './ambiguous.ts';
import type { HelmFound } from '../applications/helmReleases.ts';
import type { Gunzip } from '../../ports/gunzip.ts';
import { prepareHelmRelease } from './prepareHelmRelease.ts';
import { prepareArgoApplication } from './prepareArgo.ts';
import {
  type PrepareOptions,
  type PreparedApplication,
  emptyPreparation,
  prepareApplication,
} from './prepareComparison.ts';
import { prepareFluxApplication } from './prepareFlux.ts';
import type { SchemaCache } from './schemaCache.ts';

export interface ClusterScope extends PrepareOptions {
  /** Undefined for a folder without Git: then nothing is matched with what an engine delivers. */
  repository: GitRepository | undefined;
  /** Applications found in files. */
  derived: readonly Application[];
  /** What other clusters the user can reach, to name those that an engine applies to. None of them is contacted. */
  knownContexts?: readonly ContextSummary[];
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
  /** Unpacks releases of Helm; without it HelmReleases are left out, as where something is to be changed. */
  gunzip?: Gunzip;
  /** What was prepared before and is still true. */
  reuse?: (application: Application) => PreparedApplication | undefined;
  /** Adds to what was prepared of an application what is known of it besides, before it is held against the others. */
  complete?: (prepared: PreparedApplication) => PreparedApplication;
}

export interface PreparedCluster {
  prepared: PreparedApplication[];
  problems: Problem[];
  /** By id: those that Flux delivers. */
  flux: ReadonlyMap<string, FluxApplication>;
  /** By id: those that Argo CD delivers. */
  argo: ReadonlyMap<string, ArgoFound>;
  delivered: DeliveredApplications;
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
    [...delivered.applications, ...delivered.argo].map((item) => item.application),
  );
  const mark = (application: Application): Application => ({
    ...application,
    id: scope.severalContexts ? `${application.id}@${cluster.context}` : application.id,
    // An engine may apply to another cluster than its own.
    ...(application.engine === 'argocd'
      ? {}
      : { destination: { ...inNamespace(application, scope.namespace).destination, context: cluster.context } }),
  });
  const wanted = (application: Application): boolean =>
    isBelow(application.source.path, scope.below) && (scope.chosen.size === 0 || scope.chosen.has(application.id));
  const marked = <Item extends { application: Application }>(items: readonly Item[]): Map<string, Item> =>
    new Map(
      items
        .filter(({ application }) => wanted(application))
        .map((item) => ({ ...item, application: mark(item.application) }))
        .map((item) => [item.application.id, item]),
    );
  const flux = marked(delivered.applications);
  const argo = marked(delivered.argo);
  const { gunzip } = scope;
  const helm = marked(gunzip === undefined ? [] : delivered.helm);
  const found = [...flux.values(), ...argo.values(), ...helm.values()].map((item) => item.application);
  const read = await Promise.all(
    [...found, ...derived.filter(wanted).map(mark)].map(async (application) => {
      const helmItem = helm.get(application.id);
      // A release may have got another version, unless nothing was asked again.
      const isAsked = helmItem !== undefined && scope.delivered === undefined;
      const before = isAsked ? undefined : scope.reuse?.(application);
      // What was rendered is still true; what its engine says of it is new.
      if (before !== undefined) {
        const { ignore: _ignore, selfHeal: _selfHeal, applyFailed: _applyFailed, ...rendered } = before;
        return { ...rendered, application, ...engineWords(application, flux, argo, helm) };
      }
      if (application.notCompared !== undefined) return emptyPreparation(application);
      const fluxItem = flux.get(application.id);
      const argoItem = argo.get(application.id);
      const { repository } = scope;
      if (repository !== undefined && fluxItem !== undefined)
        return prepareFluxApplication(fluxItem, repository, cluster, schemas, scope);
      if (gunzip !== undefined && helmItem !== undefined)
        return prepareHelmRelease({ ...helmItem, application }, cluster, schemas, { ...scope, gunzip });
      if (repository !== undefined && argoItem !== undefined)
        return prepareArgoApplication(argoItem, repository, cluster, schemas, scope);
      return prepareApplication(application, cluster, schemas, scope);
    }),
  );
  const { complete } = scope;
  const prepared = complete === undefined ? read : read.map(complete);
  const { clear, problems } = withoutAmbiguous(withoutRivals(prepared, scope.chosen), scope.chosen);
  const gated = await withPushGates(clear, flux, argo, scope, delivered.listed);
  // What is wrong with an application counts where that one is asked for.
  const wantedIds = new Map(
    [...delivered.applications, ...delivered.argo]
      .filter(({ application }) => wanted(application))
      .map(({ application }) => [application.id, mark(application).id]),
  );
  const told = delivered.problems.flatMap((problem) => {
    const id = problem.application === undefined ? '' : wantedIds.get(problem.application);
    if (id === undefined) return [];
    return id === '' ? [problem] : [{ ...problem, application: id }];
  });
  return { prepared: gated, problems: [...told, ...problems], flux, argo, delivered };
}

/** What an engine says of its own object, beside what is rendered. */
function engineWords(
  { id }: Application,
  flux: ReadonlyMap<string, FluxApplication>,
  argo: ReadonlyMap<string, ArgoFound>,
  helm: ReadonlyMap<string, HelmFound>,
): Pick<PreparedApplication, 'ignore' | 'selfHeal' | 'applyFailed'> {
  const ignore = flux.get(id)?.delivery.ignore ?? argo.get(id)?.ignore ?? helm.get(id)?.ignore ?? [];
  const reverts = argo.get(id)?.argo.selfHeal ?? helm.get(id)?.release.correctsDrift;
  return {
    ...(ignore.length === 0 ? {} : { ignore }),
    ...(reverts === true ? { selfHeal: true } : {}),
    ...(flux.get(id)?.delivery.kustomization.applyFailed === true ? { applyFailed: true } : {}),
  };
}

/** What the engine cannot fetch yet stands in the way as much as a suspension does. */
async function withPushGates(
  prepared: readonly PreparedApplication[],
  flux: ReadonlyMap<string, FluxApplication>,
  argo: ReadonlyMap<string, ArgoFound>,
  { repository, pushGates, tree, signal }: ClusterScope,
  listed: readonly string[],
): Promise<PreparedApplication[]> {
  if (repository === undefined) return [...prepared];
  const sources = prepared.flatMap(({ application, files }) => {
    const source = flux.get(application.id)?.delivery.source;
    const argoSource = argo.get(application.id)?.source;
    const url = source?.url ?? argoSource?.url;
    const branch = source?.ref.branch ?? argoSource?.targetRevision;
    return url === undefined || branch === undefined ? [] : [{ application, files, url, branch }];
  });
  const gates = await (pushGates ?? new PushGates(repository)).gatesOf(sources, tree, listed, signal);
  return prepared.map((item) => {
    const gate = gates.get(item.application.id);
    if (gate === undefined) return item;
    return { ...item, application: { ...item.application, gates: [gate, ...item.application.gates] } };
  });
}
