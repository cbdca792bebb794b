import type { Application } from '../../core/delivery/application.ts';
import { isArgoApplication } from '../../core/delivery/argocd/argoApplication.ts';
import { isFluxGitRepository } from '../../core/delivery/flux/fluxGitRepository.ts';
import { isFluxKustomization } from '../../core/delivery/flux/fluxKustomization.ts';
import { type KubeObject, keyOf, keyText } from '../../core/kube/objectKey.ts';
import type { Location } from '../../core/location.ts';
import type { Problem } from '../../core/problem.ts';
import { isBelow } from '../../core/repositoryPath.ts';
import type { Gate } from '../../core/report.ts';
import type { Cluster, ContextSummary } from '../../ports/cluster.ts';
import type { FileTree } from '../../ports/fileTree.ts';
import type { GitRepository } from '../../ports/gitRepository.ts';
import { type ArgoFound, type ControlPlace, argoSources, describeArgo } from './argoApplications.ts';
import { readArgoSystemRules } from './argoSystemRules.ts';
import { type DeclaredObject, readDeclaredObjects } from './declaredObjects.ts';
import { type EngineObjects, readArgoProjects, readEngineObjects } from './engineObjects.ts';
import { type HelmFound, matchHelmReleases } from './helmReleases.ts';
import { type FluxApplication, type RepositoryFacts, matchFluxApplications } from './fluxApplications.ts';

/** What engines deliver from a repository to a cluster. */
export interface DeliveredApplications {
  applications: readonly FluxApplication[];
  argo: readonly ArgoFound[];
  helm: readonly HelmFound[];
  problems: readonly Problem[];
  /** The tree's files at that time. */
  listed: readonly string[];
}

export interface DeliveredScope {
  repository: GitRepository | undefined;
  tree: FileTree;
  /** Contexts that a destination may be, by the URL of its server; none is contacted. */
  knownContexts?: readonly ContextSummary[];
  signal?: AbortSignal;
}

export const nothingDelivered: DeliveredApplications = {
  applications: [],
  argo: [],
  helm: [],
  problems: [],
  listed: [],
};

/**
 * What Flux and Argo CD deliver from this repository to a cluster: by their live objects, and by those in files that a delivered folder
 * holds, since they come to be live with it. What files declare for other clusters of the same repository is none of this one's.
 */
export async function findDelivered(cluster: Cluster, scope: DeliveredScope): Promise<DeliveredApplications> {
  const { repository, signal } = scope;
  if (repository === undefined) return nothingDelivered;
  const objects = await readEngineObjects(cluster, signal);
  const { kustomizations, helmReleases, argoApplications } = objects;
  if (kustomizations.length + helmReleases.length + argoApplications.length === 0) {
    return { ...nothingDelivered, problems: objects.problems };
  }
  const facts = await factsOf(repository, scope);
  const place = { context: cluster.context, server: cluster.server, contexts: scope.knownContexts ?? [] };
  const flux = matchFluxApplications(objects, cluster.context, facts);
  const sources = argoSources(objects.argoApplications, facts);
  const projects = await readArgoProjects(
    cluster,
    sources.map(({ argo }) => argo),
    signal,
  );
  const namespaces = new Set(sources.map(({ argo: { namespace } }) => namespace));
  const system = await readArgoSystemRules(cluster, namespaces, signal);
  const argo = sources.map((source) => {
    const { namespace, project } = source.argo;
    const { found, problems } = describeArgo(source, place, facts, projects.get(`${namespace}/${project}`));
    const ignore = [...found.ignore, ...(system.rules.get(namespace) ?? [])];
    return { found: { ...found, ignore }, problems };
  });
  const live = {
    applications: flux.applications,
    argo: argo.map(({ found }) => found),
    helm: [],
    problems: [...objects.problems, ...system.problems, ...flux.problems, ...argo.flatMap(({ problems }) => problems)],
    listed: facts.files,
  };
  const declared = await readDeclaredObjects(scope.tree, facts.files, signal);
  const all = withDeclared(live, declared, objects, place, facts);
  const reached = [...all.applications, ...all.argo].map(({ application }) => application);
  return { ...all, helm: matchHelmReleases(helmReleases, declared, cluster.context, reached) };
}

/** What files alone say, without a cluster: every declared application whose source is this repository. */
export async function findDeclared(scope: Omit<DeliveredScope, 'knownContexts'>): Promise<Application[]> {
  const { repository } = scope;
  if (repository === undefined) return [];
  const facts = await factsOf(repository, scope);
  const declared = await readDeclaredObjects(scope.tree, facts.files, scope.signal);
  const place = { context: '', server: '', contexts: [] };
  const matched = matchDeclared(declared, noObjects, place, facts);
  const applications = [...matched.flux, ...matched.argo].map(({ item, location }) => ({
    application: item.application,
    location,
  }));
  const ids = new Map<string, number>();
  for (const { application } of applications) ids.set(application.id, (ids.get(application.id) ?? 0) + 1);
  return applications.map(({ application, location }) => {
    // Each cluster of a repository tends to have objects of the same names: then the file is part of the id.
    const isShared = (ids.get(application.id) ?? 0) > 1;
    const { control: _noCluster, ...rest } = application;
    return { ...rest, destination: {}, id: isShared ? `${application.id}#${location.file}` : application.id };
  });
}

const noObjects: Pick<EngineObjects, 'gitRepositories' | 'kustomizations' | 'argoApplications' | 'serves'> = {
  gitRepositories: [],
  kustomizations: [],
  argoApplications: [],
  serves: { flux: true, argocd: true },
};

function withDeclared(
  live: DeliveredApplications,
  declared: readonly DeclaredObject[],
  objects: EngineObjects,
  place: ControlPlace,
  facts: RepositoryFacts,
): DeliveredApplications {
  const matched = matchDeclared(declared, objects, place, facts);
  const reached = live.applications.map((item) => item.application).concat(live.argo.map((item) => item.application));
  const flux: FluxApplication[] = [];
  const argo: ArgoFound[] = [];
  let open: Matched[] = [
    ...matched.flux.map((found) => ({ ...found, take: () => void flux.push(found.item) })),
    ...matched.argo.map((found) => ({ ...found, take: () => void argo.push(found.item) })),
  ];
  // One that is reached brings others with it, as an app of apps does.
  for (let before = -1; before !== open.length;) {
    before = open.length;
    open = open.filter((candidate) => {
      const { file } = candidate.location;
      if (!reached.some((parent) => isBelow(file, parent.source.path))) return true;
      reached.push(candidate.item.application);
      candidate.take();
      return false;
    });
  }
  return {
    ...live,
    applications: [...live.applications, ...flux],
    argo: [...live.argo, ...argo],
    problems: [
      ...live.problems,
      ...matched.problems.filter(({ application }) => reached.some(({ id }) => id === application)),
    ],
  };
}

interface Matched {
  item: { application: Application };
  location: Location;
  take(): void;
}

interface MatchedDeclared {
  flux: { item: FluxApplication; location: Location }[];
  argo: { item: ArgoFound; location: Location }[];
  problems: Problem[];
}

/** Objects of files that are not live: a live one wins over a declared one with the same name. */
function matchDeclared(
  declared: readonly DeclaredObject[],
  live: Pick<EngineObjects, 'gitRepositories' | 'kustomizations' | 'argoApplications' | 'serves'>,
  place: ControlPlace,
  facts: RepositoryFacts,
): MatchedDeclared {
  const isLive = new Set([...live.kustomizations, ...live.argoApplications].map((object) => keyText(keyOf(object))));
  const matched: MatchedDeclared = { flux: [], argo: [], problems: [] };
  const open = declared.filter(({ object }) => !isLive.has(keyText(keyOf(object))));
  const repositories = withLive(open.map(({ object }) => object).filter(isFluxGitRepository), live.gitRepositories);
  for (const { object, location } of open) {
    if (isFluxKustomization(object) && live.serves.flux) {
      // One at a time, since several files may declare the same name.
      const only = { kustomizations: [object], gitRepositories: repositories };
      const found = matchFluxApplications(only, place.context, facts, { supposesSelf: true });
      matched.flux.push(...found.applications.map((item) => ({ item: notApplied(item, object, location), location })));
      matched.problems.push(...found.problems);
    } else if (isArgoApplication(object) && live.serves.argocd) {
      for (const source of argoSources([object], facts)) {
        const { found, problems } = describeArgo(source, place, facts, undefined);
        matched.argo.push({ item: notApplied(found, object, location), location });
        matched.problems.push(...problems);
      }
    }
  }
  return matched;
}

function withLive(declared: readonly KubeObject[], live: readonly KubeObject[]): KubeObject[] {
  return [...new Map([...declared, ...live].map((object) => [keyText(keyOf(object)), object])).values()];
}

/** Whatever else stands in the way counts only once the object is there. */
function notApplied<Item extends { application: Application }>(
  item: Item,
  object: KubeObject,
  location: Location,
): Item {
  const gate: Gate = {
    kind: 'not-applied',
    message: `${object.kind} ${item.application.name} is declared in ${location.file} and not applied to the cluster yet.`,
    remedy: 'Apply it, or sync what delivers that file.',
  };
  return { ...item, application: { ...item.application, gates: [gate], declared: location } };
}

async function factsOf(repository: GitRepository, scope: DeliveredScope): Promise<RepositoryFacts> {
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
