import type { Application } from '../../core/delivery/application.ts';
import type { Problem } from '../../core/problem.ts';
import { isBelow } from '../../core/repositoryPath.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Cluster } from '../../ports/cluster.ts';
import type { FileTree } from '../../ports/fileTree.ts';
import type { GitRepository } from '../../ports/gitRepository.ts';
import type { Gunzip } from '../../ports/gunzip.ts';
import type { DeliveredApplications } from '../applications/findDelivered.ts';
import { type KnownReferences, findApplications } from '../applications/findApplications.ts';
import type { FluxApplication } from '../applications/fluxApplications.ts';
import { PushGates } from '../applications/pushGates.ts';
import type { DriftSettings } from './driftSettings.ts';
import { keepTargets } from './keepTargets.ts';
import { KeptSources } from './keptSources.ts';
import { ListedTree } from './listedTree.ts';
import { FindingLocator } from './locateFindings.ts';
import { prepareCluster } from './prepareCluster.ts';
import type { PreparedApplication, Renderers } from './prepareComparison.ts';
import type { RefreshScope } from './refreshQueue.ts';
import type { SchemaCache } from './schemaCache.ts';

export interface DesiredSideOptions {
  /** Only applications below this folder, from the tree's root; the whole tree by default. */
  below?: string;
  /** The working tree; its files are read anew on each render. */
  tree: FileTree;
  /** Where the tree belongs to a repository. */
  repository: GitRepository | undefined;
  renderers: Renderers;
  /** See ClusterScope. */
  gunzip?: Gunzip;
  settings(): DriftSettings;
  clock: Clock;
}

const decidesApplications = /(^|\/)(kustomization\.ya?ml|Kustomization|Chart\.yaml)$/;
const isInput = /\.(ya?ml|json|tpl)$/i;

/**
 * Git's side of a session: which applications there are, each rendered and identified; with each look only what changed is done again,
 * and what cannot be read in between stays what it was.
 */
export class DesiredSide {
  readonly #options: DesiredSideOptions;
  readonly #pushGates: PushGates | undefined;
  readonly #kept = new KeptSources();
  readonly #references: KnownReferences = new Map();
  readonly #tree: ListedTree;
  /** Where findings stand, as long as the files of their application are the same. */
  readonly locator = new FindingLocator();
  #found: Application[] = [];
  #prepared: readonly PreparedApplication[] = [];
  #flux: ReadonlyMap<string, FluxApplication> = new Map();
  #delivered: DeliveredApplications | undefined;
  #problems: readonly Problem[] = [];
  #head: string | undefined;

  constructor(options: DesiredSideOptions) {
    this.#options = options;
    this.#tree = new ListedTree(options.tree);
    this.#pushGates = options.repository === undefined ? undefined : new PushGates(options.repository);
  }

  /** The working tree, listed once between two looks. */
  get tree(): FileTree {
    return this.#tree;
  }

  /** Applications found in files, before any cluster was asked. */
  get found(): readonly Application[] {
    return this.#found;
  }

  get prepared(): readonly PreparedApplication[] {
    return this.#prepared;
  }

  /** What came up beyond single applications. */
  get problems(): readonly Problem[] {
    return this.#problems;
  }

  /** The Flux object that delivers an application, where one does. */
  delivery(applicationId: string): FluxApplication | undefined {
    return this.#flux.get(applicationId);
  }

  /** What has to be done again after files changed; undefined where no application reads them. Paths are from the root. */
  async scopeOf(paths: readonly string[]): Promise<RefreshScope | undefined> {
    const changed = new Set(paths);
    const known = new Set(this.#prepared.flatMap((item) => item.files));
    // A new manifest, or what decides which folders are applications, may change the list of applications.
    const structural = paths.some((path) => decidesApplications.test(path) || (!known.has(path) && isInput.test(path)));
    const present = await Promise.all(paths.map((path) => this.#tree.fingerprint(path)));
    const isGone = paths.some((path, index) => known.has(path) && present[index] === undefined);
    if (isGone || paths.some((path) => !known.has(path))) this.#tree.forget();
    if (structural || isGone) return { kind: 'applications', changed };
    return paths.some((path) => known.has(path)) ? { kind: 'files', changed } : undefined;
  }

  /** Looks which applications the files hold. */
  async find(scope: RefreshScope, signal: AbortSignal): Promise<void> {
    this.#tree.forget();
    if (scope.kind === 'everything') await this.#forgetOtherHead(signal);
    this.#found = await findApplications(this.#tree, this.#options.below ?? '', signal, this.#references);
  }

  /** Finds what engines deliver, and renders what may have changed. */
  async prepare(scope: RefreshScope, cluster: Cluster, schemas: SchemaCache, signal: AbortSignal): Promise<void> {
    const { repository, renderers, gunzip, clock } = this.#options;
    const settings = this.#options.settings();
    if (scope.kind === 'everything') this.locator.clear();
    const look = this.#kept.look(scope.kind === 'everything' ? new Set() : scope.changed, clock.now().toISOString());
    const delivered = scope.kind === 'files' ? this.#delivered : undefined;
    const found = await prepareCluster(cluster, schemas, {
      tree: this.#tree,
      repository,
      renderers,
      derived: this.#found,
      below: this.#options.below ?? '',
      chosen: settings.applications,
      skipKinds: settings.skipKinds,
      severalContexts: false,
      signal,
      complete: (item) => look.complete(item),
      ...(this.#pushGates === undefined ? {} : { pushGates: this.#pushGates }),
      ...(settings.namespace === undefined ? {} : { namespace: settings.namespace }),
      ...(delivered === undefined ? {} : { delivered }),
      ...(gunzip === undefined ? {} : { gunzip }),
      ...(scope.kind === 'everything' ? {} : { reuse: (application) => this.#untouched(application, scope) }),
    });
    look.end();
    this.#prepared = found.prepared.map((item) => this.#keepKnown(item));
    this.#delivered = found.delivered;
    this.#flux = found.flux;
    this.#problems = found.problems;
  }

  /** What was read of another commit says nothing of this one. */
  async #forgetOtherHead(signal: AbortSignal): Promise<void> {
    // Where Git does not answer, whoever needs it says so.
    const found = await this.#options.repository?.head(signal).catch(() => undefined);
    const head = found === undefined ? undefined : `${found.branch ?? ''} ${found.commit}`;
    if (head !== this.#head) {
      this.#kept.forget();
      this.#references.clear();
    }
    this.#head = head;
  }

  /** What was prepared of an application before, if nothing that it reads changed since. */
  #untouched(
    application: Application,
    { kind, changed }: Exclude<RefreshScope, { kind: 'everything' }>,
  ): PreparedApplication | undefined {
    // What its engine applied may be another revision by now; what was rendered of files is cached by their content.
    if (kind === 'applications' && application.foundIn !== 'derived') return undefined;
    const before = this.#prepared.find((item) => item.application.id === application.id);
    if (before === undefined) return undefined;
    // What Helm stored in the cluster is no other for what is typed here.
    if (before.place !== undefined) return before;
    // A file that came below it may be one more of its files, and one anywhere the one that a broken build looked for.
    const isRead = (file: string): boolean => before.files.includes(file) || isBelow(file, application.source.path);
    const isMended = kind === 'applications' && !before.rendered;
    return isMended || [...changed].some(isRead) ? undefined : before;
  }

  /** What was found out of documents that did not change stays known; places in files that changed are looked up anew. */
  #keepKnown(item: PreparedApplication): PreparedApplication {
    const before = this.#prepared.find(({ application }) => application.id === item.application.id);
    if (before?.targets === item.targets) return item;
    this.locator.forget(item.application.id, item.kept?.keys);
    return keepTargets(before, item);
  }
}
