import { type KubeObject, nameOf, namespaceOf } from '../kube/objectKey.ts';
import type { ObjectStore } from './objectStore.ts';
import type { ListAnswer, ListRequest } from './requests.ts';
import { labelsOf, parseFieldSelector, parseLabelSelector } from './selectors.ts';
import { type ServedKind, storageKeyOf } from './servedKind.ts';
import { StatusError } from './statusError.ts';

/** Whether an object belongs to a list or watch. */
export function filterOf(kind: ServedKind, request: ListRequest): (object: KubeObject) => boolean {
  const labels = (request.labelSelector ?? '') === '' ? undefined : parseLabelSelector(request.labelSelector ?? '');
  const fields =
    (request.fieldSelector ?? '') === '' ? undefined : parseFieldSelector(request.fieldSelector ?? '', kind.kind);
  const namespace = kind.namespaced ? (request.namespace ?? '') : '';
  return (object) =>
    (namespace === '' || namespaceOf(object) === namespace) &&
    (labels === undefined || labels(labelsOf(object))) &&
    (fields === undefined || fields(object));
}

/** One answer to a list: filtered, sorted, and cut where a limit says so. */
export function listObjects(store: ObjectStore, kind: ServedKind, request: ListRequest): ListAnswer {
  const all = store.list(storageKeyOf(kind), kind.namespaced ? request.namespace : '').filter(filterOf(kind, request));
  const start = request.continue === undefined || request.continue === '' ? undefined : readToken(request.continue);
  const rest = start === undefined ? all : all.filter((object) => keyText(object) > start.after);
  const resourceVersion = start?.resourceVersion ?? store.resourceVersion;
  const limit = request.limit ?? 0;
  if (limit <= 0 || rest.length <= limit) return { objects: rest, resourceVersion };
  const objects = rest.slice(0, limit);
  const last = objects.at(-1);
  return {
    objects,
    resourceVersion,
    ...(last === undefined ? {} : { continue: writeToken(resourceVersion, keyText(last)) }),
    remaining: rest.length - limit,
  };
}

/** Namespace and name in an order that equals that of the list. */
function keyText(object: KubeObject): string {
  return `${namespaceOf(object)}\u0000${nameOf(object)}`;
}

function writeToken(resourceVersion: number, after: string): string {
  return encodeURIComponent(`${resourceVersion}:${after}`);
}

function readToken(token: string): { resourceVersion: number; after: string } {
  const text = decodedToken(token);
  const colon = text.indexOf(':');
  const resourceVersion = Number(text.slice(0, colon));
  if (colon < 1 || !Number.isInteger(resourceVersion)) {
    throw new StatusError(400, 'BadRequest', 'continue key is not valid: incorrect encoding');
  }
  return { resourceVersion, after: text.slice(colon + 1) };
}

function decodedToken(token: string): string {
  try {
    return decodeURIComponent(token);
  } catch {
    return '';
  }
}
