import { keyText } from '../../core/kube/objectKey.ts';
import { compareForApply } from '../../core/reconcile/applyOrder.ts';
import { type ApplySetParent, applySetParentObject } from '../../core/reconcile/applySet.ts';
import type { Cluster } from '../../ports/cluster.ts';
import { ClusterError } from '../../ports/clusterError.ts';
import { GitError } from '../../ports/gitError.ts';
import type { GitRepository } from '../../ports/gitRepository.ts';
import type { PreparedApplication } from '../drift/prepareComparison.ts';
import type { DeclaredTarget } from '../drift/target.ts';
import { applyTarget } from './applyTarget.ts';
import { applySetId, inventoryParentOf, membersOf, readInventory } from '../preview/applySetInventory.ts';
import { foreignOwners } from '../preview/foreignOwners.ts';
import { ownerAnnotations } from '../preview/inventoryOwner.ts';
import type { OwnedObject } from '../preview/owned.ts';
import type { Sleep } from '../actions/pause.ts';
import type { SyncListener, SyncOutcome } from './syncOutcome.ts';
import { waitForHealth } from './waitForHealth.ts';

export interface DirectSyncOptions {
  /** Deletes what the inventory owns and Git does not declare any more. */
  prune: boolean;
  /** Waits until everything is healthy, at most so long. */
  waitMilliseconds?: number;
  /** Its remotes say whose inventory it is. */
  repository: GitRepository | undefined;
  /** Revision that is applied, kept with the inventory. */
  revision: string;
  toolVersion: string;
  now(): Date;
  sleep: Sleep;
  signal?: AbortSignal;
}

/**
 * Applies an application by server-side apply, in the order that its kinds need, under an ApplySet that says what it owns; prunes when
 * asked to; waits for health when asked to. Stops at the first refusal: what was applied stays, and the outcome says so.
 */
export async function directSync(
  prepared: PreparedApplication,
  cluster: Cluster,
  options: DirectSyncOptions,
  onStep: SyncListener,
): Promise<SyncOutcome> {
  const { signal } = options;
  const failed = prepared.problems.find((problem) => problem.severity === 'error');
  if (failed !== undefined) {
    return {
      result: 'refused',
      reason: failed.message,
      ...(failed.remedy === undefined ? {} : { remedy: failed.remedy }),
    };
  }
  const targets = prepared.targets.toSorted((a, b) => compareForApply(a.key, b.key));
  const { application } = prepared;
  const parent = inventoryParentOf(application, cluster);
  const id = await applySetId(parent);
  let done = 0;
  const soFar = (): string => `${done} of ${targets.length} objects applied`;
  let before: Awaited<ReturnType<typeof readInventory>>;
  let owner: Record<string, string>;
  try {
    before = await readInventory(cluster, application, options.repository, signal);
    owner = await ownerAnnotations(application, options.repository, signal);
  } catch (error) {
    return ended(error, soFar(), signal);
  }
  if (before !== undefined && 'stranger' in before) return { result: 'refused', ...before.stranger };
  const stale = staleMembers(membersOf(before), targets);
  const inventory = { parent, id, owner };
  try {
    // The parent names old and new kinds until the prune is done, so that an interrupted sync loses track of nothing.
    await writeParent(cluster, inventory, targets, before?.contents, options);
    for (const target of targets) {
      signal?.throwIfAborted();
      const result = await applyTarget(cluster, target, id, options);
      done++;
      onStep({ step: 'applying', done, total: targets.length, key: target.key, result });
    }
    onStep({ step: 'applied', revision: options.revision });
    if (options.prune) {
      const live = stale.map((member) => member.live).filter((object) => object !== undefined);
      const held = await foreignOwners(cluster, live, signal);
      for (const member of stale.toSorted((a, b) => compareForApply(b.key, a.key))) {
        signal?.throwIfAborted();
        // Another engine has taken it over since.
        if (held.has(keyText(member.key))) continue;
        await pruneOne(cluster, member, signal);
        onStep({ step: 'pruned', key: member.key });
      }
    }
    // What could not be listed is not forgotten either.
    const isAllSeen = (before?.hidden ?? []).length === 0;
    if (isAllSeen && (options.prune || stale.length === 0))
      await writeParent(cluster, inventory, targets, undefined, options);
  } catch (error) {
    return ended(error, soFar(), signal);
  }
  if (options.waitMilliseconds === undefined) return { result: 'done', health: 'not-waited' };
  const wait = { ...options, milliseconds: options.waitMilliseconds };
  return waitForHealth(cluster, targets, wait, onStep, soFar());
}

/** What ended it before its end; what was applied stays. Rethrows faults of Plumbline. */
function ended(error: unknown, done: string, signal: AbortSignal | undefined): SyncOutcome {
  if (signal?.aborted === true) return { result: 'stopped', done, next: 'a new sync goes on from there' };
  if (!ClusterError.is(error) && !GitError.is(error)) throw error;
  const remedy = error.remedy === undefined ? {} : { remedy: error.remedy };
  return { result: 'failed', reason: error.message, done, ...remedy };
}

async function writeParent(
  cluster: Cluster,
  { parent, id, owner }: { parent: ApplySetParent; id: string; owner: Record<string, string> },
  targets: readonly DeclaredTarget[],
  earlier: { kinds: readonly { group: string; kind: string }[]; namespaces: readonly string[] } | undefined,
  options: DirectSyncOptions,
): Promise<void> {
  const { resources } = await cluster.discover();
  const configMap = resources.find((resource) => resource.group === '' && resource.kind === 'ConfigMap');
  if (configMap === undefined) return;
  await ensureNamespace(cluster, parent.namespace, id, targets, options);
  const object = applySetParentObject(parent, {
    id,
    tooling: `plumbline/${options.toolVersion}`,
    kinds: [...targets.map((target) => target.key), ...(earlier?.kinds ?? [])],
    namespaces: [...targets.map((target) => target.key.namespace), ...(earlier?.namespaces ?? [])],
  });
  const annotations = object.metadata['annotations'];
  object.metadata['annotations'] = {
    ...(typeof annotations === 'object' && annotations !== null && !Array.isArray(annotations) ? annotations : {}),
    'plumbline.dev/revision': options.revision,
    ...owner,
  };
  await cluster.apply(configMap, object, {
    fieldManager: 'plumbline',
    force: true,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
}

/** The inventory may live in a namespace that the change itself creates. */
async function ensureNamespace(
  cluster: Cluster,
  namespace: string,
  setId: string,
  targets: readonly DeclaredTarget[],
  options: DirectSyncOptions,
): Promise<void> {
  const own = targets.find((target) => target.key.kind === 'Namespace' && target.key.name === namespace);
  if (own?.resource === undefined) return;
  if ((await cluster.get(own.resource, '', namespace, options.signal)) !== undefined) return;
  await applyTarget(cluster, own, setId, options);
}

function staleMembers(members: readonly OwnedObject[], targets: readonly DeclaredTarget[]): OwnedObject[] {
  const declared = new Set(targets.map((target) => keyText(target.key)));
  return members.filter((member) => !declared.has(keyText(member.key)));
}

async function pruneOne(cluster: Cluster, member: OwnedObject, signal: AbortSignal | undefined): Promise<void> {
  const { resources } = await cluster.discover();
  const resource = resources.find((item) => item.group === member.key.group && item.kind === member.key.kind);
  const uid = member.live?.metadata['uid'];
  if (resource === undefined) return;
  await cluster.delete(resource, member.key.namespace, member.key.name, {
    propagation: 'background',
    // What was made anew under the same name since is not what the inventory owned.
    ...(typeof uid === 'string' ? { uid } : {}),
    ...(signal === undefined ? {} : { signal }),
  });
}
