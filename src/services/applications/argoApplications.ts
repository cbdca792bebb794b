import type { Application } from '../../core/delivery/application.ts';
import {
  type ArgoApplication,
  type ArgoSource,
  lastSyncOf,
  readArgoApplication,
} from '../../core/delivery/argocd/argoApplication.ts';
import { type ArgoBuild, argoBuild } from '../../core/delivery/argocd/argoBuild.ts';
import { argoGates } from '../../core/delivery/argocd/argoGates.ts';
import { remoteIdentity } from '../../core/delivery/remoteUrl.ts';
import type { IgnoreRule } from '../../core/drift/ignoreRule.ts';
import { argoIgnoreRules } from '../../core/drift/readIgnoreRules.ts';
import type { KubeObject } from '../../core/kube/objectKey.ts';
import type { Problem } from '../../core/problem.ts';
import { joinPath } from '../../core/repositoryPath.ts';
import type { ContextSummary } from '../../ports/cluster.ts';
import type { RepositoryFacts } from './fluxApplications.ts';

/** An application that Argo CD delivers from this repository, with what its engine says of it. */
export interface ArgoFound {
  application: Application;
  argo: ArgoApplication;
  /** The one of its sources that is in this repository. */
  source: ArgoSource;
  build: ArgoBuild;
  ignore: IgnoreRule[];
}

/** Where Argo CD runs, and what other clusters the user can reach. */
export interface ControlPlace {
  context: string;
  /** URL of its API server. */
  server: string;
  contexts: readonly ContextSummary[];
}

/** The Argo CD Applications with a source in this repository, matched by its URL and a path (design §2, "Found"). */
export function argoSources(
  objects: readonly KubeObject[],
  repository: RepositoryFacts,
): { object: KubeObject; argo: ArgoApplication; source: ArgoSource }[] {
  const identities = new Set(repository.remotes.map(remoteIdentity));
  return objects.flatMap((object) => {
    const argo = readArgoApplication(object);
    const source = argo.sources.find(
      ({ url, path, chart }) => path !== undefined && chart === undefined && identities.has(remoteIdentity(url)),
    );
    if (source?.path === undefined || joinPath('', source.path) === undefined) return [];
    return [{ object, argo, source }];
  });
}

/** What is said of one of them: where it goes, what is applied, and whether its objects can be compared here. */
export function describeArgo(
  found: { object: KubeObject; argo: ArgoApplication; source: ArgoSource },
  place: ControlPlace,
  repository: RepositoryFacts,
  project: KubeObject | undefined,
): { found: ArgoFound; problems: Problem[] } {
  const { object, argo, source } = found;
  const build = argoBuild(argo, source, repository.files);
  const destination = destinationOf(argo, place);
  const why = destination.why ?? ('why' in build ? build.why : undefined);
  const applied = lastSyncOf(argo);
  const { namespace } = argo.destination;
  const application: Application = {
    id: `argocd:${argo.namespace}/${argo.name}`,
    name: argo.name,
    engine: 'argocd',
    foundIn: 'argocd',
    source: { kind: build.kind, path: joinPath('', source.path ?? '') ?? '' },
    control: { context: place.context, namespace: argo.namespace, name: argo.name },
    destination: {
      ...(destination.context === undefined ? {} : { context: destination.context }),
      ...(namespace === undefined ? {} : { namespace }),
    },
    ...(applied === undefined ? {} : { applied }),
    gates: argoGates({
      application: argo,
      source,
      ...(repository.branch === undefined ? {} : { branch: repository.branch }),
      ...(project === undefined ? {} : { project }),
    }),
    ...(argo.sync === undefined ? {} : { sync: argo.sync }),
    ...(argo.health === undefined ? {} : { health: argo.health }),
    ...(argo.healthMessage === undefined ? {} : { healthMessage: argo.healthMessage }),
    ...(why === undefined ? {} : { notCompared: why }),
  };
  return {
    found: { application, argo, source, build, ignore: argoIgnoreRules(object) },
    problems: why === undefined ? [] : [argoNotCompared(application, why, place.context)],
  };
}

const inCluster = 'https://kubernetes.default.svc';

/** The context that a destination is: its own cluster, or the one whose API server has the URL. A spoke without one is unknown. */
function destinationOf({ destination }: ArgoApplication, place: ControlPlace): { context?: string; why?: string } {
  const { server, name } = destination;
  const isOwn = server === undefined ? name === 'in-cluster' : isSameServer(server, inCluster);
  if (isOwn || (server !== undefined && isSameServer(server, place.server))) return { context: place.context };
  const context = place.contexts.find((item) => server !== undefined && isSameServer(item.server, server));
  if (context !== undefined) {
    return { context: context.name, why: `its objects are in the cluster of the context ${context.name}` };
  }
  const where = server ?? name;
  return where === undefined
    ? { why: 'it names no cluster' }
    : { why: `its objects are in the cluster ${where}, which no context of the kubeconfig names` };
}

function isSameServer(a: string, b: string): boolean {
  const plain = (url: string): string => url.toLowerCase().replace(/\/+$/, '').replace(/:443$/, '');
  return plain(a) === plain(b);
}

/** That an application is listed with Argo CD's word of it, and nothing more. */
export function argoNotCompared(application: Application, why: string, context: string): Problem {
  return {
    code: 'not-checked',
    severity: 'error',
    message: `Application ${application.control?.namespace ?? ''}/${application.name} was not checked: ${why}.`,
    remedy: 'Argo CD’s own word of it is shown; look at the objects there.',
    application: application.id,
    context,
  };
}
