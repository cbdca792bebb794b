import type { Application } from '../../core/delivery/application.ts';
import { settingIgnoreRules } from '../../core/drift/readIgnoreRules.ts';
import type { Json } from '../../core/json.ts';
import { type Disposable, Emitter } from '../../core/emitter.ts';
import { type KubeObject, type ObjectKey, keyText } from '../../core/kube/objectKey.ts';
import type { Problem } from '../../core/problem.ts';
import type { DriftReport } from '../../core/report.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Cluster, ClusterProvider } from '../../ports/cluster.ts';
import { ClusterError } from '../../ports/clusterError.ts';
import type { Gunzip } from '../../ports/gunzip.ts';
import type { Jq } from '../../ports/jq.ts';
import type { FileTree } from '../../ports/fileTree.ts';
import type { GitRepository } from '../../ports/gitRepository.ts';
import type { Log } from '../../ports/log.ts';
import type { FluxApplication } from '../applications/fluxApplications.ts';
import { findApplications } from '../applications/findApplications.ts';
import { EngineObjectWatch } from '../applications/engineObjectWatch.ts';
import type { DeliveredApplications } from '../applications/findDelivered.ts';
import { PushGates } from '../applications/pushGates.ts';
import { type LiveChange, LiveWatch } from '../live/liveWatch.ts';
import type { LiveObjects } from '../live/readLiveObjects.ts';
import { type ComparedApplication, assembleReport } from './assembleReport.ts';
import { clusterProblem } from './checkDrift.ts';
import type { CommitTimes } from './commitTimes.ts';
import { compareApplication } from './compareApplication.ts';
import { type ComparedTarget, type SecretsMode, TargetComparer } from './compareTargets.ts';
import { FindingLocator } from './locateFindings.ts';
import { keepTargets } from './keepTargets.ts';
import { ListedTree } from './listedTree.ts';
import { prepareCluster } from './prepareCluster.ts';
import { type PreparedApplication, type Renderers, emptyPreparation } from './prepareComparison.ts';
import { RefreshQueue, type RefreshScope } from './refreshQueue.ts';
import { SchemaCache } from './schemaCache.ts';

/** Read anew whenever it counts, so that a changed setting needs no restart. */
export interface DriftSettings {
  secrets: SecretsMode;
  skipKinds: ReadonlySet<string>;
  /** The setting `plumbline.ignore`, as it is written. */
  ignore?: Json;
  /** Ids of applications to compare; empty for all that are unambiguous. */
  applications: ReadonlySet<string>;
  namespace?: string;
}

export interface DriftSessionOptions {
  context: string;
  clusters: ClusterProvider;
  /** Only applications below this folder, from the tree's root; the whole tree by default. */
  below?: string;
  /** The working tree; its files are read anew on each render. */
  tree: FileTree;
  /** Where the tree belongs to a repository. */
  repository: GitRepository | undefined;
  renderers: Renderers;
  commitTimes: CommitTimes;
  jq?: Jq;
  /** See ClusterScope. */
  gunzip?: Gunzip;
  settings(): DriftSettings;
  clock: Clock;
  log: Log;
}

/** Secrets are read again at most this often after a live change. */
const secretsDelayMilliseconds = 2000;

const decidesApplications = /(^|\/)(kustomization\.ya?ml|Kustomization|Chart\.yaml)$/;
const isInput = /\.(ya?ml|json|tpl)$/i;

/** What a view shows. Full each time, never a difference to the last one. */
export interface DriftSnapshot {
  /** `loading` before the first answer; `stale` while the connection is lost or a refresh failed. */
  state: 'loading' | 'ready' | 'stale';
  report: DriftReport;
  /** Why it is stale. */
  error?: Error;
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
  readonly #locator = new FindingLocator();
  readonly #controller = new AbortController();
  readonly #pushGates: PushGates | undefined;
  readonly onDidChange = this.#didChange.event;
  readonly #tree: ListedTree;
  #snapshot: DriftSnapshot;
  #cluster: Cluster | undefined;
  #live: LiveWatch | undefined;
  #engines: EngineObjectWatch | undefined;
  #schemas: SchemaCache | undefined;
  #comparer: TargetComparer | undefined;
  #prepared: PreparedApplication[] = [];
  #flux: ReadonlyMap<string, FluxApplication> = new Map();
  #delivered: DeliveredApplications | undefined;
  #problems: Problem[] = [];
  #compared: ComparedApplication[] = [];
  #applications: Application[] = [];
  readonly #queue = new RefreshQueue((scope) => this.#refreshNow(scope));
  #secretsTimer: NodeJS.Timeout | undefined;
  #publishing: Promise<void> | undefined;
  #publishAgain = false;
  #following = false;

  constructor(options: DriftSessionOptions) {
    this.#options = options;
    this.#tree = new ListedTree(options.tree);
    this.#pushGates = options.repository === undefined ? undefined : new PushGates(options.repository);
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
    const changed = new Set(paths);
    const known = new Set(this.#prepared.flatMap((item) => item.files));
    // A new manifest, or what decides which folders are applications, may change the list of applications.
    const structural = paths.some((path) => decidesApplications.test(path) || (!known.has(path) && isInput.test(path)));
    const present = await Promise.all(paths.map((path) => this.#tree.fingerprint(path)));
    const isGone = paths.some((path, index) => known.has(path) && present[index] === undefined);
    if (isGone || paths.some((path) => !known.has(path))) this.#tree.forget();
    if (structural || isGone) await this.#queue.request({ kind: 'applications', changed });
    else if (paths.some((path) => known.has(path))) await this.#queue.request({ kind: 'files', changed });
  }

  /** The two sides of an object for a diff: as Git declares it and as it is live. Not masked: the caller masks what it shows. */
  objects(applicationId: string, key: ObjectKey): { desired?: KubeObject; live?: KubeObject } {
    const compared = this.#find(applicationId, key);
    if (compared === undefined) return {};
    const desired = compared.target.rendered?.object;
    return {
      ...(desired === undefined ? {} : { desired }),
      ...(compared.live === undefined ? {} : { live: compared.live }),
    };
  }

  /** What is known of an application, for work that goes on from it and reads nothing twice. Undefined before the first answer. */
  known(applicationId: string): KnownApplication | undefined {
    const prepared = this.#compared.find((item) => item.prepared.application.id === applicationId)?.prepared;
    if (prepared === undefined || !this.#cluster || !this.#schemas || !this.#live) return undefined;
    const flux = this.#flux.get(applicationId);
    const known = { cluster: this.#cluster, schemas: this.#schemas, live: this.#live.objects, prepared };
    return flux === undefined ? known : { ...known, flux };
  }

  /** The Flux object that delivers an application, where one does. */
  delivery(applicationId: string): FluxApplication | undefined {
    return this.#flux.get(applicationId);
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
      if (scope.kind !== 'files') {
        this.#tree.forget();
        this.#applications = await findApplications(this.#tree, this.#options.below ?? '', signal);
      }
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
      const known = this.#compared.length > 0;
      const report = known
        ? this.#snapshot.report
        : assembleReport(
            this.#applications.map((application) => ({
              prepared: emptyPreparation(application),
              results: [],
              locations: new Map(),
              revision: this.#options.tree.revision,
            })),
            [clusterProblem(this.context, error)],
            this.#options.clock.now(),
          );
      this.#set({ state: 'stale', report, error });
      return undefined;
    }
  }

  async #prepare(scope: RefreshScope, cluster: Cluster, signal: AbortSignal): Promise<void> {
    const settings = this.#options.settings();
    const schemas = (this.#schemas ??= new SchemaCache(cluster));
    const everything = scope.kind === 'everything';
    const discovery = await cluster.discover({ refresh: everything, signal });
    if (everything) schemas.clear();
    if (everything) this.#locator.clear();
    const own = settingIgnoreRules(settings.ignore ?? null);
    if (everything || this.#comparer === undefined) {
      const { jq } = this.#options;
      this.#comparer = new TargetComparer(schemas, {
        secrets: settings.secrets,
        ignore: own.rules,
        ...(jq === undefined ? {} : { jq }),
      });
    }
    const known = scope.kind === 'files' ? this.#delivered : undefined;
    const { prepared, problems, flux, delivered } = await prepareCluster(cluster, schemas, {
      tree: this.#tree,
      repository: this.#options.repository,
      renderers: this.#options.renderers,
      derived: this.#applications,
      below: this.#options.below ?? '',
      chosen: settings.applications,
      skipKinds: settings.skipKinds,
      severalContexts: false,
      signal,
      ...(this.#pushGates === undefined ? {} : { pushGates: this.#pushGates }),
      ...(settings.namespace === undefined ? {} : { namespace: settings.namespace }),
      ...(known === undefined ? {} : { delivered: known }),
      ...(this.#options.gunzip === undefined ? {} : { gunzip: this.#options.gunzip }),
      ...(everything ? {} : { reuse: (application: Application) => this.#untouched(application, scope) }),
    });
    this.#prepared = prepared.map((item) => this.#keepKnown(item));
    this.#delivered = delivered;
    this.#flux = flux;
    this.#problems = [...discovery.problems, ...problems, ...own.problems];
  }

  /** What was prepared of an application before, if none of its files changed since. */
  #untouched(
    application: Application,
    { kind, changed }: Exclude<RefreshScope, { kind: 'everything' }>,
  ): PreparedApplication | undefined {
    // What its engine applied may be another revision by now; what was rendered of files is cached by their content.
    if (kind === 'applications' && application.foundIn !== 'derived') return undefined;
    const before = this.#prepared.find((item) => item.application.id === application.id);
    return before?.files.some((file) => changed.has(file)) === false ? before : undefined;
  }

  /** What was found out of documents that did not change stays known; places in files that changed are looked up anew. */
  #keepKnown(item: PreparedApplication): PreparedApplication {
    const before = this.#prepared.find(({ application }) => application.id === item.application.id);
    if (before?.targets === item.targets) return item;
    this.#locator.forget(item.application.id);
    return keepTargets(before, item);
  }

  /** Engines that deliver something of what is in view; the objects of others are not followed. */
  #enginesInView(): Set<string> {
    return new Set(this.#prepared.map((item) => item.application.engine));
  }

  /** What comes while kinds are listed one after the other is no answer: objects of a kind still to come would look missing. */
  async #follow(scope: RefreshScope): Promise<void> {
    this.#following = true;
    try {
      // New ones are read by follow; a refresh of everything means those that were read before as well.
      if (scope.kind === 'everything') await this.#live?.refreshUnwatched();
      await this.#live?.follow(this.#prepared.flatMap((item) => [...item.targets, ...item.extras]));
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
    if (error === undefined) this.#set({ state: 'ready', report: this.#snapshot.report });
    else this.#set({ ...this.#snapshot, state: 'stale', error });
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
      const tools = { locator: this.#locator, renderers, tree: this.#tree, commitTimes };
      const compared: ComparedApplication[] = [];
      for (const prepared of this.#prepared) {
        compared.push(await compareApplication(prepared, live.objects, { ...tools, comparer, signal }));
      }
      if (signal.aborted) return;
      this.#compared = compared;
      const problems = [...this.#problems, ...live.objects.unreadable.values()];
      this.#set({ state, report: assembleReport(compared, problems, this.#options.clock.now()) });
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

  #find(applicationId: string, key: ObjectKey): ComparedTarget | undefined {
    const application = this.#compared.find((item) => item.prepared.application.id === applicationId);
    return application?.results.find((item) => keyText(item.target.key) === keyText(key));
  }
}
