import type { Json } from '../core/json.ts';
import type { GroupVersionKind, KubeObject } from '../core/kube/objectKey.ts';
import type { Problem } from '../core/problem.ts';

/** One kind that a cluster serves, in one version. */
export interface ApiResource extends GroupVersionKind {
  /** Plural name in the URL, without subresources. */
  resource: string;
  namespaced: boolean;
  verbs: readonly string[];
  shortNames: readonly string[];
  /** Subresources served for it: `scale`, `status`. */
  subresources: readonly string[];
}

/** What a cluster serves. Groups whose server did not answer are problems, the rest is complete. */
export interface Discovery {
  /** Preferred version of each group first. */
  resources: readonly ApiResource[];
  problems: readonly Problem[];
}

export interface ListResult {
  objects: KubeObject[];
  /** Where a watch goes on from. */
  resourceVersion: string;
  /** There are more than `atMost`: none is given. */
  isTooLong?: true;
}

export type WatchEvent =
  | { type: 'added' | 'modified' | 'deleted'; object: KubeObject }
  /** All objects anew: after the first LIST and each time the server forgot where the watch stood (410). */
  | { type: 'listed'; objects: KubeObject[] }
  /** The connection is lost and tried again after `retryInMilliseconds`; what is shown may be stale. */
  | { type: 'interrupted'; error: Error; retryInMilliseconds: number }
  /** The watch stands again. */
  | { type: 'resumed' };

export interface ListOptions {
  /** Empty or absent: all namespaces, or a cluster-scoped kind. */
  namespace?: string;
  labelSelector?: string;
  /**
   * Holds each `metadata.managedFields[].fieldsV1` as a string of its JSON, a fraction of the memory; `readFieldsV1` reads both
   * forms. For whoever keeps many objects.
   */
  compactManagedFields?: boolean;
  /** What it does not want is dropped as it is read, and never takes memory. */
  wants?: (object: KubeObject) => boolean;
  signal?: AbortSignal;
}

export interface ListRequest extends ListOptions {
  /** Nothing but identity and metadata is asked for and given: what an object holds, as of a Secret, stays on the server. */
  metadataOnly?: boolean;
  /** Where there are more, none is given, and the server is asked for no more than it takes to see that. */
  atMost?: number;
}

export interface WriteOptions {
  dryRun?: boolean;
  signal?: AbortSignal;
}

export interface ApplyOptions extends WriteOptions {
  fieldManager: string;
  force?: boolean;
}

export interface PatchOptions extends WriteOptions {
  type: 'merge' | 'json' | 'strategic';
  fieldManager?: string;
  subresource?: string;
}

/** How deep a delete goes; `background` is what Flux and kubectl do. */
export interface DeleteOptions extends WriteOptions {
  propagation?: 'background' | 'foreground' | 'orphan';
  /** Deletes only this incarnation of the object. */
  uid?: string;
}

export interface AccessQuestion {
  verb: string;
  group: string;
  resource: string;
  namespace?: string;
  name?: string;
}

/**
 * One cluster, through one context of the kubeconfig. Every method throws `ClusterError` except where a value says it:
 * `get` of what does not exist is undefined. All take an AbortSignal; an abort rejects with the signal's reason.
 */
export interface Cluster {
  readonly context: string;
  /** The context's own namespace, where it names one. */
  readonly namespace: string | undefined;
  /** URL of the API server. */
  readonly server: string;
  version(signal?: AbortSignal): Promise<{ gitVersion: string; major: string; minor: string }>;
  /** Cached; `refresh` asks again, as after a new CRD. */
  discover(options?: { refresh?: boolean; signal?: AbortSignal }): Promise<Discovery>;
  /**
   * OpenAPI v3 document of a group-version (`apps/v1`, `v1`), at least its schemas, cached by the server's hash. Undefined where the
   * server has none.
   * The hashes themselves are asked for again after `discover({ refresh: true })`.
   */
  openApi(groupVersion: string, signal?: AbortSignal): Promise<Json | undefined>;
  get(resource: ApiResource, namespace: string, name: string, signal?: AbortSignal): Promise<KubeObject | undefined>;
  /** In chunks of 500. managedFields are kept. */
  list(resource: ApiResource, options?: ListRequest): Promise<ListResult>;
  /**
   * Lists, then watches until the signal aborts; outlives lost connections, time limits and 410. Resolves when aborted.
   * Rejects with what no repetition mends: `unauthorized`, `credentials`, `forbidden`, `not-found` (the kind is not served),
   * `bad-request`.
   */
  watch(resource: ApiResource, options: ListOptions, onEvent: (event: WatchEvent) => void): Promise<void>;
  /** Server-side apply (semantics K-1). */
  apply(resource: ApiResource, object: KubeObject, options: ApplyOptions): Promise<KubeObject>;
  create(
    resource: ApiResource,
    object: KubeObject,
    options?: WriteOptions & { fieldManager?: string },
  ): Promise<KubeObject>;
  patch(
    resource: ApiResource,
    namespace: string,
    name: string,
    patch: Json,
    options: PatchOptions,
  ): Promise<KubeObject>;
  /**
   * Resolves when the server took the request: with the object where it lives on (finalizers), else with what names it.
   * Undefined where the object did not exist. Throws `conflict` where `uid` is another incarnation's.
   */
  delete(
    resource: ApiResource,
    namespace: string,
    name: string,
    options?: DeleteOptions,
  ): Promise<KubeObject | undefined>;
  /** Asks the server whether the user may (SelfSubjectAccessReview). */
  mayI(question: AccessQuestion, signal?: AbortSignal): Promise<boolean>;
}

/** The contexts of the user's kubeconfig files. Nothing is contacted by reading them. */
export interface ContextSummary {
  name: string;
  /** URL of the API server, empty where the kubeconfig names none. */
  server: string;
  cluster: string;
  user: string;
  namespace?: string;
  /** It is `current-context` of the kubeconfig. */
  current: boolean;
}

export interface ClusterProvider {
  /**
   * Contexts in the order of the files, and what is wrong with the files. `files` are the absolute paths that count, whether or
   * not they exist; a problem's location names one of them, so it is absolute too.
   */
  contexts(): Promise<{ contexts: ContextSummary[]; problems: Problem[]; files: string[] }>;
  /** One client per context, kept; throws ClusterError `unknown-context`. */
  connect(context: string): Promise<Cluster>;
  /** Forgets all clients and closes their connections, so that changed files and credentials count. */
  reset(): void;
}
