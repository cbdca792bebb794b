import { ControllerLoop } from '../core/cluster/controllerLoop.ts';
import { sandboxControllers } from '../core/cluster/controllers/sandboxControllers.ts';
import type { Controller } from '../core/cluster/controllerLoop.ts';
import { withoutManagedFields } from '../core/apply/managedFields.ts';
import { bootstrap } from '../core/cluster/bootstrap.ts';
import type { ServedKind } from '../core/cluster/servedKind.ts';
import { SimulatedCluster } from '../core/cluster/simulatedCluster.ts';
import { StatusError } from '../core/cluster/statusError.ts';
import { startWatch } from '../core/cluster/watching.ts';
import { type Json, cloneJson } from '../core/json.ts';
import { parseJson } from '../core/jsonText.ts';
import { type KubeObject, nameOf, namespaceOf } from '../core/kube/objectKey.ts';
import type {
  AccessQuestion,
  ApiResource,
  ApplyOptions,
  Cluster,
  DeleteOptions,
  Discovery,
  ListOptions,
  ListRequest,
  ListResult,
  PatchOptions,
  WatchEvent,
  WriteOptions,
} from '../ports/cluster.ts';
import { ClusterError } from '../ports/clusterError.ts';
import { kubernetesVersion, sandboxKinds } from './builtInTable.ts';
import { clusterErrorOf } from './clusterErrorOf.ts';
import { OpenApiDocuments } from './openApiDocuments.ts';

export interface SimulatedClusterPortOptions {
  /** Default `simulated`. */
  context?: string;
  namespace?: string;
  now?: () => Date;
  /** From 0 to below 1. Default: a fixed sequence, so that uids are the same in every run. */
  random?: () => number;
  /** What runs after each write; default: all that the sandbox has. */
  controllers?: readonly Controller[];
  /** Questions of `mayI` that are answered with no, and whose doing is refused with 403. */
  denies?: (question: AccessQuestion) => boolean;
}

/**
 * The simulated cluster as a `Cluster` in the same process, without HTTP: for tests of services, and for trying things out.
 * Controllers run after each write at the cluster's own time; `settle` runs them after the time was moved.
 */
export class SimulatedClusterPort implements Cluster {
  readonly context: string;
  readonly namespace: string | undefined;
  readonly server = 'simulated://cluster';
  readonly cluster: SimulatedCluster;
  readonly #loop: ControllerLoop;
  readonly #documents: OpenApiDocuments;
  readonly #denies: (question: AccessQuestion) => boolean;

  constructor(options: SimulatedClusterPortOptions = {}) {
    this.context = options.context ?? 'simulated';
    this.namespace = options.namespace;
    this.cluster = new SimulatedCluster({
      kinds: sandboxKinds(),
      now: options.now ?? (() => new Date()),
      random: options.random ?? fixedSequence(),
    });
    this.#denies = options.denies ?? (() => false);
    this.#documents = new OpenApiDocuments(this.cluster.catalog);
    bootstrap(this.cluster);
    this.#loop = new ControllerLoop(this.cluster, options.controllers ?? sandboxControllers);
    this.settle();
  }

  /** Lets controllers do what there is to do now. Returns when time alone brings something to do again. */
  settle(): Date | undefined {
    return this.#loop.run();
  }

  version(signal?: AbortSignal): Promise<{ gitVersion: string; major: string; minor: string }> {
    return this.#answer(signal, undefined, () => kubernetesVersion);
  }

  discover(options: { signal?: AbortSignal } = {}): Promise<Discovery> {
    return this.#answer(options.signal, undefined, () => ({
      resources: this.cluster.catalog.kinds.map(resourceOf),
      problems: [],
    }));
  }

  openApi(groupVersion: string, signal?: AbortSignal): Promise<Json | undefined> {
    const path = groupVersion.includes('/') ? `apis/${groupVersion}` : `api/${groupVersion}`;
    return this.#answer(signal, undefined, () => {
      const document = this.#documents.document(path);
      return document === undefined ? undefined : parseJson(document.text);
    });
  }

  get(resource: ApiResource, namespace: string, name: string, signal?: AbortSignal): Promise<KubeObject | undefined> {
    return this.#answer(signal, { verb: 'get', resource, namespace, name }, () => {
      const found = this.cluster.find(this.#kind(resource), namespace, name);
      return found === undefined ? undefined : cloneJson(found);
    });
  }

  list(resource: ApiResource, options: ListRequest = {}): Promise<ListResult> {
    return this.#answer(options.signal, { verb: 'list', resource, namespace: options.namespace }, () => {
      const answer = this.cluster.list(this.#kind(resource), {
        namespace: options.namespace ?? '',
        labelSelector: options.labelSelector ?? '',
      });
      const resourceVersion = String(answer.resourceVersion);
      if (answer.objects.length > (options.atMost ?? Number.POSITIVE_INFINITY)) {
        return { objects: [], resourceVersion, isTooLong: true };
      }
      return {
        objects: answer.objects
          .filter((object) => options.wants?.(object) !== false)
          .map((object) => withCompactFields(object, options))
          .map((object) => (options.metadataOnly === true ? metadataOf(object) : object)),
        resourceVersion,
      };
    });
  }

  async watch(resource: ApiResource, options: ListOptions, onEvent: (event: WatchEvent) => void): Promise<void> {
    const { signal } = options;
    const listed = await this.list(resource, options);
    await this.#answer(signal, { verb: 'watch', resource, namespace: options.namespace }, () => undefined);
    onEvent({ type: 'listed', objects: listed.objects });
    const request = { namespace: options.namespace ?? '', labelSelector: options.labelSelector ?? '' };
    const types = { ADDED: 'added', MODIFIED: 'modified', DELETED: 'deleted' } as const;
    const tell = (change: { type: keyof typeof types; object: KubeObject }): void => {
      if (options.wants?.(change.object) === false) return;
      onEvent({ type: types[change.type], object: withCompactFields(change.object, options) });
    };
    const { initial, follow } = startWatch(this.cluster, this.#kind(resource), request, listed);
    initial.forEach(tell);
    const subscription = follow(tell);
    await new Promise<void>((resolve) => {
      if (signal === undefined) return;
      if (signal.aborted) resolve();
      else signal.addEventListener('abort', () => resolve(), { once: true });
    });
    subscription.dispose();
  }

  apply(resource: ApiResource, object: KubeObject, options: ApplyOptions): Promise<KubeObject> {
    return this.#write('apply', resource, object, options, (kind, namespace) => {
      const { fieldManager, force = false, dryRun = false } = options;
      const config = withoutManagedFields(cloneJson(object));
      return this.cluster.apply(kind, namespace, nameOf(object), config, { fieldManager, force, dryRun }).object;
    });
  }

  create(
    resource: ApiResource,
    object: KubeObject,
    options: WriteOptions & { fieldManager?: string } = {},
  ): Promise<KubeObject> {
    return this.#write('create', resource, object, options, (kind, namespace) => {
      const { fieldManager = 'plumbline', dryRun = false } = options;
      return this.cluster.create(kind, namespace, cloneJson(object), { fieldManager, dryRun }).object;
    });
  }

  patch(
    resource: ApiResource,
    namespace: string,
    name: string,
    patch: Json,
    options: PatchOptions,
  ): Promise<KubeObject> {
    const named = { apiVersion: '', kind: resource.kind, metadata: { name, namespace } };
    return this.#write('patch', resource, named, options, (kind) => {
      const { type, fieldManager = 'plumbline', dryRun = false, subresource } = options;
      const request = { type, fieldManager, dryRun, ...(subresource === undefined ? {} : { subresource }) };
      return this.cluster.patch(kind, namespace, name, cloneJson(patch), request).object;
    });
  }

  delete(
    resource: ApiResource,
    namespace: string,
    name: string,
    options: DeleteOptions = {},
  ): Promise<KubeObject | undefined> {
    const propagations = { background: 'Background', foreground: 'Foreground', orphan: 'Orphan' } as const;
    return this.#answer(options.signal, { verb: 'delete', resource, namespace, name }, () => {
      const kind = this.#kind(resource);
      if (this.cluster.find(kind, namespace, name) === undefined) return undefined;
      const { object } = this.cluster.delete(kind, namespace, name, {
        propagation: propagations[options.propagation ?? 'background'],
        dryRun: options.dryRun ?? false,
        ...(options.uid === undefined ? {} : { uid: options.uid }),
      });
      this.settle();
      return cloneJson(object);
    });
  }

  mayI(question: AccessQuestion, signal?: AbortSignal): Promise<boolean> {
    return this.#answer(signal, undefined, () => !this.#denies(question));
  }

  #kind(resource: ApiResource): ServedKind {
    const kind = this.cluster.catalog.byResource(resource.group, resource.version, resource.resource);
    if (kind !== undefined) return kind;
    throw new StatusError(404, 'NotFound', `${this.context} does not serve ${resource.kind}.`);
  }

  #write(
    verb: string,
    resource: ApiResource,
    object: KubeObject,
    options: WriteOptions,
    write: (kind: ServedKind, namespace: string) => KubeObject,
  ): Promise<KubeObject> {
    const namespace = namespaceOf(object);
    return this.#answer(options.signal, { verb, resource, namespace, name: nameOf(object) }, () => {
      const written = cloneJson(write(this.#kind(resource), namespace));
      if (options.dryRun !== true) this.settle();
      return written;
    });
  }

  /** Runs in a later turn, as an answer over the network would come; an abort before that rejects with its reason. */
  async #answer<T>(signal: AbortSignal | undefined, subject: Subject | undefined, work: () => T): Promise<T> {
    await Promise.resolve();
    signal?.throwIfAborted();
    if (subject !== undefined) checkAddress(subject);
    try {
      if (subject !== undefined && this.#denies(questionOf(subject))) throw refused(subject, this.context);
      return work();
    } catch (error) {
      throw StatusError.is(error) ? clusterErrorOf(error, subject?.resource.kind === 'Secret') : error;
    }
  }
}

interface Subject {
  verb: string;
  resource: ApiResource;
  namespace?: string | undefined;
  name?: string;
}

function questionOf({ verb, resource, namespace, name }: Subject): AccessQuestion {
  return {
    // To the API server an apply is a patch.
    verb: verb === 'apply' ? 'patch' : verb,
    group: resource.group,
    resource: resource.resource,
    ...(namespace === undefined || namespace === '' ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
  };
}

/** What would not be one place in a URL is refused before it is asked for, as the adapter does. */
function checkAddress({ verb, resource, namespace, name }: Subject): void {
  if (resource.namespaced && name !== undefined && (namespace ?? '') === '') {
    throw new ClusterError('bad-request', `${resource.kind} ${name} has no namespace.`, { status: 400 });
  }
  const parts = [name, namespace].filter((part) => part !== undefined && part !== '');
  const isOdd = parts.some((part) => part === '.' || part === '..' || /[/%]/.test(part ?? ''));
  if (!isOdd && (name !== '' || verb === 'create')) return;
  const what = JSON.stringify(isOdd ? parts.join('/') : '');
  throw new ClusterError('bad-request', `${what} cannot be the name of an object.`, { status: 400 });
}

const actions: Readonly<Record<string, string>> = { get: 'read', patch: 'change', apply: 'apply' };

function refused({ verb, resource, namespace }: Subject, context: string): ClusterError {
  const where = !resource.namespaced
    ? ''
    : namespace === undefined || namespace === ''
      ? ' in all namespaces'
      : ` in ${namespace}`;
  const message = `You may not ${actions[verb] ?? verb} ${pluralOf(resource)}${where} on ${context}.`;
  return new ClusterError('forbidden', message, { status: 403 });
}

/** `NetworkPolicies`: the capitals of the kind, the ending of the resource. */
function pluralOf({ kind, resource }: ApiResource): string {
  const lower = kind.toLowerCase();
  let shared = 0;
  while (shared < lower.length && lower[shared] === resource[shared]) shared += 1;
  return shared === 0 ? resource : kind.slice(0, shared) + resource.slice(shared);
}

function resourceOf(kind: ServedKind): ApiResource {
  return {
    group: kind.group,
    version: kind.version,
    kind: kind.kind,
    resource: kind.resource,
    namespaced: kind.namespaced,
    verbs: kind.verbs,
    shortNames: kind.shortNames,
    subresources: kind.subresources.map((subresource) => subresource.name),
  };
}

function metadataOf({ apiVersion, kind, metadata }: KubeObject): KubeObject {
  return { apiVersion, kind, metadata };
}

function withCompactFields(object: KubeObject, options: ListOptions): KubeObject {
  const copy = cloneJson(object);
  const entries = copy.metadata['managedFields'];
  if (options.compactManagedFields !== true || !Array.isArray(entries)) return copy;
  const compact = entries.map((entry) =>
    typeof entry === 'object' && entry !== null && 'fieldsV1' in entry
      ? { ...entry, fieldsV1: JSON.stringify(entry['fieldsV1']) }
      : entry,
  );
  return { ...copy, metadata: { ...copy.metadata, managedFields: compact } };
}

/** A linear congruential sequence: enough for names and uids that must only differ. */
function fixedSequence(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
