import type { Application } from '../../core/delivery/application.ts';
import { type Disposable, Emitter } from '../../core/emitter.ts';
import { type KubeObject, type ObjectKey, keyText } from '../../core/kube/objectKey.ts';
import type { Location } from '../../core/location.ts';
import type { Problem } from '../../core/problem.ts';
import { isBelow } from '../../core/repositoryPath.ts';
import type { Clock } from '../../ports/clock.ts';
import type { FileTree } from '../../ports/fileTree.ts';
import type { Commit, FileStatus, GitRepository } from '../../ports/gitRepository.ts';
import type { Log } from '../../ports/log.ts';
import type { KnownApplication } from '../drift/driftSession.ts';
import { CommitPlans, type PlanSettings, type PlanSource, type PlannedObject, watchedObjects } from './commitPlans.ts';
import { type CommitStages, readCommitStages, readOlderCommits, worktree } from './commitStages.ts';
import type { EngineState } from './engineState.ts';
import { EngineWatch } from './engineWatch.ts';
import { LiveVersions } from './liveVersions.ts';
import { locateStep } from './locateStep.ts';
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
  older?: { commits: readonly Commit[]; more: boolean };
  problems: readonly Problem[];
}

const olderAtOnce = 20;
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
  readonly #versions = new LiveVersions();
  readonly #queue: PlanQueue;
  readonly #wanted = new Set<string>();
  /** Files outside of the application's folder that a render has read: commits that touch them are its own as well. */
  readonly #files = new Set<string>();
  readonly onDidChange = this.#didChange.event;
  #controller: AbortController | undefined;
  #watch: { watch: EngineWatch; cluster: unknown; ready: Promise<void> } | undefined;
  #schemas: unknown;
  #snapshot: CommitsSnapshot | undefined;
  #older: { commits: readonly Commit[]; more: boolean } | undefined;
  #history: { stages: CommitStages; engine: string } | undefined;
  #chains = new Map<string, readonly PlanSource[]>();
  #sources = new WeakMap<object, number>();
  #sourceCount = 0;
  #historyCount = 0;
  #git: { urls: string[]; branch: string | undefined } | undefined;
  #error: Error | undefined;
  #timer: NodeJS.Timeout | undefined;
  #updating: Promise<void> | undefined;
  #again = false;

  constructor(options: CommitsSessionOptions) {
    this.#options = options;
    this.#queue = new PlanQueue(new CommitPlans(options.clock), options.log, () => this.#planned());
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
    this.#forgetHistory();
    this.#schedule();
  }

  /** Live objects or what is rendered of the working tree may have changed. */
  findingsChanged(): void {
    this.#schedule();
  }

  /** Looks at everything anew, plans included. */
  refresh(): Promise<void> {
    this.#queue.clear();
    this.#forgetHistory();
    return this.#controller === undefined ? Promise.resolve() : this.#update();
  }

  /** Plans a row that is not planned by itself: what is applied already, or an older commit. */
  want(revision: string): void {
    if (this.#wanted.has(revision)) return;
    this.#wanted.add(revision);
    this.#schedule();
  }

  /**
   * The plan of a revision once it is computed, or has failed. Undefined where there is nothing to plan: a working tree without changes,
   * an engine whose doing is not foretold, or a session that ends meanwhile.
   */
  async planOf(revision: string, signal: AbortSignal): Promise<PlanState | undefined> {
    this.#wanted.add(revision);
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
    const count = (this.#older?.commits.length ?? 0) + olderAtOnce;
    const application = { path: known.prepared.application.source.path, files: [...this.#files] };
    // One more than is shown tells whether there are more.
    const commits = await readOlderCommits(this.#options.repository, application, from, count + 1);
    this.#older = { commits: commits.slice(0, count), more: commits.length > count };
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

  #forgetHistory(): void {
    this.#history = undefined;
    this.#git = undefined;
    this.#historyCount += 1;
    this.#older = undefined;
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
    const { repository } = this.#options;
    const { application } = known.prepared;
    const watch = await this.#watching(known);
    const { urls, branch } = (this.#git ??= await askGit(repository, signal));
    signal.throwIfAborted();
    const engine = watch.state(urls, branch);
    const flux = watch.delivery(urls, branch) ?? known.flux;
    this.#learnFiles(known.prepared.files, application);
    const stages = await this.#stages(application, engine, signal);
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
      this.#watch = { watch, cluster: known.cluster, ready: watch.start() };
      await this.#watch.ready;
      watch.onDidChange(() => this.#schedule());
      return watch;
    }
    await this.#watch.ready;
    return this.#watch.watch;
  }

  /** Git is asked again only when a commit, a file or the engine has moved. */
  async #stages(application: Application, engine: EngineState, signal: AbortSignal): Promise<CommitStages> {
    const { path } = application.source;
    const key = JSON.stringify([engine, this.#files.size]);
    if (this.#history?.engine === key) return this.#withUnsaved(this.#history.stages, application);
    const asked = this.#historyCount;
    const question = { id: application.id, path, files: [...this.#files] };
    const stages = await readCommitStages(this.#options.repository, question, engine, signal);
    // A change that came while Git answered is not known yet.
    if (asked === this.#historyCount) this.#history = { stages, engine: key };
    return this.#withUnsaved(stages, application);
  }

  /** What is typed and not saved is no less of the working tree. */
  #withUnsaved(stages: CommitStages, application: Application): CommitStages {
    const edited = new Map(stages.edited.map((file) => [file.path, file]));
    for (const path of this.#options.unsaved()) {
      if (!isBelow(path, application.source.path) && !this.#files.has(path)) continue;
      const unsaved: FileStatus = { path, staged: false, unstaged: true, change: 'modified' };
      edited.set(path, edited.get(path) ?? unsaved);
    }
    return { ...stages, edited: [...edited.values()] };
  }

  #learnFiles(files: readonly string[], application: Application): boolean {
    const before = this.#files.size;
    for (const file of files) if (!isBelow(file, application.source.path)) this.#files.add(file);
    return this.#files.size > before;
  }

  #aim(known: KnownApplication, stages: CommitStages, engine: EngineState): void {
    if (this.#schemas !== known.schemas) this.#queue.clear();
    this.#schemas = known.schemas;
    // How Argo CD applies is not foretold yet.
    if (known.prepared.application.engine === 'argocd') {
      this.#chains = new Map();
      this.#queue.aim(undefined);
      return;
    }
    const version = this.#versions.take(new Map([...watchedObjects(known).objects, ...groundOf(known)]));
    const base = JSON.stringify([version, fingerprintOf(known, engine)]);
    const first = stages.applied?.revision ?? stages.base?.id;
    const following = stages.unapplied.toReversed().map((item) => item.commit.id);
    const edited = stages.edited.length > 0;
    const needsFirst =
      first !== undefined &&
      (following.length > 0 || edited || stages.applied === undefined || this.#wanted.has(first));
    const chain: PlanSource[] = [];
    const chains = new Map<string, readonly PlanSource[]>();
    const add = (source: PlanSource): void => {
      chain.push(source);
      chains.set(source.revision, [...chain]);
    };
    for (const revision of needsFirst ? [first, ...following] : following) add(this.#commitSource(revision));
    if (edited) add(this.#worktreeSource(known));
    for (const { id } of this.#older?.commits ?? []) {
      if (this.#wanted.has(id) && !chains.has(id)) chains.set(id, [this.#commitSource(id)]);
    }
    this.#chains = chains;
    this.#queue.aim({ base, chains: [...chains.values()], known, settings: this.#options.settings() });
  }

  #commitSource(revision: string): PlanSource {
    const { repository } = this.#options;
    return { revision, fingerprint: revision, tree: (signal) => repository.tree(revision, { signal }) };
  }

  /** The working tree is rendered by the session of drift already, unsaved text included. */
  #worktreeSource({ prepared }: KnownApplication): PlanSource {
    let count = this.#sources.get(prepared.targets);
    if (count === undefined) {
      count = ++this.#sourceCount;
      this.#sources.set(prepared.targets, count);
    }
    const tree = (): Promise<never> => Promise.reject(new TypeError('the working tree is rendered already'));
    return { revision: worktree, fingerprint: `${worktree} ${count}`, prepared, tree };
  }

  #planned(): void {
    const snapshot = this.#snapshot;
    if (snapshot === undefined) return;
    this.#publish();
    const plans = [...snapshot.plans.values()].filter((plan) => plan.state === 'ready');
    // A base that the working tree does not read any more, and whose commits count nevertheless.
    const learned = plans.some(({ plan }) => this.#learnFiles(plan.files, snapshot.application));
    if (learned) this.#schedule();
  }

  #publish(): void {
    if (this.#snapshot === undefined) return;
    const plans = new Map([...this.#chains].map(([revision, chain]) => [revision, this.#queue.stateOf(chain)]));
    const older = this.#older === undefined ? {} : { older: this.#older };
    const { older: _before, ...rest } = this.#snapshot;
    this.#snapshot = { ...rest, plans, ...older };
    this.#didChange.fire(undefined);
  }
}

/** Namespaces and definitions that other applications bring: without them objects are blocked. */
function groundOf({ live }: KnownApplication): [string, KubeObject][] {
  return [...live.objects].filter(([key]) =>
    /^(?:\/Namespace|apiextensions\.k8s\.io\/CustomResourceDefinition)\//.test(key),
  );
}

async function askGit(
  repository: GitRepository,
  signal: AbortSignal,
): Promise<{ urls: string[]; branch: string | undefined }> {
  const [remotes, head] = await Promise.all([repository.remotes(signal), repository.head(signal)]);
  return { urls: remotes.map((remote) => remote.url), branch: head?.branch };
}

/** What of the engine's objects decides a plan, beside the live objects and the source. */
function fingerprintOf({ flux, prepared }: KnownApplication, engine: EngineState): unknown {
  if (flux === undefined) return [engine.applied ?? null, engine.appliedAt ?? null, prepared.application.destination];
  const { kustomization, overlay, commonMetadata } = flux.delivery;
  return [kustomization.prune, kustomization.force, kustomization.inventory, overlay, commonMetadata];
}
