import type { TaintPredicate } from '../../core/drift/mask.ts';
import { settingIgnoreRules } from '../../core/drift/readIgnoreRules.ts';
import { type Disposable, Emitter } from '../../core/emitter.ts';
import { type KubeObject, type ObjectKey, keyText } from '../../core/kube/objectKey.ts';
import type { Problem } from '../../core/problem.ts';
import type { DriftReport } from '../../core/report.ts';
import type { Cluster, ClusterProvider } from '../../ports/cluster.ts';
import { ClusterError } from '../../ports/clusterError.ts';
import type { Jq } from '../../ports/jq.ts';
import type { Log } from '../../ports/log.ts';
import type { FluxApplication } from '../applications/fluxApplications.ts';
import { EngineObjectWatch } from '../applications/engineObjectWatch.ts';
import { type LiveChange, LiveWatch } from '../live/liveWatch.ts';
import type { LiveObjects } from '../live/readLiveObjects.ts';
import { type ComparedApplication, assembleReport } from './assembleReport.ts';
import { clusterProblem } from './checkDrift.ts';
import type { CommitTimes } from './commitTimes.ts';
import { compareApplication } from './compareApplication.ts';
import { TargetComparer } from './compareTargets.ts';
import { DesiredSide, type DesiredSideOptions } from './desiredSide.ts';
import { type KeptSource, type PreparedApplication, emptyPreparation } from './prepareComparison.ts';
import { RefreshQueue, type RefreshScope } from './refreshQueue.ts';
import { SchemaCache } from './schemaCache.ts';

export interface DriftSessionOptions extends DesiredSideOptions {
  context: string;
  clusters: ClusterProvider;
  commitTimes: CommitTimes;
  jq?: Jq;
  log: Log;
}

/** Secrets are read again at most this often after a live change. */
const secretsDelayMilliseconds = 2000;

/** What a view shows. Full each time, never a difference to the last one. */
export interface DriftSnapshot {
  /** `loading` before the first answer; `stale` while the connection is lost or a refresh failed. */
  state: 'loading' | 'ready' | 'stale';
  report: DriftReport;
  /** Why it is stale. */
  error?: Error;
  /** By id: applications whose source cannot be read at the moment, of which the report has what the last look found. */
  kept?: ReadonlyMap<string, KeptSource>;
}

/** An object as Git declares it and as it is live, unmasked. */
export interface ObjectSides {
  desired?: KubeObject;
  live?: KubeObject;
  /** Values that came from Secrets, wherever they stand: whoever shows the object masks them. */
  isTainted?: TaintPredicate;
}

/** An application as a session knows it; `live` follows the cluster as long as the session does. */
export interface KnownApplication {
  cluster: Cluster;
  schemas: SchemaCache;
  prepared: PreparedApplication;
  live: LiveObjects;
  flux?: FluxApplication;
}

/**
 * A live report of one working tree against one context: rendered once, watched, and compared anew object by object as the
 * cluster or the files change. Ends with dispose; nothing is contacted before start.
 */
export class DriftSession implements Disposable {
  readonly #options: DriftSessionOptions;
  readonly #didChange = new Emitter<DriftSnapshot>();
  readonly #controller = new AbortController();
  readonly #desired: DesiredSide;
  readonly #queue = new RefreshQueue((scope) => this.#refreshNow(scope));
  readonly onDidChange = this.#didChange.event;
  #snapshot: DriftSnapshot;
  #cluster: Cluster | undefined;
  #live: LiveWatch | undefined;
  #engines: EngineObjectWatch | undefined;
  #schemas: SchemaCache | undefined;
  #comparer: TargetComparer | undefined;
  /** What came up in the last look beyond single applications. */
  #problems: readonly Problem[] = [];
  #compared: readonly ComparedApplication[] = [];
  #secretsTimer: NodeJS.Timeout | undefined;
  #publishing: Promise<void> | undefined;
  #publishAgain = false;
  #following = false;

  constructor(options: DriftSessionOptions) {
    this.#options = options;
    this.#desired = new DesiredSide(options);
    this.#snapshot = { state: 'loading', report: assembleReport([], [], options.clock.now()) };
  }

  get context(): string {
    return this.#options.context;
  }

  get snapshot(): DriftSnapshot {
    return this.#snapshot;
  }

  /** Finds, renders, connects, compares and goes on watching. What fails is in the snapshot. */
  refresh(): Promise<void> {
    return this.#queue.request({ kind: 'everything' });
  }

  /** Renders anew what reads the files, and nothing else. Paths are from the repository's root. */
  async filesChanged(paths: readonly string[]): Promise<void> {
    const scope = await this.#desired.scopeOf(paths);
    if (scope !== undefined) await this.#queue.request(scope);
  }

  /** The two sides of an object for a diff: as Git declares it and as it is live. Not masked: the caller masks what it shows. */
  objects(applicationId: string, key: ObjectKey): ObjectSides {
    const application = this.#compared.find((item) => item.prepared.application.id === applicationId);
    const compared = application?.results.find((item) => keyText(item.target.key) === keyText(key));
    if (application === undefined || compared === undefined) return {};
    const desired = compared.target.rendered?.object;
    const { isTainted } = application.prepared;
    return {
      ...(desired === undefined ? {} : { desired }),
      ...(compared.live === undefined ? {} : { live: compared.live }),
      ...(isTainted === undefined ? {} : { isTainted }),
    };
  }

  /** What is known of an application, for work that goes on from it and reads nothing twice. Undefined before the first answer. */
  known(applicationId: string): KnownApplication | undefined {
    const prepared = this.#compared.find((item) => item.prepared.application.id === applicationId)?.prepared;
    if (prepared === undefined || !this.#cluster || !this.#schemas || !this.#live) return undefined;
    const flux = this.#desired.delivery(applicationId);
    // Whoever goes on from it plans what the files say, not what they said before somebody began to type.
    const read = prepared.kept === undefined ? prepared : { ...prepared.kept.read, application: prepared.application };
    const known = { cluster: this.#cluster, schemas: this.#schemas, live: this.#live.objects, prepared: read };
    return flux === undefined ? known : { ...known, flux };
  }

  /** The Flux object that delivers an application, where one does. */
  delivery(applicationId: string): FluxApplication | undefined {
    return this.#desired.delivery(applicationId);
  }

  dispose(): void {
    this.#controller.abort();
    clearTimeout(this.#secretsTimer);
    this.#live?.dispose();
    this.#engines?.dispose();
    this.#didChange.dispose();
  }

  async #refreshNow(scope: RefreshScope): Promise<void> {
    const { signal } = this.#controller;
    try {
      signal.throwIfAborted();
      if (scope.kind !== 'files') await this.#desired.find(scope, signal);
      const cluster = await this.#connect(scope);
      if (cluster === undefined) return;
      await this.#prepare(scope, cluster, signal);
      await this.#follow(scope);
      await this.#engines?.follow(this.#enginesInView(), signal);
      await this.#publish('ready');
    } catch (error) {
      if (signal.aborted) return;
      this.#options.log.error(`${this.context}: refresh failed`, error);
      this.#set({
        ...this.#snapshot,
        state: 'stale',
        error: error instanceof Error ? error : new Error(String(error)),
      });
    }
  }

  /** Undefined where the context cannot be used; then the snapshot says why. */
  async #connect(scope: RefreshScope): Promise<Cluster | undefined> {
    try {
      const cluster = await this.#options.clusters.connect(this.context);
      this.#cluster = cluster;
      if (scope.kind === 'everything') await cluster.version(this.#controller.signal);
      if (this.#live === undefined) {
        this.#schemas = new SchemaCache(cluster);
        this.#live = new LiveWatch(cluster, this.#options.log);
        this.#live.onDidChange((keys) => this.#liveChanged(keys));
        this.#live.onDidChangeConnection((error) => this.#connectionChanged(error));
        this.#engines = new EngineObjectWatch(cluster, this.#options.log);
        this.#engines.onDidChange(() => void this.#queue.request({ kind: 'applications', changed: new Set() }));
      }
      return cluster;
    } catch (error) {
      if (!ClusterError.is(error)) throw error;
      // What was known stays in view, marked as stale; without it, the applications are named and not checked.
      if (this.#compared.length > 0) this.#set({ ...this.#snapshot, state: 'stale', error });
      else this.#set({ state: 'stale', report: this.#notCompared(error), error });
      return undefined;
    }
  }

  #notCompared(error: ClusterError): DriftReport {
    const { clock, tree } = this.#options;
    const compared = this.#desired.found.map((application) => ({
      prepared: emptyPreparation(application),
      results: [],
      locations: new Map(),
      revision: tree.revision,
    }));
    return assembleReport(compared, [clusterProblem(this.context, error)], clock.now());
  }

  async #prepare(scope: RefreshScope, cluster: Cluster, signal: AbortSignal): Promise<void> {
    const { jq } = this.#options;
    const { secrets, ignore } = this.#options.settings();
    const schemas = (this.#schemas ??= new SchemaCache(cluster));
    const everything = scope.kind === 'everything';
    const discovery = await cluster.discover({ refresh: everything, signal });
    if (everything) schemas.clear();
    const own = settingIgnoreRules(ignore ?? null);
    if (everything || this.#comparer === undefined) {
      this.#comparer = new TargetComparer(schemas, { secrets, ignore: own.rules, ...(jq === undefined ? {} : { jq }) });
    }
    await this.#desired.prepare(scope, cluster, schemas, signal);
    this.#problems = [...discovery.problems, ...this.#desired.problems, ...own.problems];
  }

  /** Engines that deliver something of what is in view; the objects of others are not followed. */
  #enginesInView(): Set<string> {
    return new Set(this.#desired.prepared.map((item) => item.application.engine));
  }

  /** What comes while kinds are listed one after the other is no answer: objects of a kind still to come would look missing. */
  async #follow(scope: RefreshScope): Promise<void> {
    this.#following = true;
    try {
      // New ones are read by follow; a refresh of everything means those that were read before as well.
      if (scope.kind === 'everything') await this.#live?.refreshUnwatched();
      await this.#live?.follow(this.#desired.prepared.flatMap((item) => [...item.targets, ...item.extras]));
    } finally {
      this.#following = false;
    }
  }

  #liveChanged(keys: LiveChange): void {
    if (this.#comparer === undefined || this.#following) return;
    void this.#publish('ready');
    // Secrets are not watched. Whatever changed them mostly changed something else as well, so a change is the moment to look.
    if (this.#secretsTimer !== undefined || [...keys].every((key) => key.startsWith('/Secret/'))) return;
    this.#secretsTimer = setTimeout(() => {
      this.#secretsTimer = undefined;
      this.#live
        ?.refreshSecrets()
        .catch((error: unknown) => this.#options.log.warn(`Secrets not read: ${String(error)}`));
    }, secretsDelayMilliseconds);
  }

  #connectionChanged(error: Error | undefined): void {
    const { error: _before, ...known } = this.#snapshot;
    this.#set(error === undefined ? { ...known, state: 'ready' } : { ...known, state: 'stale', error });
  }

  /** Compares what changed, finds the lines of new findings, tells the views. Events that come meanwhile make one more round. */
  #publish(state: 'ready'): Promise<void> {
    if (this.#publishing !== undefined) {
      this.#publishAgain = true;
      return this.#publishing;
    }
    this.#publishing = this.#publishNow(state).finally(() => {
      this.#publishing = undefined;
      if (!this.#publishAgain) return;
      this.#publishAgain = false;
      void this.#publish(state);
    });
    return this.#publishing;
  }

  async #publishNow(state: 'ready'): Promise<void> {
    const { signal } = this.#controller;
    const comparer = this.#comparer;
    const live = this.#live;
    if (comparer === undefined || live === undefined) return;
    try {
      const { renderers, commitTimes } = this.#options;
      const { locator, tree, prepared: all } = this.#desired;
      const tools = { locator, renderers, tree, commitTimes };
      const compared: ComparedApplication[] = [];
      for (const prepared of all) {
        compared.push(await compareApplication(prepared, live.objects, { ...tools, comparer, signal }));
      }
      if (signal.aborted) return;
      this.#compared = compared;
      const problems = [...this.#problems, ...live.objects.unreadable.values()];
      const kept = compared.flatMap(({ prepared: { application, kept: source } }) =>
        source === undefined ? [] : [[application.id, source] as const],
      );
      this.#set({
        state,
        report: assembleReport(compared, problems, this.#options.clock.now()),
        ...(kept.length === 0 ? {} : { kept: new Map(kept) }),
      });
    } catch (error) {
      if (signal.aborted) return;
      this.#options.log.error(`${this.context}: comparing failed`, error);
      this.#set({
        ...this.#snapshot,
        state: 'stale',
        error: error instanceof Error ? error : new Error(String(error)),
      });
    }
  }

  #set(snapshot: DriftSnapshot): void {
    this.#snapshot = snapshot;
    this.#didChange.fire(snapshot);
  }
}
