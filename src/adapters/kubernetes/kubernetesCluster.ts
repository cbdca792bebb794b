import { type Json, type JsonObject, field, fieldAt, isJsonObject, stringAt } from '../../core/json.ts';
import { printJson } from '../../core/jsonText.ts';
import { type KubeObject, nameOf, namespaceOf } from '../../core/kube/objectKey.ts';
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
} from '../../ports/cluster.ts';
import { ClusterError } from '../../ports/clusterError.ts';
import type { ApiConnection } from './apiConnection.ts';
import type { RequestSubject } from './describeRequest.ts';
import { DiscoveryReader } from './discovery.ts';
import { listObjects } from './objectLister.ts';
import { OpenApiReader } from './openApiReader.ts';
import { creationPath, objectPath, withQuery } from './requestPath.ts';
import type { SchemaFolder } from './schemaFolder.ts';
import { isMissingObject, statusError } from './statusError.ts';
import { orAborted } from './waiting.ts';
import { type WatchTimes, watchObjects } from './watchObjects.ts';

const patchTypes: Record<PatchOptions['type'], string> = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  strategic: 'application/strategic-merge-patch+json',
};

const propagations = { background: 'Background', foreground: 'Foreground', orphan: 'Orphan' } as const;

/** A cluster reached over HTTP: a real one, or the sandbox. */
export class KubernetesCluster implements Cluster {
  readonly context: string;
  readonly namespace: string | undefined;
  readonly server: string;
  readonly #connection: ApiConnection;
  readonly #discoveryReader: DiscoveryReader;
  readonly #openApi: OpenApiReader;
  readonly #watchTimes: Partial<WatchTimes>;
  #discovery: Promise<Discovery> | undefined;

  constructor(
    connection: ApiConnection,
    options: {
      namespace?: string | undefined;
      schemaFolder?: SchemaFolder | undefined;
      watchTimes?: Partial<WatchTimes>;
    } = {},
  ) {
    this.context = connection.context;
    this.server = connection.server;
    this.namespace = options.namespace;
    this.#connection = connection;
    this.#discoveryReader = new DiscoveryReader(connection);
    this.#openApi = new OpenApiReader(connection, options.schemaFolder);
    this.#watchTimes = options.watchTimes ?? {};
  }

  async version(signal?: AbortSignal): Promise<{ gitVersion: string; major: string; minor: string }> {
    const answer = await this.#connection.json({ method: 'GET', path: '/version', subject: { verb: 'ask' }, signal });
    const text = (key: string): string => stringAt(answer, key) ?? '';
    return { gitVersion: text('gitVersion'), major: text('major'), minor: text('minor') };
  }

  discover(options: { refresh?: boolean; signal?: AbortSignal } = {}): Promise<Discovery> {
    if (options.refresh === true) {
      this.#discovery = undefined;
      this.#openApi.refresh();
    }
    if (this.#discovery === undefined) this.#openApi.readAhead();
    // Shared by all who ask meanwhile, so that no abort of one ends it for the others.
    const reading = (this.#discovery ??= this.#discoveryReader.read());
    reading.catch(() => {
      if (this.#discovery === reading) this.#discovery = undefined;
    });
    return orAborted(reading, options.signal);
  }

  openApi(groupVersion: string, signal?: AbortSignal): Promise<Json | undefined> {
    return this.#openApi.document(groupVersion, signal);
  }

  async get(
    resource: ApiResource,
    namespace: string,
    name: string,
    signal?: AbortSignal,
  ): Promise<KubeObject | undefined> {
    const subject: RequestSubject = { verb: 'get', resource, namespace, name };
    const path = objectPath(resource, namespace, name);
    const { status, text } = await this.#connection.request({ method: 'GET', path, subject, expected: [404], signal });
    if (status === 404) {
      this.#checkServed(text, subject);
      return undefined;
    }
    return this.#object(this.#connection.parse(text), subject);
  }

  list(resource: ApiResource, options: ListRequest = {}): Promise<ListResult> {
    return listObjects(this.#connection, resource, options);
  }

  watch(resource: ApiResource, options: ListOptions, onEvent: (event: WatchEvent) => void): Promise<void> {
    return watchObjects(this.#connection, resource, options, onEvent, this.#watchTimes);
  }

  apply(resource: ApiResource, object: KubeObject, options: ApplyOptions): Promise<KubeObject> {
    const namespace = resource.namespaced ? namespaceOf(object) : '';
    const name = nameOf(object);
    const { dryRun, fieldManager, force } = options;
    return this.#write(
      'PATCH',
      withQuery(objectPath(resource, namespace, name), { fieldManager, force: force ?? false, ...dryRunQuery(dryRun) }),
      { verb: 'apply', resource, namespace, name },
      withoutManagedFields(object),
      'application/apply-patch+yaml',
      options.signal,
    );
  }

  create(
    resource: ApiResource,
    object: KubeObject,
    options: WriteOptions & { fieldManager?: string } = {},
  ): Promise<KubeObject> {
    const name = nameOf(object);
    return this.#write(
      'POST',
      withQuery(creationPath(resource, object, name), {
        fieldManager: options.fieldManager,
        ...dryRunQuery(options.dryRun),
      }),
      { verb: 'create', resource, namespace: resource.namespaced ? namespaceOf(object) : '', name },
      object,
      'application/json',
      options.signal,
    );
  }

  patch(
    resource: ApiResource,
    namespace: string,
    name: string,
    patch: Json,
    options: PatchOptions,
  ): Promise<KubeObject> {
    const path = objectPath(resource, namespace, name, options.subresource);
    return this.#write(
      'PATCH',
      withQuery(path, { fieldManager: options.fieldManager, ...dryRunQuery(options.dryRun) }),
      { verb: 'change', resource, namespace, name },
      patch,
      patchTypes[options.type],
      options.signal,
    );
  }

  async delete(
    resource: ApiResource,
    namespace: string,
    name: string,
    options: DeleteOptions = {},
  ): Promise<KubeObject | undefined> {
    const subject: RequestSubject = { verb: 'delete', resource, namespace, name };
    const body: JsonObject = {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      propagationPolicy: propagations[options.propagation ?? 'background'],
      ...(options.uid === undefined ? {} : { preconditions: { uid: options.uid } }),
      ...(options.dryRun === true ? { dryRun: ['All'] } : {}),
    };
    const { status, text } = await this.#connection.request({
      method: 'DELETE',
      path: objectPath(resource, namespace, name),
      subject,
      body: printJson(body),
      contentType: 'application/json',
      expected: [404],
      signal: options.signal,
    });
    if (status === 404) {
      this.#checkServed(text, subject);
      return undefined;
    }
    const answer = this.#connection.parse(text);
    if (stringAt(answer, 'kind') !== 'Status') return this.#object(answer, subject);
    const uid = stringAt(answer, 'details', 'uid');
    const metadata = { name, ...(namespace === '' ? {} : { namespace }), ...(uid === undefined ? {} : { uid }) };
    const group = resource.group === '' ? '' : `${resource.group}/`;
    return { apiVersion: `${group}${resource.version}`, kind: resource.kind, metadata };
  }

  async mayI(question: AccessQuestion, signal?: AbortSignal): Promise<boolean> {
    const answer = await this.#connection.json({
      method: 'POST',
      path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      subject: { verb: 'ask' },
      contentType: 'application/json',
      body: printJson({
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: { resourceAttributes: { ...question } },
      }),
      signal,
    });
    return fieldAt(answer, 'status', 'allowed') === true;
  }

  dispose(): void {
    this.#connection.dispose();
  }

  async #write(
    method: 'POST' | 'PATCH',
    path: string,
    subject: RequestSubject,
    body: Json,
    contentType: string,
    signal: AbortSignal | undefined,
  ): Promise<KubeObject> {
    const answer = await this.#connection.json({ method, path, subject, body: printJson(body), contentType, signal });
    return this.#object(answer, subject);
  }

  #object(answer: Json, subject: RequestSubject): KubeObject {
    if (isJsonObject(answer) && isJsonObject(field(answer, 'metadata'))) return answer as KubeObject;
    throw new ClusterError('server', `${this.context} answered ${subject.verb} with no object.`);
  }

  /** A missing object is a value; an address that is not served at all is an error. */
  #checkServed(text: string, subject: RequestSubject): void {
    if (isMissingObject(text)) return;
    throw statusError(404, text, subject, { context: this.context, server: this.server, signIn: '' });
  }
}

/** An apply must not carry managedFields (semantics K-1), which every object that was read has. */
function withoutManagedFields(object: KubeObject): KubeObject {
  if (!Object.hasOwn(object.metadata, 'managedFields')) return object;
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

function dryRunQuery(dryRun: boolean | undefined): { dryRun?: string } {
  return dryRun === true ? { dryRun: 'All' } : {};
}
