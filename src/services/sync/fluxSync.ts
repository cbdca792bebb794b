import { readFluxGitRepository } from '../../core/delivery/flux/fluxGitRepository.ts';
import { type FluxKustomization, readFluxKustomization } from '../../core/delivery/flux/fluxKustomization.ts';
import type { Cluster } from '../../ports/cluster.ts';
import { ClusterError } from '../../ports/clusterError.ts';
import type { FluxDelivery } from '../applications/fluxApplications.ts';
import type { DeclaredTarget } from '../drift/target.ts';
import type { Sleep } from '../actions/pause.ts';
import { FluxObjectsOf } from './fluxObjectsOf.ts';
import { StuckPods } from './stuckPods.ts';
import type { SyncListener, SyncOutcome } from './syncOutcome.ts';
import { waitForHealth } from './waitForHealth.ts';

export interface FluxSyncOptions {
  /** The commit that must be applied; undefined for whatever the source holds. */
  commit?: string;
  /** Applies what the source holds already, without asking it to fetch: a restore brings nothing new. */
  asFetched?: boolean;
  /** Waits until Flux says Ready for it, at most so long. */
  waitMilliseconds: number;
  /** Waits until these are healthy as well: Ready says so only where the Kustomization waits itself (semantics F-12). */
  targets?: readonly DeclaredTarget[];
  now(): Date;
  sleep: Sleep;
  signal?: AbortSignal;
}

const pollMilliseconds = 500;

/**
 * Asks Flux to fetch and to apply now, and waits until it has: the source first, then the Kustomization, each through its
 * `requestedAt` annotation (semantics (d)). Refuses what is suspended, since Flux would ignore the request without a word.
 */
export async function fluxSync(
  delivery: FluxDelivery,
  cluster: Cluster,
  options: FluxSyncOptions,
  onStep: SyncListener,
): Promise<SyncOutcome> {
  const objects = new FluxObjectsOf(delivery, cluster, options.signal);
  const deadline = options.now().getTime() + options.waitMilliseconds;
  let done = 'nothing was asked of Flux';
  let next = 'it reconciles at its own interval';
  const fetch = async (): Promise<Fetched> => {
    const stamp = await objects.request('source', options.now());
    onStep({ step: 'requested', what: `GitRepository ${delivery.kustomization.source.name}` });
    done = 'Flux was asked to fetch';
    next = 'it applies what it fetched at its next reconcile';
    return until(options, deadline, async () => {
      const source = readFluxGitRepository(await objects.get('source'));
      if (source.lastHandledReconcileAt !== stamp) return undefined;
      if (source.ready?.status === 'False') return { failed: `GitRepository ${source.name}: ${source.ready.message}` };
      const isWanted = options.commit === undefined || source.fetched?.commit === options.commit;
      return source.ready?.status === 'True' && isWanted ? { revision: source.fetched?.commit ?? '' } : undefined;
    });
  };
  try {
    const refusal = await suspended(objects, options.asFetched === true);
    if (refusal !== undefined) return refusal;
    const fetched = options.asFetched === true ? await heldBy(objects) : await fetch();
    if (fetched === undefined) {
      const wanted = options.commit === undefined ? 'anew' : options.commit.slice(0, 7);
      return { result: 'failed', reason: `the source did not fetch ${wanted} in time`, done };
    }
    if ('failed' in fetched) return { result: 'failed', reason: fetched.failed, done };
    onStep({ step: 'fetched', revision: fetched.revision });
    done = `${fetched.revision.slice(0, 7)} was fetched`;
    next = 'Flux will apply it at its next reconcile';

    options.signal?.throwIfAborted();
    const applyStamp = await objects.request('kustomization', options.now());
    onStep({ step: 'requested', what: `Kustomization ${delivery.kustomization.name}` });
    next = 'Flux was asked to apply it and does so unwatched';
    // What the source fetched meanwhile by itself is as good where no commit is waited for.
    const isWanted = (commit: string | undefined): boolean => options.asFetched === true || commit === fetched.revision;
    let seen: FluxKustomization | undefined;
    const endOf = (kustomization: FluxKustomization): { ready: true } | ApplyFailure | undefined => {
      if (kustomization.lastHandledReconcileAt !== applyStamp) return undefined;
      if (kustomization.observedGeneration !== kustomization.generation) return undefined;
      const { ready } = kustomization;
      if (ready?.status === 'True' && isWanted(kustomization.lastApplied?.commit)) return { ready: true };
      // `Unknown` is progress; a failed health check or a refusal is the end of this attempt.
      if (ready?.status !== 'False' || !isWanted(kustomization.lastAttempted?.commit)) return undefined;
      const isApplied = kustomization.lastApplied?.commit === fetched.revision;
      return { failed: ready.message, reason: ready.reason, isApplied };
    };
    const stuck = new StuckPods(cluster, options);
    let said: string | undefined;
    const applied = await until(options, deadline, async () => {
      seen = readFluxKustomization(await objects.get('kustomization'));
      const end = endOf(seen);
      if (end !== undefined) return end;
      // A Kustomization that waits for health itself says nothing of it until its time is over.
      const trouble = await stuck.look(options.targets ?? []);
      if (trouble !== undefined && trouble !== said) onStep({ step: 'waiting', for: trouble });
      said = trouble;
      return undefined;
    });
    if (applied === undefined) return unfinished(seen, fetched.revision, done);
    if ('failed' in applied) {
      // A failed health check comes after everything was applied (semantics P-2).
      if (applied.isApplied || isHealthFailure(applied.reason))
        return { result: 'unhealthy', reason: applied.failed, done };
      return { result: 'failed', reason: applied.failed, done };
    }
    onStep({ step: 'applied', revision: fetched.revision });
    done = `${fetched.revision.slice(0, 7)} was applied`;
    if (options.targets !== undefined) {
      const milliseconds = Math.max(0, deadline - options.now().getTime());
      return await waitForHealth(cluster, options.targets, { ...options, milliseconds }, onStep, done);
    }
    if (!delivery.kustomization.wait) return { result: 'done', health: 'not-waited' };
    onStep({ step: 'healthy' });
    return { result: 'done', health: 'healthy' };
  } catch (error) {
    if (options.signal?.aborted === true) return { result: 'stopped', done, next };
    if (!ClusterError.is(error)) throw error;
    return {
      result: 'failed',
      reason: error.message,
      done,
      ...(error.remedy === undefined ? {} : { remedy: error.remedy }),
    };
  }
}

interface ApplyFailure {
  failed: string;
  reason: string | undefined;
  isApplied: boolean;
}

type Fetched = { revision: string } | { failed: string } | undefined;

async function heldBy(objects: FluxObjectsOf): Promise<Fetched> {
  const source = readFluxGitRepository(await objects.get('source'));
  return source.fetched === undefined
    ? { failed: `GitRepository ${source.name} has fetched nothing yet` }
    : { revision: source.fetched.commit };
}

function isHealthFailure(reason: string | undefined): boolean {
  return reason === 'HealthCheckFailed' || reason === 'HealthCheckCanceled';
}

/** The time is over: what Flux last said of it, and whether it had applied the revision by then. */
function unfinished(seen: FluxKustomization | undefined, revision: string, done: string): SyncOutcome {
  const said = seen?.ready?.message ?? 'Flux has not answered';
  const reason = `Kustomization ${seen?.name ?? ''} is not ready in time: ${said}`;
  const isApplied = seen?.lastApplied?.commit === revision;
  return { result: isApplied ? 'unhealthy' : 'failed', reason, done };
}

async function suspended(objects: FluxObjectsOf, asFetched: boolean): Promise<SyncOutcome | undefined> {
  const kustomization = readFluxKustomization(await objects.get('kustomization'));
  if (kustomization.suspended) {
    const why = kustomization.suspendReason === undefined ? '' : ` (“${kustomization.suspendReason}”)`;
    return {
      result: 'refused',
      reason: `Kustomization ${kustomization.name} is suspended${why}: nothing was sent`,
      remedy: 'Resume it first.',
    };
  }
  // A suspended source still holds what it fetched.
  if (asFetched) return undefined;
  const source = readFluxGitRepository(await objects.get('source'));
  return source.suspended
    ? {
        result: 'refused',
        reason: `GitRepository ${source.name} is suspended: nothing was sent`,
        remedy: 'Resume it first.',
      }
    : undefined;
}

/** Trouble that passes. */
const passing: ReadonlySet<ClusterError['reason']> = new Set(['unreachable', 'timeout', 'too-many-requests']);

async function until<T>(
  options: FluxSyncOptions,
  deadline: number,
  look: () => Promise<T | undefined>,
): Promise<T | undefined> {
  for (;;) {
    const isOver = options.now().getTime() >= deadline;
    try {
      const found = await look();
      if (found !== undefined) return found;
    } catch (error) {
      // The request was sent: an API server that goes away for a moment does not end what Flux does.
      if (isOver || !ClusterError.is(error) || !passing.has(error.reason)) throw error;
    }
    if (isOver) return undefined;
    await options.sleep(pollMilliseconds, options.signal);
  }
}
