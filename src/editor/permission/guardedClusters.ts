import type { Json } from '../../core/json.ts';
import type { KubeObject } from '../../core/kube/objectKey.ts';
import type {
  AccessQuestion,
  ApiResource,
  ApplyOptions,
  Cluster,
  ClusterProvider,
  DeleteOptions,
  Discovery,
  ListOptions,
  ListRequest,
  ListResult,
  PatchOptions,
  WatchEvent,
  WriteOptions,
} from '../../ports/cluster.ts';
import { ClusterError } from '../../ports/clusterError.ts';

/** Whether a context that points to this server may be changed at this moment. */
export type MayChange = (context: string, server: string) => boolean;

/**
 * All clusters of the window, each behind a door that only lets dry runs through until the context may be changed. Whatever part of the
 * extension forgets to ask, no context is changed that the user did not allow.
 */
export class GuardedClusters implements ClusterProvider {
  readonly #clusters: ClusterProvider;
  readonly #mayChange: MayChange;
  readonly #guarded = new WeakMap<Cluster, Cluster>();

  constructor(clusters: ClusterProvider, mayChange: MayChange) {
    this.#clusters = clusters;
    this.#mayChange = mayChange;
  }

  contexts(): ReturnType<ClusterProvider['contexts']> {
    return this.#clusters.contexts();
  }

  async connect(context: string): Promise<Cluster> {
    const cluster = await this.#clusters.connect(context);
    let guarded = this.#guarded.get(cluster);
    if (guarded === undefined) {
      guarded = new GuardedCluster(cluster, this.#mayChange);
      this.#guarded.set(cluster, guarded);
    }
    return guarded;
  }

  reset(): void {
    this.#clusters.reset();
  }
}

class GuardedCluster implements Cluster {
  readonly #cluster: Cluster;
  readonly #mayChange: MayChange;

  constructor(cluster: Cluster, mayChange: MayChange) {
    this.#cluster = cluster;
    this.#mayChange = mayChange;
  }

  get context(): string {
    return this.#cluster.context;
  }

  get namespace(): string | undefined {
    return this.#cluster.namespace;
  }

  get server(): string {
    return this.#cluster.server;
  }

  version(signal?: AbortSignal): ReturnType<Cluster['version']> {
    return this.#cluster.version(signal);
  }

  discover(options?: { refresh?: boolean; signal?: AbortSignal }): Promise<Discovery> {
    return this.#cluster.discover(options);
  }

  openApi(groupVersion: string, signal?: AbortSignal): Promise<Json | undefined> {
    return this.#cluster.openApi(groupVersion, signal);
  }

  get(resource: ApiResource, namespace: string, name: string, signal?: AbortSignal): Promise<KubeObject | undefined> {
    return this.#cluster.get(resource, namespace, name, signal);
  }

  list(resource: ApiResource, options?: ListRequest): Promise<ListResult> {
    return this.#cluster.list(resource, options);
  }

  watch(resource: ApiResource, options: ListOptions, onEvent: (event: WatchEvent) => void): Promise<void> {
    return this.#cluster.watch(resource, options, onEvent);
  }

  mayI(question: AccessQuestion, signal?: AbortSignal): Promise<boolean> {
    return this.#cluster.mayI(question, signal);
  }

  async apply(resource: ApiResource, object: KubeObject, options: ApplyOptions): Promise<KubeObject> {
    this.#check(options);
    return this.#cluster.apply(resource, object, options);
  }

  async create(
    resource: ApiResource,
    object: KubeObject,
    options?: WriteOptions & { fieldManager?: string },
  ): Promise<KubeObject> {
    this.#check(options);
    return this.#cluster.create(resource, object, options);
  }

  async patch(
    resource: ApiResource,
    namespace: string,
    name: string,
    patch: Json,
    options: PatchOptions,
  ): Promise<KubeObject> {
    this.#check(options);
    return this.#cluster.patch(resource, namespace, name, patch, options);
  }

  async delete(
    resource: ApiResource,
    namespace: string,
    name: string,
    options?: DeleteOptions,
  ): Promise<KubeObject | undefined> {
    this.#check(options);
    return this.#cluster.delete(resource, namespace, name, options);
  }

  #check(options: WriteOptions | undefined): void {
    if (options?.dryRun === true || this.#mayChange(this.context, this.server)) return;
    throw new ClusterError('forbidden', `${this.context} was not allowed to be changed; nothing was sent.`, {
      remedy: 'Run the command again and allow it.',
    });
  }
}
