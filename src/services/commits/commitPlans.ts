import { type KubeObject, type ObjectKey, keyText } from '../../core/kube/objectKey.ts';
import type { Problem } from '../../core/problem.ts';
import { staleEntries } from '../../core/reconcile/fluxPrune.ts';
import type { PlanReport } from '../../core/report.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Cluster } from '../../ports/cluster.ts';
import type { FileTree } from '../../ports/fileTree.ts';
import type { GitRepository } from '../../ports/gitRepository.ts';
import type { FluxApplication } from '../applications/fluxApplications.ts';
import type { KnownApplication } from '../drift/driftSession.ts';
import { extraTargets } from '../drift/extraTargets.ts';
import { asFluxBuilds } from '../drift/prepareFlux.ts';
import { type PreparedApplication, type Renderers, isWhole, prepareApplication } from '../drift/prepareComparison.ts';
import type { Target } from '../drift/target.ts';
import { readLiveObjects } from '../live/readLiveObjects.ts';
import { applySetId, inventoryParentOf, membersOf, readInventory } from '../preview/applySetInventory.ts';
import { type Carried, carryOn, changesObject, nothingCarried } from '../preview/carried.ts';
import { type OwnedObject, notDeclared } from '../preview/owned.ts';
import { Predictions } from './predictions.ts';
import { previewApplication } from '../preview/previewApplication.ts';

/** An object before and after a plan; unmasked, so whoever shows it masks it. */
export interface PlannedObject {
  key: ObjectKey;
  before?: KubeObject;
  after?: KubeObject;
}

/** The plan of one commit, or of the working tree, and what it starts from. */
export interface CommitPlan {
  report: PlanReport;
  /** Objects that the plan changes, by key. */
  objects: ReadonlyMap<string, PlannedObject>;
  /** The plan starts from what an earlier commit is supposed to have done. */
  afterOthers: boolean;
  /** Files that were read for it. */
  files: readonly string[];
  problems: readonly Problem[];
  /** Why the source could not be rendered: then the plan has no steps that mean anything. */
  failure?: Problem;
}

/** The sources of one plan. */
export interface PlanSource {
  /** Full commit id, or `worktree`. */
  revision: string;
  /** Another text means another source. */
  fingerprint: string;
  /** Rendered already; else `tree` is rendered. */
  prepared?: PreparedApplication;
  tree(signal: AbortSignal): Promise<FileTree>;
}

export interface PlanSettings {
  renderers: Renderers;
  skipKinds: ReadonlySet<string>;
  namespace?: string;
}

/** The cluster as all plans of one moment start from it. */
interface Base {
  id: string;
  live: Map<string, KubeObject>;
  unreadable: Map<string, Problem>;
  /** Keys that need no further look, whether or not there is such an object. */
  read: Set<string>;
  owned?: OwnedObject[];
}

interface Link {
  plan: CommitPlan;
  /** The state after it, for the next one. Never changed. */
  carried: Carried;
}

/**
 * Plans of commits that follow each other, each from the predicted result of the one before (semantics R-2). A plan is kept as long as its
 * source, those before it, and the live objects that all of them start from are the same.
 */
export class CommitPlans {
  readonly #repository: GitRepository;
  readonly #clock: Clock;
  readonly #links = new Map<string, Link>();
  readonly #predictions = new Predictions();
  #base: Base | undefined;

  constructor(repository: GitRepository, clock: Clock) {
    this.#repository = repository;
    this.#clock = clock;
  }

  /** Forgets all plans. */
  clear(): void {
    this.#links.clear();
    this.#predictions.clear();
    this.#base = undefined;
  }

  /** The last plan of a chain, where it is known already. `base` names the state of the cluster that the first one starts from. */
  known(base: string, chain: readonly PlanSource[]): CommitPlan | undefined {
    return this.#links.get(linkId(base, chain))?.plan;
  }

  /** Leaves out what no chain in use begins with, so that memory does not grow with each keystroke. */
  keepOnly(base: string, chains: readonly (readonly PlanSource[])[]): void {
    const kept = new Set<string>();
    for (const chain of chains)
      for (let end = 1; end <= chain.length; end++) kept.add(linkId(base, chain.slice(0, end)));
    for (const id of this.#links.keys()) if (!kept.has(id)) this.#links.delete(id);
  }

  /** Computes the last plan of a chain whose others are known. Rejects with the signal's reason when aborted. */
  async compute(
    base: string,
    chain: readonly PlanSource[],
    known: KnownApplication,
    settings: PlanSettings,
    signal: AbortSignal,
  ): Promise<CommitPlan> {
    const id = linkId(base, chain);
    const done = this.#links.get(id);
    if (done !== undefined) return done.plan;
    const source = chain.at(-1);
    if (source === undefined) throw new TypeError('a chain has at least one source');
    const before = chain.length > 1 ? this.#links.get(linkId(base, chain.slice(0, -1))) : undefined;
    if (chain.length > 1 && before === undefined) throw new TypeError('plans are computed in their order');
    const prepared = source.prepared ?? (await this.#prepare(source, known, settings, signal));
    const context = { base, known, settings, signal };
    const link = await this.#plan(prepared, source, before?.carried, chain.at(-2)?.revision, context);
    signal.throwIfAborted();
    this.#links.set(id, link);
    return link.plan;
  }

  async #prepare(
    source: PlanSource,
    known: KnownApplication,
    settings: PlanSettings,
    signal: AbortSignal,
  ): Promise<PreparedApplication> {
    const tree = await source.tree(signal);
    try {
      const { application } = known.prepared;
      const options = { ...settings, tree, signal };
      const built = known.flux === undefined ? options : asFluxBuilds(known.flux.delivery, options);
      return await prepareApplication(application, known.cluster, known.schemas, built);
    } finally {
      await tree.dispose();
    }
  }

  async #plan(
    prepared: PreparedApplication,
    source: PlanSource,
    earlier: Carried | undefined,
    earlierRevision: string | undefined,
    {
      base,
      known,
      settings,
      signal,
    }: { base: string; known: KnownApplication; settings: PlanSettings; signal: AbortSignal },
  ): Promise<Link> {
    const { cluster, schemas, flux } = known;
    const { application } = prepared;
    const state = await this.#stateFor(base, prepared, known, signal);
    const carried = copyOf(earlier ?? nothingCarried());
    // What an earlier commit left as it is, or this one is the first to declare, is as the cluster has it.
    for (const [key, object] of state.live) if (!carried.supposed.has(key)) carried.live.set(key, object);
    const before = new Map(carried.live);
    const ownedBefore = carried.owned.get(application.id);
    const owned = ownedBefore ?? state.owned ?? [];
    const settled = carried.settled.get(application.id);
    const stale = notDeclared(owned, prepared, settings.skipKinds);
    const result = await previewApplication(
      {
        prepared,
        ...(flux === undefined ? {} : { flux: flux.delivery.kustomization }),
        live: before,
        unreadable: state.unreadable,
        supposed: carried.supposed,
        ...(settled === undefined ? {} : { settled }),
        stale: stale.map((item) => ({ ...item, live: before.get(keyText(item.key)) ?? item.live })),
        ...(application.engine === 'direct'
          ? { setId: await applySetId(inventoryParentOf(application, cluster)) }
          : {}),
        memory: this.#predictions,
        // What a sync prunes is asked for when it is started; the plan says all that it can.
        prune: true,
        from: earlierRevision ?? 'live',
        to: source.revision,
        withPredicted: false,
        signal,
      },
      cluster,
      schemas,
      this.#clock,
    );
    const objects = new Map<string, PlannedObject>();
    for (const step of result.report.steps) {
      if (!changesObject(step.action)) continue;
      const key = keyText(step);
      const old = before.get(key) ?? stale.find((item) => keyText(item.key) === key)?.live;
      const after = step.action === 'prune' ? undefined : result.predicted.get(key);
      objects.set(key, {
        key: { group: step.group, kind: step.kind, namespace: step.namespace, name: step.name },
        ...(old === undefined ? {} : { before: old }),
        ...(after === undefined ? {} : { after }),
      });
    }
    for (const key of carryOn(result.report, result.predicted, carried.live)) carried.supposed.add(key);
    // Of what could not be read nobody knows what is owned afterwards, and a plan without it would promise too little.
    if (isWhole(prepared)) {
      carried.settled.set(application.id, result.settled);
      const kept = prepared.targets.map(({ key, version }) => ({ key, version, live: carried.live.get(keyText(key)) }));
      carried.owned.set(application.id, kept);
    }
    const failure = isWhole(prepared) ? undefined : prepared.problems.find((problem) => problem.severity === 'error');
    const plan: CommitPlan = {
      report: result.report,
      objects,
      afterOthers: (earlier?.supposed.size ?? 0) > 0,
      files: prepared.files,
      problems: prepared.problems,
      ...(failure === undefined ? {} : { failure }),
    };
    return { plan, carried };
  }

  /** The cluster as it is: what is watched already, and what else this render needs, read once for all plans on the same base. */
  async #stateFor(
    base: string,
    prepared: PreparedApplication,
    known: KnownApplication,
    signal: AbortSignal,
  ): Promise<Base> {
    if (this.#base?.id !== base) {
      const watched = watchedObjects(known);
      this.#base = {
        id: base,
        live: watched.objects,
        unreadable: watched.unreadable,
        read: readKeys(known, watched.objects),
      };
    }
    const state = this.#base;
    const owned = known.flux === undefined ? [] : await inventoryOf(known.flux, known.cluster, signal);
    const unread = [...prepared.targets, ...owned].filter(({ key }) => !state.read.has(keyText(key)));
    if (unread.length > 0) {
      const found = await readLiveObjects(known.cluster, unread, signal);
      for (const [key, object] of found.objects) state.live.set(key, object);
      for (const [key, problem] of found.unreadable) state.unreadable.set(key, problem);
      for (const { key } of unread) state.read.add(keyText(key));
    }
    if (known.flux !== undefined) {
      state.owned = owned.map(({ key, version }) => ({ key, version, live: state.live.get(keyText(key)) }));
    } else if (known.prepared.application.engine === 'direct' && state.owned === undefined) {
      const { application } = known.prepared;
      state.owned = membersOf(await readInventory(known.cluster, application, this.#repository, signal));
    }
    return state;
  }
}

/** All that Flux owns, declared or not. */
async function inventoryOf(
  { application, delivery }: FluxApplication,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<Target[]> {
  const all = staleEntries(delivery.kustomization.inventory, []);
  return extraTargets(application, all, await cluster.discover({ signal }), new Set());
}

/** The live objects of an application that a session watches; a copy, because the session goes on. */
export function watchedObjects({ prepared, live }: Pick<KnownApplication, 'prepared' | 'live'>): {
  objects: Map<string, KubeObject>;
  unreadable: Map<string, Problem>;
} {
  const objects = new Map<string, KubeObject>();
  const unreadable = new Map<string, Problem>();
  for (const key of keysOf(prepared)) {
    const object = live.objects.get(key);
    const problem = live.unreadable.get(key);
    if (object !== undefined) objects.set(key, object);
    if (problem !== undefined) unreadable.set(key, problem);
  }
  return { objects, unreadable };
}

/** Keys of what is watched. Secrets are not: one that was missing when they were last read may be there by now. */
function readKeys({ prepared }: KnownApplication, live: ReadonlyMap<string, KubeObject>): Set<string> {
  return new Set([...keysOf(prepared)].filter((key) => !key.startsWith('/Secret/') || live.has(key)));
}

function keysOf(prepared: PreparedApplication): Set<string> {
  return new Set([...prepared.targets, ...prepared.extras].map((target) => keyText(target.key)));
}

function copyOf({ live, supposed, owned, settled }: Carried): Carried {
  return { live: new Map(live), supposed: new Set(supposed), owned: new Map(owned), settled: new Map(settled) };
}

function linkId(base: string, chain: readonly PlanSource[]): string {
  return [base, ...chain.map((source) => source.fingerprint)].join('\n');
}
