import type { Application } from '../../core/delivery/application.ts';
import { type KubeObject, keyText } from '../../core/kube/objectKey.ts';
import type { Problem } from '../../core/problem.ts';
import type { PlanList, PlanReport } from '../../core/report.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Cluster } from '../../ports/cluster.ts';
import type { Commit, GitRepository } from '../../ports/gitRepository.ts';
import { readLiveObjects } from '../live/readLiveObjects.ts';
import { type ClusterScope, type PreparedCluster, prepareCluster } from '../drift/prepareCluster.ts';
import type { PreparedApplication } from '../drift/prepareComparison.ts';
import { SchemaCache } from '../drift/schemaCache.ts';
import { applySetId, inventoryParentOf, membersOf, readInventory } from './applySetInventory.ts';
import { type Carried, carryOn, nothingCarried } from './carried.ts';
import type { Stranger } from './inventoryOwner.ts';
import { type OwnedObject, notDeclared } from './owned.ts';
import { previewApplication } from './previewApplication.ts';

export interface PreviewRequest extends Omit<ClusterScope, 'severalContexts' | 'reuse'> {
  /** A direct apply would prune what it owns. */
  prune: boolean;
  withPredicted: boolean;
}

/** One plan per application: what a reconcile of the request's tree would do to the cluster as it is now. */
export async function previewPlans(request: PreviewRequest, cluster: Cluster, clock: Clock): Promise<PlanList> {
  const schemas = new SchemaCache(cluster);
  const scope = await prepareCluster(cluster, schemas, { ...request, severalContexts: false });
  const state = await readState(scope, cluster, request);
  const plans: PlanReport[] = [];
  for (const prepared of scope.prepared.filter(isPlanned)) {
    const flux = scope.flux.get(prepared.application.id)?.delivery.kustomization;
    const { report } = await previewApplication(
      {
        prepared,
        ...(flux === undefined ? {} : { flux }),
        live: state.live,
        unreadable: state.unreadable,
        supposed: new Set(),
        stale: state.stale(prepared),
        ...(await setOf(prepared, cluster)),
        prune: request.prune,
        from: prepared.application.applied?.revision ?? 'live',
        to: request.tree.revision,
        withPredicted: request.withPredicted,
        ...(request.signal === undefined ? {} : { signal: request.signal }),
      },
      cluster,
      schemas,
      clock,
    );
    plans.push(report);
  }
  return planList(plans, [...scope.problems, ...state.problems, ...scope.prepared.flatMap(problemsOf)], clock);
}

/**
 * One plan per commit between what is applied and HEAD, oldest first: each starts from the predicted result of the one before
 * (semantics R-2), so the first one is the server's word and later ones are simulated.
 */
export async function previewCommits(
  request: PreviewRequest & { repository: GitRepository; applied: string; limit: number },
  cluster: Cluster,
  clock: Clock,
): Promise<{ plans: { commit: Commit; plan: PlanReport }[]; problems: Problem[] }> {
  const { repository, signal } = request;
  const withSignal = signal === undefined ? {} : { signal };
  const commits = await repository.log({ from: request.applied, to: 'HEAD', limit: request.limit, ...withSignal });
  const schemas = new SchemaCache(cluster);
  const plans: { commit: Commit; plan: PlanReport }[] = [];
  const problems: Problem[] = [];
  let carried: Carried | undefined;
  let from = request.applied;
  for (const commit of commits.toReversed()) {
    const tree = await repository.tree(commit.id, withSignal);
    try {
      const scope = await prepareCluster(cluster, schemas, { ...request, tree, severalContexts: false });
      const state = await readState(scope, cluster, request);
      const { live, owned, supposed, settled } = (carried ??= nothingCarried());
      // What this commit is the first to declare, or an earlier one left as it is, is as the cluster has it.
      for (const [key, object] of state.live) if (!supposed.has(key)) live.set(key, object);
      for (const prepared of scope.prepared.filter(isPlanned)) {
        const { id } = prepared.application;
        const flux = scope.flux.get(id)?.delivery.kustomization;
        const ownedBefore = owned.get(id);
        const stale =
          ownedBefore === undefined ? state.stale(prepared) : notDeclared(ownedBefore, prepared, request.skipKinds);
        const {
          report,
          predicted,
          settled: sent,
        } = await previewApplication(
          {
            prepared,
            ...(flux === undefined ? {} : { flux }),
            live,
            unreadable: state.unreadable,
            supposed,
            ...(settled.has(id) ? { settled: settled.get(id) ?? new Map() } : {}),
            stale,
            ...(await setOf(prepared, cluster)),
            prune: request.prune,
            from,
            to: commit.id,
            withPredicted: request.withPredicted,
            ...withSignal,
          },
          cluster,
          schemas,
          clock,
        );
        plans.push({ commit, plan: report });
        for (const key of carryOn(report, predicted, live)) supposed.add(key);
        settled.set(id, sent);
        owned.set(id, ownedAfter(prepared, live));
      }
      problems.push(...scope.problems);
      from = commit.id;
    } finally {
      await tree.dispose();
    }
  }
  return { plans, problems };
}

interface ClusterState {
  live: ReadonlyMap<string, KubeObject>;
  unreadable: ReadonlyMap<string, Problem>;
  stale(prepared: PreparedApplication): OwnedObject[];
  /** Of inventories that are another's. */
  problems: Problem[];
}

/** The live objects of all applications, and what each engine owns beyond what Git declares. */
async function readState(
  scope: PreparedCluster,
  cluster: Cluster,
  { repository, skipKinds, signal }: Pick<PreviewRequest, 'repository' | 'skipKinds' | 'signal'>,
): Promise<ClusterState> {
  const targets = scope.prepared.flatMap((item) => [...item.targets, ...item.extras]);
  const live = await readLiveObjects(cluster, targets, signal);
  const members = new Map<string, OwnedObject[]>();
  const problems: Problem[] = [];
  for (const { application } of scope.prepared) {
    if (application.engine !== 'direct') continue;
    const inventory = await readInventory(cluster, application, repository, signal);
    members.set(application.id, membersOf(inventory));
    if (inventory === undefined) continue;
    if ('stranger' in inventory) problems.push(notOwned(application, inventory.stranger));
    else if (inventory.hidden.length > 0) problems.push(notListed(application, inventory.hidden, cluster.context));
  }
  return {
    live: live.objects,
    unreadable: live.unreadable,
    problems,
    stale(prepared) {
      const extras = prepared.extras.map((target) => ({
        key: target.key,
        version: target.version,
        live: live.objects.get(keyText(target.key)),
      }));
      return [...extras, ...notDeclared(members.get(prepared.application.id) ?? [], prepared, skipKinds)];
    },
  };
}

/** A sync is refused for it. */
function notOwned(application: Application, { reason, remedy }: Stranger): Problem {
  return {
    code: 'not-checked',
    severity: 'error',
    message: `What ${application.name} owns is not known: ${reason}.`,
    remedy,
    application: application.id,
  };
}

function notListed(application: Application, kinds: readonly string[], context: string): Problem {
  return {
    code: 'forbidden',
    severity: 'warning',
    message: `What ${application.name} owns of ${kinds.join(', ')} is not known: ${context} does not let you list them.`,
    remedy: 'Ask for the right to list them; until then none of them is pruned.',
    application: application.id,
    context,
  };
}

async function setOf({ application }: PreparedApplication, cluster: Cluster): Promise<{ setId?: string }> {
  return application.engine === 'direct' ? { setId: await applySetId(inventoryParentOf(application, cluster)) } : {};
}

function ownedAfter(prepared: PreparedApplication, live: ReadonlyMap<string, KubeObject>): OwnedObject[] {
  return prepared.targets.map(({ key, version }) => ({ key, version, live: live.get(keyText(key)) }));
}

/** What Argo CD would do is not foretold: its waves, hooks and client-side applies are its own. */
function isPlanned({ application, rendered }: PreparedApplication): boolean {
  return rendered && application.engine !== 'argocd';
}

function problemsOf({ application, problems, rendered }: PreparedApplication): Problem[] {
  if (application.engine !== 'argocd' || !rendered) return problems;
  const told: Problem = {
    code: 'not-checked',
    severity: 'error',
    message: `${application.name} has no plan: what Argo CD would do is not foretold yet.`,
    remedy: 'Look at its differences with plumbline drift, or in Argo CD.',
    application: application.id,
  };
  return [...problems, told];
}

function planList(plans: PlanReport[], problems: Problem[], clock: Clock): PlanList {
  return { kind: 'PlanList', version: 1, at: clock.now().toISOString(), plans, problems };
}
