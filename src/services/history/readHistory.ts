import type { Application } from '../../core/delivery/application.ts';
import { argoGroup } from '../../core/delivery/argocd/argoApplication.ts';
import { argoHistory } from '../../core/delivery/argocd/argoHistory.ts';
import { fluxHistory } from '../../core/delivery/flux/fluxHistory.ts';
import { fluxKustomizeGroup } from '../../core/delivery/flux/fluxKustomization.ts';
import type { KubeObject } from '../../core/kube/objectKey.ts';
import type { Problem } from '../../core/problem.ts';
import type { ApplicationHistory, HistoryEntry } from '../../core/report.ts';
import type { Cluster } from '../../ports/cluster.ts';
import { ClusterError } from '../../ports/clusterError.ts';
import type { Commit, GitRepository } from '../../ports/gitRepository.ts';
import { directState } from '../commits/engineState.ts';
import { inventoryParentOf } from '../preview/applySetInventory.ts';

export interface HistoryOptions {
  /** Where the commits are looked up; without it entries have neither subject nor author. */
  repository?: GitRepository | undefined;
  signal?: AbortSignal;
}

type Found = Pick<ApplicationHistory, 'entries' | 'complete'>;

/**
 * The revisions that were applied of some applications, newest first, as far as their engine remembers: Flux the last five, Argo CD as many
 * as it is told to, a direct apply the last one alone. What may not be read is a problem.
 */
export async function readHistory(
  applications: readonly Application[],
  cluster: Cluster,
  options: HistoryOptions = {},
): Promise<{ histories: ApplicationHistory[]; problems: Problem[] }> {
  const histories: ApplicationHistory[] = [];
  const problems: Problem[] = [];
  const commits = new Map<string, Promise<Commit | undefined>>();
  for (const application of applications) {
    const { id, name, engine } = application;
    try {
      const found = await historyOf(application, cluster, options.signal);
      const entries = await Promise.all(found.entries.map((entry) => withCommit(entry, commits, options)));
      histories.push({ application: id, name, engine, context: cluster.context, ...found, entries });
    } catch (error) {
      if (!ClusterError.is(error, 'forbidden')) throw error;
      problems.push({
        code: 'forbidden',
        severity: 'error',
        message: `The history of ${name} cannot be read: ${error.message}`,
        remedy: 'Ask for the right to read the object by which its engine delivers it.',
        application: id,
        context: cluster.context,
      });
    }
  }
  return { histories, problems };
}

async function historyOf(application: Application, cluster: Cluster, signal: AbortSignal | undefined): Promise<Found> {
  const { engine, control } = application;
  if (engine === 'direct') {
    const parent = inventoryParentOf(application, cluster);
    return directHistory(await read(cluster, '', 'ConfigMap', parent, signal));
  }
  // A HelmRelease remembers versions of its chart, which are no revisions of this repository.
  if (control === undefined || (engine === 'flux' && application.source.kind === 'helm'))
    return { entries: [], complete: false };
  if (engine === 'flux') return fluxHistory(await read(cluster, fluxKustomizeGroup, 'Kustomization', control, signal));
  return argoHistory(await read(cluster, argoGroup, 'Application', control, signal));
}

async function read(
  cluster: Cluster,
  group: string,
  kind: string,
  place: { namespace: string; name: string },
  signal: AbortSignal | undefined,
): Promise<KubeObject | undefined> {
  const { resources } = await cluster.discover(signal === undefined ? {} : { signal });
  const resource = resources.find((item) => item.group === group && item.kind === kind);
  return resource && cluster.get(resource, place.namespace, place.name, signal);
}

/** The set that Plumbline applied holds the last revision, and nothing of those before. */
function directHistory(parent: KubeObject | undefined): Found {
  const { applied } = directState(parent);
  // What was applied of a working tree is no revision.
  if (applied === undefined || applied === 'worktree') return { entries: [], complete: false };
  const { revision, at } = applied;
  const entry: HistoryEntry = { revision, outcome: 'succeeded', current: true, by: 'plumbline' };
  return { entries: [at === undefined ? entry : { ...entry, at }], complete: false };
}

async function withCommit(
  entry: HistoryEntry,
  commits: Map<string, Promise<Commit | undefined>>,
  { repository, signal }: HistoryOptions,
): Promise<HistoryEntry> {
  if (repository === undefined) return entry;
  let known = commits.get(entry.revision);
  if (known === undefined) {
    known = commitOf(entry.revision, repository, signal);
    commits.set(entry.revision, known);
  }
  const commit = await known;
  return commit === undefined ? entry : { ...entry, subject: commit.subject, author: commit.author };
}

async function commitOf(
  revision: string,
  repository: GitRepository,
  signal: AbortSignal | undefined,
): Promise<Commit | undefined> {
  if ((await repository.resolve(revision, signal)) === undefined) return undefined;
  const [commit] = await repository.log({ to: revision, limit: 1, ...(signal === undefined ? {} : { signal }) });
  return commit;
}
