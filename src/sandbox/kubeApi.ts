import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ApplyRequest, DeleteRequest, ListRequest, WriteRequest, WriteResult } from '../core/cluster/requests.ts';
import { getScale, patchScale, updateScale } from '../core/cluster/scale.ts';
import { type ServedKind, apiVersionOfKind, hasSubresource } from '../core/cluster/servedKind.ts';
import type { SimulatedCluster } from '../core/cluster/simulatedCluster.ts';
import { StatusError, badRequest } from '../core/cluster/statusError.ts';
import { reviewOf } from '../core/cluster/reviews.ts';
import { type Json, type JsonObject, field, isJsonObject, stringAt } from '../core/json.ts';
import type { KubeObject } from '../core/kube/objectKey.ts';
import { readBody } from './requestBody.ts';
import { type RequestTarget, resourceTarget } from './requestInfo.ts';
import { sendJson, sendPlain } from './responses.ts';
import { isTableRequest, tableOf } from './tables/table.ts';
import { streamWatch } from './watchStream.ts';

type ResourceTarget = Extract<RequestTarget, { type: 'resource' }>;

/** Answers what lies below `/api/v1` and `/apis/GROUP/VERSION`: objects of every kind that the cluster serves. */
export class KubeApi {
  readonly #cluster: SimulatedCluster;
  readonly #stopping: AbortSignal;

  constructor(cluster: SimulatedCluster, stopping: AbortSignal) {
    this.#cluster = cluster;
    this.#stopping = stopping;
  }

  async answer(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const target = resourceTarget(this.#cluster.catalog, url);
    if (target.type === 'unknown') {
      sendPlain(response, 404, '404 page not found\n');
      return;
    }
    if (target.type === 'unknown-resource') {
      throw new StatusError(404, 'NotFound', 'the server could not find the requested resource', {});
    }
    if (target.subresource !== '' && !hasSubresource(target.kind, target.subresource)) {
      throw new StatusError(404, 'NotFound', 'the server could not find the requested resource', {});
    }
    switch (request.method) {
      case 'GET':
        this.#read(request, response, target);
        break;
      case 'POST':
        this.#create(request, response, target, await readBody(request));
        break;
      case 'PUT':
        this.#update(request, response, target, await readBody(request));
        break;
      case 'PATCH':
        this.#patch(request, response, target, patchType(request), await readBody(request));
        break;
      case 'DELETE':
        this.#delete(response, target, await readBody(request));
        break;
      default:
        throw new StatusError(
          405,
          'MethodNotAllowed',
          'the server does not allow this method on the requested resource',
          {},
        );
    }
  }

  #read(request: IncomingMessage, response: ServerResponse, target: ResourceTarget): void {
    const { kind, namespace, name, subresource, query } = target;
    const isWatch = query.get('watch') === '1' || query.get('watch') === 'true';
    const list = listRequest(target);
    if (isWatch) {
      const narrowed = name === '' ? list : { ...list, fieldSelector: `metadata.name=${name}` };
      streamWatch({ cluster: this.#cluster, kind, request, response, list: narrowed, query, stopping: this.#stopping });
      return;
    }
    if (name !== '') {
      const object =
        subresource === 'scale'
          ? getScale(this.#cluster, kind, namespace, name)
          : this.#cluster.get(kind, namespace, name);
      sendJson(response, 200, this.#shown(request, kind, object));
      return;
    }
    const answer = this.#cluster.list(kind, list);
    const metadata: JsonObject = {
      resourceVersion: String(answer.resourceVersion),
      ...(answer.continue === undefined ? {} : { continue: answer.continue }),
      ...(answer.remaining === undefined ? {} : { remainingItemCount: answer.remaining }),
    };
    if (isTableRequest(request)) {
      sendJson(
        response,
        200,
        tableOf(kind, answer.objects, this.#cluster.now(), { metadata, include: query.get('includeObject') ?? '' }),
      );
      return;
    }
    // Items of built-in lists carry neither version nor kind: the list's own tells both.
    const items = kind.custom === undefined ? answer.objects.map(withoutType) : answer.objects;
    const listKind = kind.custom?.listKind ?? `${kind.kind}List`;
    sendJson(response, 200, { kind: listKind, apiVersion: apiVersionOfKind(kind), metadata, items });
  }

  #create(request: IncomingMessage, response: ServerResponse, target: ResourceTarget, body: Json): void {
    const { kind, namespace, name, subresource } = target;
    const review = name === '' ? reviewOf(kind, body) : undefined;
    if (review !== undefined) {
      sendJson(response, 201, review);
      return;
    }
    if (subresource === 'eviction') {
      this.#cluster.delete(kind, namespace, name, {});
      sendJson(response, 201, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 });
      return;
    }
    if (name !== '')
      throw new StatusError(
        405,
        'MethodNotAllowed',
        'the server does not allow this method on the requested resource',
        {},
      );
    const result = this.#cluster.create(kind, namespace, body, writeRequest(request, target));
    this.#answerWrite(request, response, kind, result);
  }

  #update(request: IncomingMessage, response: ServerResponse, target: ResourceTarget, body: Json): void {
    const { kind, namespace, name, subresource } = target;
    const how = writeRequest(request, target);
    if (subresource === 'scale') {
      sendJson(response, 200, updateScale(this.#cluster, kind, namespace, name, body, how));
      return;
    }
    this.#answerWrite(request, response, kind, this.#cluster.update(kind, namespace, name, body, how));
  }

  #patch(
    request: IncomingMessage,
    response: ServerResponse,
    target: ResourceTarget,
    type: PatchType,
    body: Json,
  ): void {
    const { kind, namespace, name, subresource, query } = target;
    const how = writeRequest(request, target);
    if (subresource === 'scale') {
      sendJson(
        response,
        200,
        patchScale(this.#cluster, kind, namespace, name, body, { ...how, type: type === 'apply' ? 'merge' : type }),
      );
      return;
    }
    if (type === 'apply') {
      const apply: ApplyRequest = {
        ...how,
        fieldManager: query.get('fieldManager') ?? '',
        force: query.get('force') === 'true',
      };
      this.#answerWrite(request, response, kind, this.#cluster.apply(kind, namespace, name, body, apply));
      return;
    }
    this.#answerWrite(request, response, kind, this.#cluster.patch(kind, namespace, name, body, { ...how, type }));
  }

  #delete(response: ServerResponse, target: ResourceTarget, body: Json): void {
    const { kind, namespace, name, query } = target;
    const how = deleteRequest(query, body);
    if (name === '') {
      const objects = this.#cluster.deleteCollection(kind, listRequest(target), how);
      const listKind = kind.custom?.listKind ?? `${kind.kind}List`;
      sendJson(response, 200, { kind: listKind, apiVersion: apiVersionOfKind(kind), metadata: {}, items: objects });
      return;
    }
    const { object, gone } = this.#cluster.delete(kind, namespace, name, how);
    if (!gone) {
      sendJson(response, 200, object);
      return;
    }
    const details: JsonObject = {
      name,
      ...(kind.group === '' ? {} : { group: kind.group }),
      kind: kind.resource,
      uid: stringAt(object, 'metadata', 'uid') ?? '',
    };
    sendJson(response, 200, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details });
  }

  #answerWrite(request: IncomingMessage, response: ServerResponse, kind: ServedKind, result: WriteResult): void {
    for (const warning of result.warnings) response.appendHeader('Warning', `299 - ${JSON.stringify(warning)}`);
    sendJson(response, result.created ? 201 : 200, this.#shown(request, kind, result.object));
  }

  /** A table where the client asks for one, else the object. */
  #shown(request: IncomingMessage, kind: ServedKind, object: KubeObject | JsonObject): JsonObject {
    if (!isTableRequest(request)) return object;
    return tableOf(kind, [object as KubeObject], this.#cluster.now(), { metadata: {}, include: '' });
  }
}

type PatchType = 'json' | 'merge' | 'strategic' | 'apply';

const patchTypes: Readonly<Record<string, PatchType>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/apply-patch+yaml': 'apply',
};

/** Said before the body is read: of an unknown sort nothing is. */
function patchType(request: IncomingMessage): PatchType {
  const type = patchTypes[(request.headers['content-type'] ?? '').split(';')[0]?.trim() ?? ''];
  if (type === undefined) throw new StatusError(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {});
  return type;
}

function withoutType(object: KubeObject): JsonObject {
  const { apiVersion: _, kind: __, ...rest } = object;
  return rest;
}

function listRequest({ namespace, query }: ResourceTarget): ListRequest {
  const limit = Number(query.get('limit') ?? '0');
  return {
    namespace,
    labelSelector: query.get('labelSelector') ?? '',
    fieldSelector: query.get('fieldSelector') ?? '',
    limit: Number.isInteger(limit) ? limit : 0,
    continue: query.get('continue') ?? '',
  };
}

function writeRequest(request: IncomingMessage, { query, subresource }: ResourceTarget): WriteRequest {
  const dryRun = query.getAll('dryRun').filter((value) => value !== '');
  if (dryRun.some((value) => value !== 'All')) {
    throw badRequest(`invalid dry run directive ${JSON.stringify(dryRun.join(','))}: only "All" is known`);
  }
  const validation = query.get('fieldValidation');
  return {
    fieldManager: query.get('fieldManager') ?? managerOf(request.headers['user-agent']),
    dryRun: dryRun.length > 0,
    ...(validation === 'Strict' || validation === 'Warn' || validation === 'Ignore' ? { validation } : {}),
    ...(subresource === '' ? {} : { subresource }),
  };
}

/** Writers that name no manager are named by their program: `kubectl/v1.35 (linux/amd64)` is `kubectl`. */
function managerOf(userAgent: string | undefined): string {
  const name = (userAgent ?? '').split('/')[0] ?? '';
  return name.replaceAll(/[^\x20-\x7e]/g, '').slice(0, 128);
}

function deleteRequest(query: URLSearchParams, body: Json): DeleteRequest {
  const policy = stringAt(body, 'propagationPolicy') ?? query.get('propagationPolicy') ?? '';
  const orphan = field(body, 'orphanDependents') === true || query.get('orphanDependents') === 'true';
  const preconditions = field(body, 'preconditions');
  const uid = stringAt(preconditions, 'uid');
  const resourceVersion = stringAt(preconditions, 'resourceVersion');
  const dryRun = isJsonObject(body) ? body['dryRun'] : undefined;
  return {
    propagation: policy === 'Foreground' ? 'Foreground' : policy === 'Orphan' || orphan ? 'Orphan' : 'Background',
    ...(uid === undefined ? {} : { uid }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
    dryRun: query.get('dryRun') === 'All' || (Array.isArray(dryRun) && dryRun.includes('All')),
  };
}
