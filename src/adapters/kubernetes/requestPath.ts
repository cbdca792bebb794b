import { type KubeObject, namespaceOf } from '../../core/kube/objectKey.ts';
import type { ApiResource } from '../../ports/cluster.ts';
import { ClusterError } from '../../ports/clusterError.ts';

export type Query = Record<string, string | number | boolean | undefined>;

/** `/apis/apps/v1/namespaces/podinfo/deployments`; all namespaces where none is given. */
export function collectionPath(resource: ApiResource, namespace: string): string {
  const root = resource.group === '' ? `/api/${resource.version}` : `/apis/${resource.group}/${resource.version}`;
  const scope = resource.namespaced && namespace !== '' ? `/namespaces/${segment(namespace, 'namespace')}` : '';
  return `${root}${scope}/${resource.resource}`;
}

/** @throws {ClusterError} `bad-request` where a namespaced kind has no namespace, or the name can be no part of a path. */
export function objectPath(resource: ApiResource, namespace: string, name: string, subresource?: string): string {
  requireNamespace(resource, namespace, name);
  const path = `${collectionPath(resource, namespace)}/${segment(name, 'name')}`;
  return subresource === undefined ? path : `${path}/${segment(subresource, 'subresource')}`;
}

/** Where an object is created: its own namespace is part of the path. */
export function creationPath(resource: ApiResource, object: KubeObject, name: string): string {
  const namespace = namespaceOf(object);
  requireNamespace(resource, namespace, name);
  return collectionPath(resource, namespace);
}

export function withQuery(path: string, query: Query): string {
  const parameters = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) if (value !== undefined) parameters.set(key, String(value));
  return parameters.size === 0 ? path : `${path}?${parameters.toString()}`;
}

function requireNamespace(resource: ApiResource, namespace: string, name: string): void {
  if (!resource.namespaced || namespace !== '') return;
  throw new ClusterError('bad-request', `${resource.kind} ${name} has no namespace.`, {
    remedy: 'Write metadata.namespace, or name a default namespace.',
  });
}

/** Names that would change the path are no names to the API server either (path segment names of apimachinery). */
function segment(text: string, what: string): string {
  if (text === '' || text === '.' || text === '..' || /[/%]/.test(text)) {
    throw new ClusterError('bad-request', `${JSON.stringify(text)} cannot be the ${what} of an object.`);
  }
  return encodeURIComponent(text);
}
