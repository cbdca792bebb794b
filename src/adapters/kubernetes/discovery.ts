import { type Json, field, listAt, stringAt } from '../../core/json.ts';
import { apiVersionOf } from '../../core/kube/objectKey.ts';
import type { Problem } from '../../core/problem.ts';
import type { ApiResource, Discovery } from '../../ports/cluster.ts';
import { ClusterError } from '../../ports/clusterError.ts';
import type { ApiConnection, TextAnswer } from './apiConnection.ts';

const aggregated = ['v2', 'v2beta1']
  .map((version) => `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`)
  .concat('application/json')
  .join(',');

interface Answer {
  etag: string | undefined;
  document: Json;
}

/**
 * What a cluster serves: two requests where it has aggregated discovery (Kubernetes 1.26), one per group-version where not. Asking
 * again costs two empty answers as long as nothing changed. An API server behind the API server that does not answer costs its
 * own kinds only.
 */
export class DiscoveryReader {
  readonly #connection: ApiConnection;
  readonly #answers = new Map<string, Answer>();

  constructor(connection: ApiConnection) {
    this.#connection = connection;
  }

  async read(): Promise<Discovery> {
    const [core, groups] = await Promise.all([this.#document('/api'), this.#document('/apis')]);
    const found: { resources: ApiResource[]; problems: Problem[] } = { resources: [], problems: [] };
    for (const document of [core, groups]) {
      const part = isAggregated(document)
        ? this.#fromAggregated(document)
        : await this.#fromLegacy(groupVersionsOf(document));
      found.resources.push(...part.resources);
      found.problems.push(...part.problems);
    }
    return found;
  }

  async #document(path: string): Promise<Json> {
    const known = this.#answers.get(path);
    const answer: TextAnswer = await this.#connection.request({
      method: 'GET',
      path,
      subject: { verb: 'ask' },
      accept: aggregated,
      headers: known?.etag === undefined ? {} : { 'If-None-Match': known.etag },
      expected: [304],
    });
    if (answer.status === 304 && known !== undefined) return known.document;
    const document = this.#connection.parse(answer.text);
    this.#answers.set(path, { etag: answer.headers.etag, document });
    return document;
  }

  #fromAggregated(document: Json): Discovery {
    const resources: ApiResource[] = [];
    const problems: Problem[] = [];
    for (const group of listAt(document, 'items')) {
      const name = stringAt(group, 'metadata', 'name') ?? '';
      for (const version of listAt(group, 'versions')) {
        const gv = { group: name, version: stringAt(version, 'version') ?? '' };
        if (stringAt(version, 'freshness') === 'Stale')
          problems.push(this.#unavailable(gv, 'its server does not answer'));
        for (const resource of listAt(version, 'resources')) {
          resources.push({
            ...gv,
            kind: stringAt(resource, 'responseKind', 'kind') ?? '',
            resource: stringAt(resource, 'resource') ?? '',
            namespaced: stringAt(resource, 'scope') === 'Namespaced',
            verbs: strings(listAt(resource, 'verbs')),
            shortNames: strings(listAt(resource, 'shortNames')),
            subresources: listAt(resource, 'subresources').map((entry) => stringAt(entry, 'subresource') ?? ''),
          });
        }
      }
    }
    return { resources: resources.filter((resource) => resource.kind !== ''), problems };
  }

  async #fromLegacy(groupVersions: readonly GroupVersion[]): Promise<Discovery> {
    const parts = await Promise.all(groupVersions.map((gv) => this.#legacyGroupVersion(gv)));
    return { resources: parts.flatMap((part) => part.resources), problems: parts.flatMap((part) => part.problems) };
  }

  async #legacyGroupVersion(gv: GroupVersion): Promise<Discovery> {
    const path = gv.group === '' ? `/api/${gv.version}` : `/apis/${gv.group}/${gv.version}`;
    try {
      const document = await this.#connection.json({ method: 'GET', path, subject: { verb: 'ask' } });
      return { resources: legacyResources(gv, document), problems: [] };
    } catch (error) {
      if (!ClusterError.is(error) || error.reason === 'unauthorized' || error.reason === 'unreachable') throw error;
      return { resources: [], problems: [this.#unavailable(gv, error.message.replace(/\.$/, ''))] };
    }
  }

  #unavailable(gv: GroupVersion, why: string): Problem {
    return {
      code: 'discovery-incomplete',
      severity: 'warning',
      message: `${this.#connection.context} does not say what it serves of ${apiVersionOf(gv)}: ${why}.`,
      remedy: `Objects of ${apiVersionOf(gv)} are not checked until its API service answers (kubectl get apiservices).`,
      context: this.#connection.context,
    };
  }
}

interface GroupVersion {
  group: string;
  version: string;
}

function isAggregated(document: Json): boolean {
  return stringAt(document, 'kind') === 'APIGroupDiscoveryList';
}

/** From an APIVersions (`/api`) or an APIGroupList (`/apis`); the preferred version of each group first. */
function groupVersionsOf(document: Json): GroupVersion[] {
  const core = strings(listAt(document, 'versions')).map((version) => ({ group: '', version }));
  const named = listAt(document, 'groups').flatMap((group) => {
    const preferred = stringAt(group, 'preferredVersion', 'version');
    const versions = listAt(group, 'versions').map((entry) => stringAt(entry, 'version') ?? '');
    const ordered = [
      ...versions.filter((version) => version === preferred),
      ...versions.filter((v) => v !== preferred),
    ];
    return ordered.map((version) => ({ group: stringAt(group, 'name') ?? '', version }));
  });
  return [...core, ...named];
}

function legacyResources(gv: GroupVersion, document: Json): ApiResource[] {
  const entries = listAt(document, 'resources').map((entry) => ({ entry, name: stringAt(entry, 'name') ?? '' }));
  return entries
    .filter(({ name }) => name !== '' && !name.includes('/'))
    .map(({ entry, name }) => ({
      ...gv,
      kind: stringAt(entry, 'kind') ?? '',
      resource: name,
      namespaced: field(entry, 'namespaced') === true,
      verbs: strings(listAt(entry, 'verbs')),
      shortNames: strings(listAt(entry, 'shortNames')),
      subresources: entries
        .filter((other) => other.name.startsWith(`${name}/`))
        .map((other) => other.name.slice(name.length + 1)),
    }));
}

function strings(values: readonly Json[]): string[] {
  return values.filter((value) => typeof value === 'string');
}
