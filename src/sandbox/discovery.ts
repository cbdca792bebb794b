import type { Catalog } from '../core/cluster/catalog.ts';
import type { ServedKind } from '../core/cluster/servedKind.ts';
import type { JsonObject } from '../core/json.ts';
import { apiVersionOf } from '../core/kube/objectKey.ts';

export const aggregatedType = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

/** The groups of the catalog with their versions, core group first, each as its resources came. */
function groupsOf(catalog: Catalog): Map<string, Map<string, ServedKind[]>> {
  const groups = new Map<string, Map<string, ServedKind[]>>([['', new Map()]]);
  for (const kind of catalog.kinds) {
    const versions = groups.get(kind.group) ?? new Map<string, ServedKind[]>();
    groups.set(kind.group, versions);
    const kinds = versions.get(kind.version) ?? [];
    versions.set(kind.version, kinds);
    kinds.push(kind);
  }
  return groups;
}

/** One document with every resource of the core group (`/api`) or of all others (`/apis`). */
export function aggregatedDiscovery(catalog: Catalog, root: 'api' | 'apis'): JsonObject {
  const items = [...groupsOf(catalog)]
    .filter(([group]) => (group === '') === (root === 'api'))
    .map(([group, versions]) => ({
      metadata: group === '' ? { creationTimestamp: null } : { name: group, creationTimestamp: null },
      versions: [...versions].map(([version, kinds]) => ({
        version,
        resources: kinds.map(aggregatedResource),
        freshness: 'Current',
      })),
    }));
  return { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', metadata: {}, items };
}

function aggregatedResource(kind: ServedKind): JsonObject {
  const { group, version } = kind;
  return {
    resource: kind.resource,
    responseKind: { group, version, kind: kind.kind },
    scope: kind.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: kind.singular,
    verbs: [...kind.verbs],
    ...(kind.shortNames.length === 0 ? {} : { shortNames: [...kind.shortNames] }),
    ...(kind.categories.length === 0 ? {} : { categories: [...kind.categories] }),
    ...(kind.subresources.length === 0
      ? {}
      : {
          subresources: kind.subresources.map((subresource) => ({
            subresource: subresource.name,
            responseKind: { ...subresource.kind },
            verbs: [...subresource.verbs],
          })),
        }),
  };
}

export function coreVersions(host: string): JsonObject {
  return {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: host }],
  };
}

export function groupList(catalog: Catalog): JsonObject {
  const groups = [...groupsOf(catalog)].filter(([group]) => group !== '');
  return {
    kind: 'APIGroupList',
    apiVersion: 'v1',
    groups: groups.map(([group, versions]) => apiGroup(group, versions)),
  };
}

export function groupDocument(catalog: Catalog, group: string): JsonObject | undefined {
  const versions = groupsOf(catalog).get(group);
  if (group === '' || versions === undefined) return undefined;
  return { kind: 'APIGroup', apiVersion: 'v1', ...apiGroup(group, versions) };
}

function apiGroup(group: string, versions: Map<string, ServedKind[]>): JsonObject {
  const list = [...versions.keys()].map((version) => ({ groupVersion: `${group}/${version}`, version }));
  return { name: group, versions: list, preferredVersion: list[0] ?? {} };
}

/** The resources of one group-version, subresources among them; undefined where it is not served. */
export function resourceList(catalog: Catalog, group: string, version: string): JsonObject | undefined {
  const kinds = groupsOf(catalog).get(group)?.get(version);
  if (kinds === undefined) return undefined;
  const resources = kinds.flatMap((kind) => [
    {
      name: kind.resource,
      singularName: kind.singular,
      namespaced: kind.namespaced,
      kind: kind.kind,
      verbs: [...kind.verbs],
      ...(kind.shortNames.length === 0 ? {} : { shortNames: [...kind.shortNames] }),
      ...(kind.categories.length === 0 ? {} : { categories: [...kind.categories] }),
    },
    ...kind.subresources.map((subresource) => ({
      name: `${kind.resource}/${subresource.name}`,
      singularName: '',
      namespaced: kind.namespaced,
      ...(apiVersionOf(subresource.kind) === apiVersionOf(kind)
        ? {}
        : { group: subresource.kind.group, version: subresource.kind.version }),
      kind: subresource.kind.kind,
      verbs: [...subresource.verbs],
    })),
  ]);
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: apiVersionOf({ group, version }), resources };
}
