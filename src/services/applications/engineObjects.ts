import { type ArgoApplication, argoGroup, isArgoApplication } from '../../core/delivery/argocd/argoApplication.ts';
import { fluxHelmGroup, isFluxHelmRelease } from '../../core/delivery/flux/fluxHelmRelease.ts';
import { fluxKustomizeGroup, isFluxKustomization } from '../../core/delivery/flux/fluxKustomization.ts';
import { fluxSourceGroup, isFluxGitRepository } from '../../core/delivery/flux/fluxGitRepository.ts';
import type { KubeObject } from '../../core/kube/objectKey.ts';
import type { Problem } from '../../core/problem.ts';
import type { ApiResource, Cluster } from '../../ports/cluster.ts';
import { ClusterError } from '../../ports/clusterError.ts';

/** The Flux objects of a cluster, or of files, that say what is delivered from where. */
export interface FluxObjects {
  kustomizations: KubeObject[];
  gitRepositories: KubeObject[];
}

export interface EngineObjects extends FluxObjects {
  helmReleases: KubeObject[];
  argoApplications: KubeObject[];
  /** The cluster serves kinds of the engine, so that what files declare may come to be there. */
  serves: { flux: boolean; argocd: boolean };
  problems: Problem[];
}

/** Reads them with one LIST each; a cluster without an engine has none. What may not be read is a problem. */
export async function readEngineObjects(cluster: Cluster, signal?: AbortSignal): Promise<EngineObjects> {
  const { resources } = await cluster.discover(signal === undefined ? {} : { signal });
  const find = (group: string, kind: string): ApiResource | undefined =>
    resources.find((resource) => resource.group === group && resource.kind === kind);
  const problems: Problem[] = [];
  const list = async (resource: ApiResource | undefined, engine: string): Promise<KubeObject[]> => {
    if (resource === undefined) return [];
    try {
      return (await cluster.list(resource, signal === undefined ? {} : { signal })).objects;
    } catch (error) {
      if (!ClusterError.is(error, 'forbidden')) throw error;
      problems.push({
        code: 'forbidden',
        severity: 'warning',
        message: `${cluster.context} does not show its ${engine} ${resource.kind} objects: ${error.message}`,
        remedy: `Ask for the right to list ${resource.resource}.${resource.group}; until then applications of ${engine} are compared as direct ones.`,
        context: cluster.context,
      });
      return [];
    }
  };
  const kustomization = find(fluxKustomizeGroup, 'Kustomization');
  const application = find(argoGroup, 'Application');
  const [kustomizations, helmReleases, gitRepositories, applications] = await Promise.all([
    list(kustomization, 'Flux'),
    list(find(fluxHelmGroup, 'HelmRelease'), 'Flux'),
    list(find(fluxSourceGroup, 'GitRepository'), 'Flux'),
    list(application, 'Argo CD'),
  ]);
  const argoApplications = applications.filter(isArgoApplication);
  return {
    kustomizations: kustomizations.filter(isFluxKustomization),
    helmReleases: helmReleases.filter(isFluxHelmRelease),
    gitRepositories: gitRepositories.filter(isFluxGitRepository),
    argoApplications,
    serves: { flux: kustomization !== undefined, argocd: application !== undefined },
    problems,
  };
}

/**
 * The AppProjects of Applications, by `namespace/name`. They hold sync windows: without the right to read them that gate is not known, and
 * everything else is.
 */
export async function readArgoProjects(
  cluster: Cluster,
  applications: readonly ArgoApplication[],
  signal?: AbortSignal,
): Promise<Map<string, KubeObject>> {
  const projects = new Map<string, KubeObject>();
  const { resources } = await cluster.discover(signal === undefined ? {} : { signal });
  const resource = resources.find(({ group, kind }) => group === argoGroup && kind === 'AppProject');
  if (resource === undefined) return projects;
  const wanted = new Map(
    applications.map(({ namespace, project }) => [`${namespace}/${project}`, { namespace, project }]),
  );
  for (const [key, { namespace, project }] of wanted) {
    const found = await cluster.get(resource, namespace, project, signal).catch((error: unknown) => {
      if (ClusterError.is(error, 'forbidden')) return undefined;
      throw error;
    });
    if (found !== undefined) projects.set(key, found);
  }
  return projects;
}
