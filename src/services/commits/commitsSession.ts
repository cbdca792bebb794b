import type { Application } from '../../core/delivery/application.ts';
import { type Disposable, Emitter } from '../../core/emitter.ts';
import { type ObjectKey, keyText } from '../../core/kube/objectKey.ts';
import type { Location } from '../../core/location.ts';
import type { Problem } from '../../core/problem.ts';
import type { Clock } from '../../ports/clock.ts';
import type { FileTree } from '../../ports/fileTree.ts';
import type { GitRepository } from '../../ports/gitRepository.ts';
import type { Log } from '../../ports/log.ts';
import type { KnownApplication } from '../drift/driftSession.ts';
import { CommitHistory, type OlderCommits } from './commitHistory.ts';
import { CommitPlans, type PlanSettings, type PlanSource, type PlannedObject } from './commitPlans.ts';
import type { CommitStages } from './commitStages.ts';
import type { EngineState } from './engineState.ts';
import { EngineWatch } from './engineWatch.ts';
import { locateStep } from './locateStep.ts';
import { PlanChooser } from './planChooser.ts';
import { PlanQueue, type PlanState } from './planQueue.ts';

export interface CommitsSessionOptions {
  /** Id of the application. */
  application: string;
  repository: GitRepository;
  /** The application as the session of drift knows it; undefined before its first answer. */
  known(): KnownApplication | undefined;
  /** The working tree, with the texts of unsaved editors. */
  tree: FileTree;
  /** Paths from the root of files whose editors are not saved. */
  unsaved(): ReadonlySet<string>;
  settings(): PlanSettings;
  clock: Clock;
  log: Log;
}

/** The commits of one application on one cluster, as the view shows them. Full each time. */
export interface CommitsSnapshot {
  application: Application;
  context: string;
  engine: EngineState;
  stages: CommitStages;
  /** By revision: a full commit id, or `worktree`. A row without one is not planned. */
  plans: ReadonlyMap<string, PlanState>;
  /** Undefined until asked for. */
  older?: OlderCommits;
  problems: readonly Problem[];
}

/** Live events come in storms; so long they are collected before the plans are looked at. */
const settleMilliseconds = 200;

/**
 * Follows the commits of one application: where each stands between the working tree and the cluster, and what a reconcile of it will do.
 * Reads live objects through the session of drift, never again by itself. Works only between `resume` and `pause`; what it knows
 * outlives a pause.
 */
export class CommitsSession implements Disposable {
  readonly #options: CommitsSessionOptions;
  readonly #didChange = new Emitter<undefined>();
  readonly #queue: PlanQueue;
  readonly #history: CommitHistory;
  readonly #chooser: PlanChooser;
  readonly onDidChange = this.#didChange.event;
  #controller: AbortController | undefined;
  #watch: { watch: EngineWatch; cluster: unknown; ready: Promise<void> } | undefined;
  #schemas: unknown;
  #snapshot: CommitsSnapshot | undefined;
  #chains: ReadonlyMap<string, readonly PlanSource[]> = new Map();
  #error: Error | undefined;
  #timer: NodeJS.Timeout | undefined;
  #updating: Promise<void> | undefined;
  #again = false;

  constructor(options: CommitsSessionOptions) {
    this.#options = options;
    this.#history = new CommitHistory(options.repository, () => options.unsaved());
    this.#chooser = new PlanChooser(options.repository);
    this.#queue = new PlanQueue(new CommitPlans(options.repository, options.clock), options.log, () => this.#planned());
  }

  get application(): string {
    return this.#options.application;
  }

  /** Undefined before the first answer. */
  get snapshot(): CommitsSnapshot | undefined {
    return this.#snapshot;
  }

  /** Why the last look failed; what was known stays. */
  get error(): Error | undefined {
    return this.#error;
  }

  get isRunning(): boolean {
    return this.#controller !== undefined;
  }

  /** Begins or goes on; looks at once. */
  resume(): Promise<void> {
    this.#controller ??= new AbortController();
    return this.#update();
  }

  /** Ends all watches and work; nothing is contacted until the next `resume`. */
  pause(): void {
    clearTimeout(this.#timer);
    this.#controller?.abort();
    this.#controller = undefined;
    this.#watch?.watch.dispose();
    this.#watch = undefined;
    this.#queue.aim(undefined);
  }

  /** HEAD, a branch, the index or a file has changed. */
  historyChanged(): void {
    this.#history.forget();
    this.#schedule();
  }

  /** Live objects or what is rendered of the working tree may have changed. */
  findingsChanged(): void {
    this.#schedule();
  }

  /** Looks at everything anew, plans included. */
  refresh(): Promise<void> {
    this.#queue.clear();
    this.#history.forget();
    return this.#controller === undefined ? Promise.resolve() : this.#update();
  }

  /** Plans a row that is not planned by itself: what is applied already, or an older commit. */
  want(revision: string): void {
    if (this.#chooser.want(revision)) this.#schedule();
  }

  /**
   * The plan of a revision once it is computed, or has failed. Undefined where there is nothing to plan: a working tree without changes,
   * an engine whose doing is not foretold, or a session that ends meanwhile.
   */
  async planOf(revision: string, signal: AbortSignal): Promise<PlanState | undefined> {
    this.#chooser.want(revision);
    await this.#update();
    for (;;) {
      const plan = this.#snapshot?.plans.get(revision);
      if (plan === undefined || plan.state === 'ready' || plan.state === 'failed') return plan;
      if (this.#controller === undefined) return undefined;
      await this.#nextChange(signal);
    }
  }

  /** The object of a plan before and after it, unmasked. */
  planned(revision: string, key: ObjectKey): { object: PlannedObject; afterOthers: boolean } | undefined {
    const plan = this.#snapshot?.plans.get(revision);
    const object = plan?.state === 'ready' ? plan.plan.objects.get(keyText(key)) : undefined;
    return plan?.state !== 'ready' || object === undefined ? undefined : { object, afterOthers: plan.plan.afterOthers };
  }

  /** The line of the working tree that decides the first field that a plan changes of an object, else the object's own. */
  async locate(revision: string, key: ObjectKey, signal?: AbortSignal): Promise<Location | undefined> {
    const known = this.#options.known();
    if (known === undefined) return undefined;
    const plan = this.#snapshot?.plans.get(revision);
    const steps = plan?.state === 'ready' ? plan.plan.report.steps : [];
    const change = steps.find((step) => keyText(step) === keyText(key))?.changes[0];
    return locateStep(known, this.#options.tree, this.#options.settings(), key, change?.segments, signal);
  }

  /** Reads the next older commits. */
  async loadOlder(): Promise<void> {
    const from = this.#snapshot?.stages.olderThan;
    const known = this.#options.known();
    if (from === undefined || known === undefined) return;
    await this.#history.loadOlder(known.prepared.application, from);
    this.#publish();
  }

  dispose(): void {
    this.pause();
    this.#queue.clear();
    this.#didChange.dispose();
  }

  #nextChange(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        subscription.dispose();
        signal.removeEventListener('abort', stop);
      };
      const stop = (): void => {
        end();
        reject(signal.reason as Error);
      };
      const subscription = this.#didChange.event(() => {
        end();
        resolve();
      });
      signal.addEventListener('abort', stop, { once: true });
      if (signal.aborted) stop();
    });
  }

  #schedule(): void {
    if (this.#controller === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#update(), settleMilliseconds);
  }

  /** One look runs, at most one more waits. */
  #update(): Promise<void> {
    if (this.#updating !== undefined) {
      this.#again = true;
      return this.#updating;
    }
    this.#updating = this.#updateUntilSettled().finally(() => (this.#updating = undefined));
    return this.#updating;
  }

  async #updateUntilSettled(): Promise<void> {
    this.#again = false;
    const controller = this.#controller;
    if (controller === undefined) return;
    try {
      await this.#look(controller.signal);
      this.#error = undefined;
    } catch (error) {
      if (!controller.signal.aborted) {
        this.#options.log.error(`Commits of ${this.application} could not be read`, error);
        this.#error = error instanceof Error ? error : new Error(String(error));
        this.#didChange.fire(undefined);
      }
    }
    if (this.#isAskedAgain()) await this.#updateUntilSettled();
  }

  #isAskedAgain(): boolean {
    return this.#again;
  }

  async #look(signal: AbortSignal): Promise<void> {
    const known = this.#options.known();
    if (known === undefined) return;
    const { application } = known.prepared;
    const watch = await this.#watching(known);
    const { urls, branch } = await this.#history.place(signal);
    signal.throwIfAborted();
    const engine = watch.state(urls, branch);
    const flux = watch.delivery(urls, branch) ?? known.flux;
    this.#history.learnFiles(known.prepared.files, application);
    const stages = await this.#history.stages(application, engine, signal);
    signal.throwIfAborted();
    this.#snapshot = {
      application,
      context: known.cluster.context,
      engine,
      stages,
      plans: this.#snapshot?.plans ?? new Map(),
      problems: stages.problems,
    };
    this.#aim(flux === undefined ? known : { ...known, flux }, stages, engine);
    this.#publish();
  }

  async #watching(known: KnownApplication): Promise<EngineWatch> {
    if (this.#watch?.cluster !== known.cluster) {
      this.#watch?.watch.dispose();
      const watch = new EngineWatch(known.cluster, known.prepared.application, this.#options.log);
      const follow = (): void => void watch.onDidChange(() => this.#schedule());
      this.#watch = { watch, cluster: known.cluster, ready: watch.start().then(follow) };
    }
    const watched = this.#watch;
    try {
      await watched.ready;
    } catch (error) {
      // The next look begins anew, or nothing would ever be known of the engine.
      watched.watch.dispose();
      if (this.#watch === watched) this.#watch = undefined;
      throw error;
    }
    return watched.watch;
  }

  #aim(known: KnownApplication, stages: CommitStages, engine: EngineState): void {
    if (this.#schemas !== known.schemas) this.#queue.clear();
    this.#schemas = known.schemas;
    const chosen = this.#chooser.choose(known, stages, engine, this.#history.older?.commits ?? []);
    this.#chains = chosen?.chains ?? new Map();
    const settings = this.#options.settings();
    this.#queue.aim(
      chosen === undefined ? undefined : { base: chosen.base, chains: [...chosen.chains.values()], known, settings },
    );
  }

  #planned(): void {
    const snapshot = this.#snapshot;
    if (snapshot === undefined) return;
    this.#publish();
    const plans = [...snapshot.plans.values()].filter((plan) => plan.state === 'ready');
    // A base that the working tree does not read any more, and whose commits count nevertheless.
    const learned = plans.some(({ plan }) => this.#history.learnFiles(plan.files, snapshot.application));
    if (learned) this.#schedule();
  }

  #publish(): void {
    if (this.#snapshot === undefined) return;
    const plans = new Map([...this.#chains].map(([revision, chain]) => [revision, this.#queue.stateOf(chain)]));
    const { older } = this.#history;
    const { older: _before, ...rest } = this.#snapshot;
    this.#snapshot = { ...rest, plans, ...(older === undefined ? {} : { older }) };
    this.#didChange.fire(undefined);
  }
}
