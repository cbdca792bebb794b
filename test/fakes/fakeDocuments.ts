import { createHash } from 'node:crypto';
import type { Json, JsonObject } from '../../src/core/json.ts';
import { printJson } from '../../src/core/jsonText.ts';
import type { FakeKind } from './fakeObjects.ts';

const verbs = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'];

/** Aggregated discovery (apidiscovery.k8s.io/v2) of `/api` or `/apis`. */
export function discoveryDocument(
  kinds: readonly FakeKind[],
  path: string,
  unavailable: ReadonlySet<string>,
): { document: JsonObject; etag: string } {
  const items = groupsOf(kinds, path).map(({ group, versions }) => ({
    metadata: { name: group },
    versions: [
      ...versions.map((version) => ({
        version,
        freshness: 'Current',
        resources: kinds
          .filter((kind) => kind.group === group && kind.version === version)
          .map((kind) => ({
            resource: kind.resource,
            // Real servers leave group and version empty here.
            responseKind: { group: '', version: '', kind: kind.kind },
            scope: kind.namespaced ? 'Namespaced' : 'Cluster',
            verbs,
            subresources: kind.subresources.map((subresource) => ({ subresource, verbs: ['get', 'patch', 'update'] })),
          })),
      })),
    ],
  }));
  const stale = [...unavailable]
    .filter((apiVersion) => apiVersion.includes('/') === (path === '/apis'))
    .map((apiVersion) => ({
      metadata: { name: apiVersion.split('/')[0] ?? '' },
      versions: [{ version: apiVersion.split('/')[1] ?? '', freshness: 'Stale', resources: [] }],
    }));
  const document = {
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    metadata: {},
    items: [...items, ...stale],
  };
  return { document, etag: `"${hashOf(document)}"` };
}

/** What servers before Kubernetes 1.26 answer: versions of `/api`, groups of `/apis`, resources of a group-version. */
export function legacyDocument(kinds: readonly FakeKind[], path: string, unavailable: ReadonlySet<string>): JsonObject {
  if (path === '/api') return { kind: 'APIVersions', versions: ['v1'] };
  if (path === '/apis') {
    const away = [...unavailable].map((apiVersion) => {
      const [group = '', version = ''] = apiVersion.split('/');
      return { group, versions: [version] };
    });
    const groups = [...groupsOf(kinds, path), ...away].map(({ group, versions }) => ({
      name: group,
      versions: versions.map((version) => ({ groupVersion: `${group}/${version}`, version })),
      preferredVersion: { version: versions[0] ?? '' },
    }));
    return { kind: 'APIGroupList', groups };
  }
  const apiVersion = path.replace(/^\/apis?\//, '');
  const resources = kinds
    .filter((kind) => kind.apiVersion === apiVersion)
    .flatMap((kind) => [
      { name: kind.resource, kind: kind.kind, namespaced: kind.namespaced, verbs },
      ...kind.subresources.map((name) => ({
        name: `${kind.resource}/${name}`,
        kind: kind.kind,
        namespaced: kind.namespaced,
        verbs,
      })),
    ]);
  return { kind: 'APIResourceList', groupVersion: apiVersion, resources };
}

export function openApiIndex(kinds: readonly FakeKind[]): JsonObject {
  const keys = [...new Set(kinds.map(documentKey))];
  const entry = (key: string): JsonObject => ({
    serverRelativeURL: `/openapi/v3/${key}?hash=${hashOf(openApiDocument(kinds, key))}`,
  });
  return { paths: Object.fromEntries(keys.map((key) => [key, entry(key)])) };
}

export function openApiDocument(kinds: readonly FakeKind[], key: string): JsonObject {
  const schemas = kinds
    .filter((kind) => documentKey(kind) === key)
    .map(({ group, version, kind }) => {
      const schema = { type: 'object', 'x-kubernetes-group-version-kind': [{ group, version, kind }] };
      return [`fake.${version}.${kind}`, schema] as const;
    });
  return {
    openapi: '3.0.0',
    info: { title: 'fake', version: '1' },
    components: { schemas: Object.fromEntries(schemas) },
  };
}

function documentKey(kind: FakeKind): string {
  return kind.group === '' ? `api/${kind.version}` : `apis/${kind.apiVersion}`;
}

function groupsOf(kinds: readonly FakeKind[], path: string): { group: string; versions: string[] }[] {
  const named = kinds.filter((kind) => (kind.group === '') === (path === '/api'));
  const groups = [...new Set(named.map((kind) => kind.group))];
  return groups.map((group) => ({
    group,
    versions: [...new Set(named.filter((kind) => kind.group === group).map((kind) => kind.version))],
  }));
}

function hashOf(document: Json): string {
  return createHash('sha256').update(printJson(document)).digest('hex').slice(0, 16).toUpperCase();
}
