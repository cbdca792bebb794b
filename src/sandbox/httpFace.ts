import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SimulatedCluster } from '../core/cluster/simulatedCluster.ts';
import { StatusError } from '../core/cluster/statusError.ts';
import { kubernetesVersion } from './builtInTable.ts';
import {
  aggregatedDiscovery,
  aggregatedType,
  coreVersions,
  groupDocument,
  groupList,
  resourceList,
} from './discovery.ts';
import { checkRequest } from './gate.ts';
import { KubeApi } from './kubeApi.ts';
import { OpenApiDocuments } from './openApiDocuments.ts';
import { sendJson, sendPlain, sendStatus, sendText } from './responses.ts';

export interface HttpFaceOptions {
  cluster: SimulatedCluster;
  token: string;
  port(): number;
  stopping: AbortSignal;
}

/** The simulated cluster as a Kubernetes API: who may ask, discovery, schemas, objects. */
export class HttpFace {
  readonly #options: HttpFaceOptions;
  readonly #documents: OpenApiDocuments;
  readonly #api: KubeApi;

  constructor(options: HttpFaceOptions) {
    this.#options = options;
    this.#documents = new OpenApiDocuments(options.cluster.catalog);
    this.#api = new KubeApi(options.cluster, options.stopping);
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      checkRequest(request, this.#options.port(), this.#options.token);
      await this.#route(request, response);
    } catch (error) {
      answerError(response, error);
    }
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', `https://127.0.0.1:${this.#options.port()}`);
    const parts = url.pathname.split('/').filter((part) => part !== '');
    const [root = ''] = parts;
    switch (root) {
      case 'api':
      case 'apis':
        if (parts.length <= (root === 'api' ? 2 : 3)) this.#discover(request, response, root, parts);
        else await this.#api.answer(request, response, url);
        break;
      case 'openapi':
        this.#openApi(response, parts);
        break;
      case 'version':
        sendJson(response, 200, versionDocument());
        break;
      case 'healthz':
      case 'livez':
      case 'readyz':
        sendPlain(response, 200, 'ok');
        break;
      default:
        sendPlain(response, 404, '404 page not found\n');
    }
  }

  #discover(request: IncomingMessage, response: ServerResponse, root: 'api' | 'apis', parts: readonly string[]): void {
    const { catalog } = this.#options.cluster;
    const wantsAll = (request.headers.accept ?? '').includes('g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList');
    if (parts.length === 1) {
      if (wantsAll) sendJson(response, 200, aggregatedDiscovery(catalog, root), aggregatedType);
      else
        sendJson(
          response,
          200,
          root === 'apis' ? groupList(catalog) : coreVersions(`127.0.0.1:${this.#options.port()}`),
        );
      return;
    }
    const [, first = '', second = ''] = parts;
    const document =
      root === 'api'
        ? resourceList(catalog, '', first)
        : parts.length === 2
          ? groupDocument(catalog, first)
          : resourceList(catalog, first, second);
    if (document === undefined) sendPlain(response, 404, '404 page not found\n');
    else sendJson(response, 200, document);
  }

  /** Version 3 only: clients of these years ask for it first, and fall back to none. */
  #openApi(response: ServerResponse, parts: readonly string[]): void {
    if (parts[1] === 'v3' && parts.length === 2) {
      sendJson(response, 200, this.#documents.index());
      return;
    }
    const document = parts[1] === 'v3' ? this.#documents.document(parts.slice(2).join('/')) : undefined;
    if (document === undefined) sendPlain(response, 404, '404 page not found\n');
    else {
      response.setHeader('etag', `"${document.hash}"`);
      sendText(response, 200, document.text, 'application/json');
    }
  }
}

function versionDocument(): Record<string, string> {
  return {
    ...kubernetesVersion,
    gitCommit: '',
    gitTreeState: 'clean',
    buildDate: '1970-01-01T00:00:00Z',
    goVersion: '',
    compiler: '',
    platform: `${process.platform}/${process.arch}`,
  };
}

function answerError(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  if (StatusError.is(error)) {
    // What is left of a body that is too large is not waited for.
    if (error.code === 413) response.setHeader('connection', 'close');
    sendStatus(response, error);
    return;
  }
  const message = error instanceof Error ? error.message : 'unknown';
  sendStatus(response, new StatusError(500, 'InternalError', `Internal error occurred: ${message}`));
}
