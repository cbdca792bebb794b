import { isFluxKustomization } from '../../core/delivery/flux/fluxKustomization.ts';
import { fluxKustomizeGroup } from '../../core/delivery/flux/fluxKustomization.ts';
import { fluxSourceGroup, isFluxGitRepository } from '../../core/delivery/flux/fluxGitRepository.ts';
import type { KubeObject } from '../../core/kube/objectKey.ts';
import type { Problem } from '../../core/problem.ts';
import type { ApiResource, Cluster } from '../../ports/cluster.ts';
import { ClusterError } from '../../ports/clusterError.ts';

/** The Flux objects of a cluster that say what is delivered from where. */
export interface FluxObjects {
  kustomizations: KubeObject[];
  gitRepositories: KubeObject[];
  problems: Problem[];
}

/** Reads them with one LIST each; a cluster without Flux has none. What may not be read is a problem. */
export async function readFluxObjects(cluster: Cluster, signal?: AbortSignal): Promise<FluxObjects> {
  const { resources } = await cluster.discover(signal === undefined ? {} : { signal });
  const find = (group: string, kind: string): ApiResource | undefined =>
    resources.find((resource) => resource.group === group && resource.kind === kind);
  const found: FluxObjects = { kustomizations: [], gitRepositories: [], problems: [] };
  const list = async (resource: ApiResource | undefined): Promise<KubeObject[]> => {
    if (resource === undefined) return [];
    try {
      return (await cluster.list(resource, signal === undefined ? {} : { signal })).objects;
    } catch (error) {
      if (!ClusterError.is(error, 'forbidden')) throw error;
      found.problems.push({
        code: 'forbidden',
        severity: 'warning',
        message: `${cluster.context} does not show its Flux ${resource.kind} objects: ${error.message}`,
        remedy: `Ask for the right to list ${resource.resource}.${resource.group}; until then applications of Flux are compared as direct ones.`,
        context: cluster.context,
      });
      return [];
    }
  };
  const [kustomizations, gitRepositories] = await Promise.all([
    list(find(fluxKustomizeGroup, 'Kustomization')),
    list(find(fluxSourceGroup, 'GitRepository')),
  ]);
  found.kustomizations = kustomizations.filter(isFluxKustomization);
  found.gitRepositories = gitRepositories.filter(isFluxGitRepository);
  return found;
}
