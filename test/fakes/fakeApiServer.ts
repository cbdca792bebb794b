import { randomBytes } from 'node:crypto';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type Json, type JsonObject, fieldAt, isJsonObject, stringAt } from '../../src/core/json.ts';
import { parseJson, printJson } from '../../src/core/jsonText.ts';
import type { KubeObject } from '../../src/core/kube/objectKey.ts';
import { discoveryDocument, legacyDocument, openApiDocument, openApiIndex } from './fakeDocuments.ts';
import { type FakeKind, FakeObjects, StatusAnswer } from './fakeObjects.ts';

/** Sees a request first. Answers true when it dealt with it. */
export type Fault = (request: FakeRequest, response: ServerResponse) => boolean;

export interface FakeRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  body: string;
  user: 'admin' | 'limited';
}

interface OpenWatch {
  response: ServerResponse;
  kind: FakeKind;
  namespace: string;
  selector: string;
}

/** Only within this namespace may user `limited` read. */
const limitedNamespace = 'team';

/**
 * A small API server for fault injection: custom resources and config maps, watch, chunks, server-side apply by the engine's own
 * merge. It passes the same contract as the real one, and does on demand what a real one does rarely.
 */
export class FakeApiServer {
  readonly objects = new FakeObjects();
  readonly tokens = { admin: randomBytes(12).toString('hex'), limited: randomBytes(12).toString('hex') };
  /** Every request as `GET /path?query`, in the order in which they came. */
  readonly requests: string[] = [];
  /** Serve discovery as servers before Kubernetes 1.26 do. */
  legacyDiscovery = false;
  /** Group-versions whose own API server is away. */
  readonly unavailable = new Set<string>();
  readonly #faults: Fault[] = [];
  readonly #watches = new Set<OpenWatch>();
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      void this.#receive(request, response);
    });
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
      socket.on('error', () => {});
    });
    this.objects.onEvent = (kind, event, was) => this.#tell(kind, event, was);
  }

  async start(port = 0): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  kubeconfig(token = this.tokens.admin): string {
    return `apiVersion: v1
kind: Config
current-context: admin
clusters: [{name: fake, cluster: {server: "${this.url}"}}]
contexts:
- {name: admin, context: {cluster: fake, user: admin}}
- {name: limited, context: {cluster: fake, user: limited, namespace: ${limitedNamespace}}}
users:
- {name: admin, user: {token: ${token}}}
- {name: limited, user: {token: ${this.tokens.limited}}}
`;
  }

  /** The next `times` requests that match are dealt with by the fault. */
  inject(fault: Fault, times = 1): void {
    let left = times;
    const once: Fault = (request, response) => {
      if (left === 0 || !fault(request, response)) return false;
      left -= 1;
      return true;
    };
    this.#faults.push(once);
  }

  get openWatches(): number {
    return this.#watches.size;
  }

  /** Cuts every connection, in the middle of whatever is being sent. */
  dropConnections(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Writes to all open watches: raw text, so that lines may be broken or hostile. */
  writeToWatches(text: string): void {
    for (const watch of this.#watches) watch.response.write(text);
  }

  bookmark(): void {
    for (const { kind, response } of this.#watches) {
      const metadata = { resourceVersion: String(this.objects.revision) };
      response.write(
        `${printJson({ type: 'BOOKMARK', object: { kind: kind.kind, apiVersion: kind.apiVersion, metadata } })}\n`,
      );
    }
  }

  /** Ends all watches as servers do every few minutes. */
  endWatches(): void {
    for (const watch of this.#watches) watch.response.end();
    this.#watches.clear();
  }

  /** Takes no more events to the watches that are open, and leaves their connections standing. */
  freezeWatches(): void {
    this.#watches.clear();
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    this.dropConnections();
    await closed;
  }

  async #receive(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
    const url = new URL(incoming.url ?? '/', 'http://fake');
    this.requests.push(`${incoming.method ?? ''} ${incoming.url ?? ''}`);
    const request: FakeRequest = {
      method: incoming.method ?? 'GET',
      path: url.pathname,
      query: url.searchParams,
      headers: incoming.headers,
      body: Buffer.concat(chunks).toString('utf8'),
      user: incoming.headers.authorization === `Bearer ${this.tokens.limited}` ? 'limited' : 'admin',
    };
    if (this.#faults.some((fault) => fault(request, response))) return;
    try {
      const known = [this.tokens.admin, this.tokens.limited].map((token) => `Bearer ${token}`);
      if (!known.includes(incoming.headers.authorization ?? ''))
        throw new StatusAnswer(401, 'Unauthorized', 'Unauthorized');
      this.#answer(request, response);
    } catch (error) {
      if (!(error instanceof StatusAnswer)) throw error;
      sendJson(response, error.code, error.toStatus());
    }
  }

  #answer(request: FakeRequest, response: ServerResponse): void {
    const { path } = request;
    if (path.endsWith('/selfsubjectaccessreviews')) this.#review(request, response);
    else if (path === '/api' || path === '/apis') this.#discovery(request, response);
    else {
      const document = this.#document(path);
      if (document === undefined) this.#answerResource(request, response);
      else sendJson(response, 200, document);
    }
  }

  #document(path: string): Json | undefined {
    const { kinds } = this.objects;
    if (path === '/version') return { gitVersion: 'v1.35.0', major: '1', minor: '35' };
    if (path === '/openapi/v3') return openApiIndex(kinds);
    if (path.startsWith('/openapi/v3/')) return openApiDocument(kinds, path.slice('/openapi/v3/'.length));
    const groupVersion = /^\/(?:api|apis)\/([^/]+(?:\/[^/]+)?)$/.exec(path)?.[1];
    if (groupVersion === undefined || !this.objects.serves(groupVersion)) return undefined;
    return legacyDocument(kinds, path, this.unavailable);
  }

  #discovery({ path, headers }: FakeRequest, response: ServerResponse): void {
    const { kinds } = this.objects;
    if (this.legacyDiscovery) {
      sendJson(response, 200, legacyDocument(kinds, path, this.unavailable));
      return;
    }
    const { document, etag } = discoveryDocument(kinds, path, this.unavailable);
    response.setHeader('ETag', etag);
    if (headers['if-none-match'] === etag) response.writeHead(304).end();
    else sendJson(response, 200, document);
  }

  #review(request: FakeRequest, response: ServerResponse): void {
    const attributes = fieldAt(parseJson(request.body), 'spec', 'resourceAttributes');
    const verb = stringAt(attributes, 'verb') ?? '';
    const allowed = mayDo(request.user, verb, stringAt(attributes, 'namespace') ?? '');
    sendJson(response, 201, { kind: 'SelfSubjectAccessReview', metadata: {}, status: { allowed } });
  }

  #answerResource(request: FakeRequest, response: ServerResponse): void {
    const target = this.objects.resolve(request.path);
    const groupVersion = /^\/(?:api\/([^/]+)|apis\/([^/]+\/[^/]+))\//.exec(request.path);
    if (target === undefined && this.objects.serves(groupVersion?.[1] ?? groupVersion?.[2] ?? '')) {
      throw new StatusAnswer(404, 'NotFound', 'the server could not find the requested resource');
    }
    if (target === undefined) {
      response.writeHead(404, { 'Content-Type': 'text/plain' }).end('404 page not found\n');
      return;
    }
    const { kind, namespace, name } = target;
    const { method, query, body } = request;
    const watching = query.get('watch') === 'true';
    const verb = verbs[method] ?? 'get';
    if (!mayDo(request.user, name === '' && method === 'GET' ? (watching ? 'watch' : 'list') : verb, namespace)) {
      const where = namespace === '' ? 'at the cluster scope' : `in the namespace "${namespace}"`;
      const group = kind.group;
      const what = `User "limited" cannot ${name === '' && method === 'GET' ? 'list' : verb} resource "${kind.resource}" in API group "${group}" ${where}`;
      throw new StatusAnswer(
        403,
        'Forbidden',
        `${kind.resource}${group === '' ? '' : `.${group}`} is forbidden: ${what}`,
      );
    }
    const options = {
      dryRun: query.get('dryRun') === 'All',
      manager: query.get('fieldManager') ?? 'fake',
      force: query.get('force') === 'true',
    };
    if (method === 'GET' && watching) this.#watch(kind, namespace, query, response);
    else if (method === 'GET' && name === '') sendJson(response, 200, this.objects.list(kind, namespace, query));
    else if (method === 'GET') sendJson(response, 200, this.objects.get(kind, namespace, name));
    else if (method === 'POST')
      sendJson(response, 201, this.objects.create(kind, namespace, parseObject(body), options));
    else if (method === 'DELETE')
      sendJson(response, 200, this.objects.remove(kind, namespace, name, parseJson(body), options.dryRun));
    else if (request.headers['content-type'] === 'application/apply-patch+yaml') {
      const { created, object } = this.objects.apply(kind, namespace, name, parseObject(body), options);
      sendJson(response, created ? 201 : 200, object);
    } else {
      const type = request.headers['content-type'] ?? '';
      sendJson(response, 200, this.objects.patch(kind, namespace, name, parseJson(body), type, options));
    }
  }

  #watch(kind: FakeKind, namespace: string, query: URLSearchParams, response: ServerResponse): void {
    const missed = this.objects.eventsSince(kind, Number(query.get('resourceVersion')));
    response.writeHead(200, { 'Content-Type': 'application/json' });
    response.flushHeaders();
    const watch: OpenWatch = { response, kind, namespace, selector: query.get('labelSelector') ?? '' };
    for (const { event, was } of missed) this.#send(watch, event, was);
    this.#watches.add(watch);
    const timer = setTimeout(() => response.end(), Number(query.get('timeoutSeconds') ?? 300) * 1000);
    response.once('close', () => {
      clearTimeout(timer);
      this.#watches.delete(watch);
    });
  }

  #tell(kind: FakeKind, event: JsonObject, was: KubeObject | undefined): void {
    for (const watch of this.#watches) if (watch.kind === kind) this.#send(watch, event, was);
  }

  /** With a selector, an object that no longer matches is deleted to the watcher, and one that begins to is added. */
  #send(watch: OpenWatch, event: JsonObject, was: KubeObject | undefined): void {
    const object = event['object'] as KubeObject;
    const now = this.objects.matches(object, watch.namespace, watch.selector);
    const before = was !== undefined && this.objects.matches(was, watch.namespace, watch.selector);
    if (!now && !before) return;
    const type = event['type'] === 'DELETED' || !now ? 'DELETED' : before ? 'MODIFIED' : 'ADDED';
    watch.response.write(`${printJson({ type, object })}\n`);
  }
}

const verbs: Record<string, string> = { GET: 'get', POST: 'create', PATCH: 'patch', DELETE: 'delete' };

function mayDo(user: FakeRequest['user'], verb: string, namespace: string): boolean {
  return user === 'admin' || (namespace === limitedNamespace && ['get', 'list', 'watch'].includes(verb));
}

export function sendJson(response: ServerResponse, status: number, document: Json): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(printJson(document));
}

function parseObject(body: string): KubeObject {
  const value = parseJson(body);
  if (!isJsonObject(value) || !isJsonObject(value['metadata'])) throw new StatusAnswer(400, 'BadRequest', 'no object');
  return value as KubeObject;
}
