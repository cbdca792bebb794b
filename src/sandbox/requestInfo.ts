import type { Catalog } from '../core/cluster/catalog.ts';
import type { ServedKind } from '../core/cluster/servedKind.ts';

/** What a URL below `/api` or `/apis` asks for. */
export type RequestTarget =
  | { type: 'resource'; kind: ServedKind; namespace: string; name: string; subresource: string; query: URLSearchParams }
  /** The group-version is served, the resource is not. */
  | { type: 'unknown-resource' }
  /** Nothing is served there. */
  | { type: 'unknown' };

/** Reads a resource URL: `/apis/apps/v1/namespaces/web/deployments/api/scale`. */
export function resourceTarget(catalog: Catalog, url: URL): RequestTarget {
  const parts = url.pathname
    .split('/')
    .filter((part) => part !== '')
    .map(decoded);
  const isCore = parts[0] === 'api';
  const [group, version] = isCore ? ['', parts[1]] : [parts[1], parts[2]];
  if ((parts[0] !== 'api' && parts[0] !== 'apis') || group === undefined || version === undefined)
    return { type: 'unknown' };
  let rest = parts.slice(isCore ? 2 : 3);
  const query = url.searchParams;
  if (rest[0] === 'watch') {
    rest = rest.slice(1);
    query.set('watch', '1');
  }
  let namespace = '';
  // `namespaces/web/deployments` lies in a namespace; `namespaces/web` and `namespaces/web/status` are about one.
  if (rest[0] === 'namespaces' && rest.length > 2 && rest[2] !== 'status' && rest[2] !== 'finalize') {
    namespace = rest[1] ?? '';
    rest = rest.slice(2);
  }
  const [resource = '', name = '', subresource = ''] = rest;
  const kind = catalog.byResource(group, version, resource);
  if (kind !== undefined && rest.length <= 3) return { type: 'resource', kind, namespace, name, subresource, query };
  const isServed = catalog.kinds.some((served) => served.group === group && served.version === version);
  return isServed ? { type: 'unknown-resource' } : { type: 'unknown' };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
