import type { Application } from '../../core/delivery/application.ts';
import type { PlanList } from '../../core/report.ts';
import type { Problem } from '../../core/problem.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Cluster } from '../../ports/cluster.ts';
import type { FileTree } from '../../ports/fileTree.ts';
import type { GitRepository } from '../../ports/gitRepository.ts';
import type { RenderOptions, RenderResult } from '../../ports/renderer.ts';
import { findApplications } from '../applications/findApplications.ts';
import { type FluxApplication, finishAsFlux } from '../applications/fluxApplications.ts';
import { argoBuildOptions } from '../drift/prepareArgo.ts';
import { prepareCluster } from '../drift/prepareCluster.ts';
import {
  type PrepareOptions,
  type PreparedApplication,
  type Renderers,
  renderApplication,
} from '../drift/prepareComparison.ts';
import { SchemaCache } from '../drift/schemaCache.ts';
import { previewPlans } from '../preview/previewPlans.ts';
import type { Sleep } from './pause.ts';

export interface ActionScopeOptions {
  /** The one cluster that is acted on; whoever connected it closes it. */
  cluster: Cluster;
  /** The working tree. */
  tree: FileTree;
  repository: GitRepository | undefined;
  renderers: Renderers;
  /** Only applications below this folder; the empty string for all. */
  below: string;
  /** Ids of applications; empty for all. */
  chosen: ReadonlySet<string>;
  /** Found in the files already; looked for where absent. */
  derived?: readonly Application[];
  /** For objects without a namespace, where the application names none. */
  namespace?: string;
  /** A direct apply prunes what it owns. */
  prune: boolean;
  /** Adds predicted objects to plans, for diffs. */
  withPredicted?: boolean;
  clock: Clock;
  sleep: Sleep;
  /** Kept with what Plumbline applies itself. */
  toolVersion: string;
  signal?: AbortSignal;
}

/** What sync, rollback and restore have in common: one cluster, its applications rendered from the working tree, and their plans. */
export interface ActionScope {
  readonly options: ActionScopeOptions;
  readonly cluster: Cluster;
  readonly schemas: SchemaCache;
  readonly prepared: readonly PreparedApplication[];
  readonly flux: ReadonlyMap<string, FluxApplication>;
  readonly problems: readonly Problem[];
  /** Applications found in files, those included that are not of this scope. */
  readonly derived: readonly Application[];
  find(applicationId: string): PreparedApplication | undefined;
  /** Plans of all applications of the scope as they would be reconciled from a tree, the working tree by default. */
  preview(tree?: FileTree): Promise<PlanList>;
  /** What the engine adds when it builds an application. */
  buildOptions(application: Application): Promise<Omit<RenderOptions, 'signal'>>;
  /** Builds an application from another tree, as its engine does. */
  render(application: Application, tree: FileTree): Promise<RenderResult>;
  /** The same anew, as after a commit; `chosen` narrows it. */
  reopen(chosen?: ReadonlySet<string>): Promise<ActionScope>;
}

/**
 * Finds and renders what an action is about. Opens and closes nothing. Throws ClusterError where the cluster does not answer, GitError
 * where the repository cannot be read.
 */
export async function openActionScope(options: ActionScopeOptions): Promise<ActionScope> {
  const { cluster, tree, repository, renderers, below, chosen, signal } = options;
  const derived = options.derived ?? (await findApplications(tree, below, signal));
  const schemas = new SchemaCache(cluster);
  const request = {
    derived,
    below,
    chosen,
    tree,
    repository,
    renderers,
    // What is applied is all that Git declares: kinds that a view leaves out are applied all the same.
    skipKinds: new Set<string>(),
    prune: options.prune,
    withPredicted: options.withPredicted ?? false,
    ...(options.namespace === undefined ? {} : { namespace: options.namespace }),
    ...(signal === undefined ? {} : { signal }),
  };
  const { prepared, problems, flux, argo } = await prepareCluster(cluster, schemas, {
    ...request,
    severalContexts: false,
  });
  /** What the engine adds to a build, and does to each object after it. */
  const engineBuild = async ({ id }: Application): Promise<Pick<PrepareOptions, 'build' | 'finish'>> => {
    const delivery = flux.get(id)?.delivery;
    const found = argo.get(id);
    if (delivery !== undefined) {
      return {
        build: { kustomize: { unrestricted: true, overlay: delivery.overlay } },
        finish: (object) => finishAsFlux(object, delivery),
      };
    }
    return found === undefined ? {} : { build: await argoBuildOptions(found, cluster, signal) };
  };
  return {
    options,
    cluster,
    schemas,
    prepared,
    flux,
    problems,
    derived,
    buildOptions: async (application) => {
      const namespace = application.destination.namespace ?? options.namespace;
      const { build } = await engineBuild(application);
      return { ...(namespace === undefined ? {} : { namespace }), ...build };
    },
    find: (id) => prepared.find((item) => item.application.id === id),
    preview: (other = tree) => previewPlans({ ...request, tree: other }, cluster, options.clock),
    render: async (application, other) =>
      renderApplication(application, { ...request, tree: other, ...(await engineBuild(application)) }),
    reopen: async (narrowed = chosen) => {
      // What was found in the files before may have gone with them.
      const { derived: _before, ...rest } = options;
      return openActionScope({ ...rest, chosen: narrowed });
    },
  };
}
