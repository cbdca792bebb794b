import { type Json, field, fieldAt, isJsonObject, listAt, stringAt } from '../../core/json.ts';
import { type KubeObject, apiVersionOf } from '../../core/kube/objectKey.ts';
import type { ApiResource, ListOptions, ListRequest, ListResult } from '../../ports/cluster.ts';
import { ClusterError } from '../../ports/clusterError.ts';
import type { ApiConnection } from './apiConnection.ts';
import { compactManagedFields } from './compactManagedFields.ts';
import { collectionPath, withQuery } from './requestPath.ts';

/** What kubectl asks for at once: 500 objects are decoded in some milliseconds and held only once. */
const chunkSize = 500;

/** A server that does not know it answers with whole objects. */
const metadataList = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json';

/**
 * All objects of a kind, chunk by chunk. Where the server forgot the first chunk's revision before the last was read (410), it
 * starts again, and the third time asks for everything at once, as client-go does.
 * @throws {ClusterError}
 */
export async function listObjects(
  connection: ApiConnection,
  resource: ApiResource,
  options: ListRequest = {},
): Promise<ListResult> {
  for (let attempt = 0; ; attempt++) {
    try {
      const limit = Math.min(chunkSize, options.atMost ?? chunkSize);
      return await listOnce(connection, resource, options, attempt < 2 ? limit : undefined);
    } catch (error) {
      if (!ClusterError.is(error, 'gone') || attempt >= 2) throw error;
    }
  }
}

async function listOnce(
  connection: ApiConnection,
  resource: ApiResource,
  options: ListRequest,
  limit: number | undefined,
): Promise<ListResult> {
  const { namespace = '', labelSelector, metadataOnly = false, atMost = Number.POSITIVE_INFINITY, signal } = options;
  const path = collectionPath(resource, namespace);
  const objects: KubeObject[] = [];
  const pool = new Map<string, string>();
  let seen = 0;
  let next: string | undefined;
  for (;;) {
    const chunk = await connection.json({
      method: 'GET',
      path: withQuery(path, { limit, labelSelector, continue: next }),
      subject: { verb: 'list', resource, namespace },
      signal,
      ...(metadataOnly ? { accept: metadataList } : {}),
    });
    const items = listAt(chunk, 'items');
    seen += items.length;
    for (const item of items) {
      const object = asObject(metadataOnly ? metadataOf(item) : item, resource, options, pool);
      if (object !== undefined) objects.push(object);
    }
    next = stringAt(chunk, 'metadata', 'continue');
    const resourceVersion = stringAt(chunk, 'metadata', 'resourceVersion') ?? '';
    const isLast = next === undefined || next === '';
    // Where a selector or an old server leaves it open how many are to come, it is one at least.
    const remaining = fieldAt(chunk, 'metadata', 'remainingItemCount');
    const toCome = typeof remaining === 'number' ? remaining : 1;
    if (seen + (isLast ? 0 : toCome) > atMost) return { objects: [], resourceVersion, isTooLong: true };
    if (isLast) return { objects, resourceVersion };
  }
}

/** Such items name a kind of their own. */
function metadataOf(item: Json): Json {
  const metadata = field(item, 'metadata');
  return metadata === undefined ? item : { metadata };
}

/** Items of a list carry neither apiVersion nor kind; everything else in Plumbline counts on both. Undefined for what nobody wants. */
export function asObject(
  item: Json,
  resource: ApiResource,
  options: ListOptions,
  pool: Map<string, string>,
): KubeObject | undefined {
  if (!isJsonObject(item) || !isJsonObject(item['metadata'])) return undefined;
  item['apiVersion'] ??= apiVersionOf(resource);
  item['kind'] ??= resource.kind;
  const object = item as KubeObject;
  if (options.wants?.(object) === false) return undefined;
  if (options.compactManagedFields === true) compactManagedFields(object, pool);
  return object;
}
