import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Json, type JsonObject, field, fieldAt, isJsonObject, listAt, stringAt } from '../src/core/json.ts';

/**
 * Makes the sandbox's table of built-in kinds from the OpenAPI v3 documents of a kube-apiserver:
 * `node scripts/builtinSchemas.ts --from DIR`, where DIR holds one JSON file for each group-version as
 * `kubectl get --raw /openapi/v3/...` prints it. Schemas lose their descriptions and are kept once, whatever number of documents
 * name them; paths become a list of resources.
 */
const target = join(dirname(dirname(fileURLToPath(import.meta.url))), 'src', 'sandbox', 'builtin', 'schemas.json');

/** What OpenAPI does not tell and discovery does. */
const shortNames: Readonly<Record<string, readonly string[]>> = {
  certificatesigningrequests: ['csr'],
  componentstatuses: ['cs'],
  configmaps: ['cm'],
  cronjobs: ['cj'],
  customresourcedefinitions: ['crd', 'crds'],
  daemonsets: ['ds'],
  deployments: ['deploy'],
  endpoints: ['ep'],
  events: ['ev'],
  horizontalpodautoscalers: ['hpa'],
  ingresses: ['ing'],
  ipaddresses: ['ip'],
  limitranges: ['limits'],
  namespaces: ['ns'],
  networkpolicies: ['netpol'],
  nodes: ['no'],
  persistentvolumeclaims: ['pvc'],
  persistentvolumes: ['pv'],
  poddisruptionbudgets: ['pdb'],
  pods: ['po'],
  priorityclasses: ['pc'],
  replicasets: ['rs'],
  replicationcontrollers: ['rc'],
  resourcequotas: ['quota'],
  serviceaccounts: ['sa'],
  services: ['svc'],
  statefulsets: ['sts'],
  storageclasses: ['sc'],
  volumeattributesclasses: ['vac'],
};
const categories: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    'cronjobs daemonsets deployments horizontalpodautoscalers jobs pods replicasets replicationcontrollers services statefulsets'
      .split(' ')
      .map((resource) => [resource, 'all']),
  ),
  ...Object.fromEntries(
    ['apiservices', 'customresourcedefinitions', 'mutatingwebhookconfigurations', 'validatingwebhookconfigurations']
      .concat('validatingadmissionpolicies', 'validatingadmissionpolicybindings')
      .map((resource) => [resource, 'api-extensions']),
  ),
};
/** The sandbox runs no containers and has no proxy. */
const unserved = new Set(['attach', 'exec', 'portforward', 'proxy', 'log', 'binding', 'ephemeralcontainers', 'resize']);

const verbsOfActions: Readonly<Record<string, string>> = {
  post: 'create',
  delete: 'delete',
  deletecollection: 'deletecollection',
  get: 'get',
  list: 'list',
  patch: 'patch',
  put: 'update',
  watch: 'watch',
  watchlist: 'watch',
};

interface Resource {
  resource: string;
  kind: string;
  namespaced: boolean;
  verbs: Set<string>;
  subresources: Map<string, { kind: JsonObject; verbs: Set<string> }>;
}

function withoutDescriptions(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutDescriptions);
  if (!isJsonObject(value)) return value;
  const kept: JsonObject = {};
  for (const [key, child] of Object.entries(value)) {
    // A property may itself be called `description`; then it is a schema, not a text.
    if (key === 'description' && typeof child === 'string') continue;
    kept[key] = withoutDescriptions(child);
  }
  return kept;
}

/** Options of requests belong to every group; naming each takes much room and nobody asks. */
function withFewKinds(schema: Json): Json {
  const kinds = listAt(schema, 'x-kubernetes-group-version-kind');
  if (!isJsonObject(schema) || kinds.length < 5) return schema;
  const { 'x-kubernetes-group-version-kind': _, ...rest } = schema;
  return rest;
}

const pathPattern = /^\/apis?\/[^{]*?(?:\/namespaces\/\{namespace\})?\/([a-z]+)(?:\/\{name\}(?:\/([a-z]+))?)?$/;

function addPath(resources: Map<string, Resource>, groupVersion: string, path: string, operations: Json): void {
  const prefix = groupVersion.includes('/') ? `/apis/${groupVersion}` : `/api/${groupVersion}`;
  const rest = path.slice(prefix.length);
  if (!path.startsWith(`${prefix}/`) || rest.startsWith('/watch/')) return;
  const match = pathPattern.exec(path);
  const [resource, subresource] = [match?.[1], match?.[2]];
  if (resource === undefined || (subresource !== undefined && unserved.has(subresource))) return;
  for (const operation of Object.values(isJsonObject(operations) ? operations : {})) {
    const verb = verbsOfActions[stringAt(operation, 'x-kubernetes-action') ?? ''];
    const gvk = field(operation, 'x-kubernetes-group-version-kind');
    const kind = stringAt(gvk, 'kind');
    if (verb === undefined || kind === undefined || !isJsonObject(gvk)) continue;
    let entry = resources.get(resource);
    if (entry === undefined) {
      entry = { resource, kind, namespaced: false, verbs: new Set(), subresources: new Map() };
      resources.set(resource, entry);
    }
    // `namespaces` themselves lie under /namespaces/{name} and are not in one.
    if (rest.startsWith('/namespaces/{namespace}/')) entry.namespaced = true;
    if (subresource === undefined) {
      entry.kind = kind;
      entry.verbs.add(verb);
    } else {
      const known = entry.subresources.get(subresource) ?? { kind: gvk, verbs: new Set() };
      known.verbs.add(verb);
      entry.subresources.set(subresource, known);
    }
  }
}

function describeResource(resource: Resource, group: string, version: string): JsonObject {
  const described: JsonObject = {
    resource: resource.resource,
    kind: resource.kind,
    namespaced: resource.namespaced,
    verbs: [...resource.verbs].sort(),
  };
  if (shortNames[resource.resource]) described['shortNames'] = [...(shortNames[resource.resource] ?? [])];
  if (categories[resource.resource]) described['categories'] = [categories[resource.resource] ?? ''];
  if (resource.verbs.has('list')) described['verbs'] = [...new Set([...resource.verbs, 'watch'])].sort();
  const subresources = [...resource.subresources].map(([name, { kind, verbs }]) => {
    const entry: JsonObject = { name, kind: field(kind, 'kind') ?? '', verbs: [...verbs].sort() };
    if (field(kind, 'group') !== group) entry['group'] = field(kind, 'group') ?? '';
    if (field(kind, 'version') !== version) entry['version'] = field(kind, 'version') ?? '';
    return entry;
  });
  if (subresources.length > 0) described['subresources'] = subresources;
  return described;
}

const { values: options } = parseArgs({ options: { from: { type: 'string' } } });
if (options.from === undefined) throw new Error('Say where the OpenAPI documents are: --from DIR');

const schemas: JsonObject = {};
const groupVersions: JsonObject = {};
let kubernetes = '';
for (const file of readdirSync(options.from).sort()) {
  const groupVersion = /^(?:api|apis_(.+))_(v\d[a-z0-9]*)\.json$/.exec(file);
  if (groupVersion === null) continue;
  const [, group = '', version = ''] = groupVersion;
  const name = group === '' ? version : `${group}/${version}`;
  const document = JSON.parse(readFileSync(join(options.from, file), 'utf8')) as Json;
  kubernetes = stringAt(document, 'info', 'version') ?? kubernetes;
  const components = fieldAt(document, 'components', 'schemas');
  for (const [schema, value] of Object.entries(isJsonObject(components) ? components : {})) {
    const reduced = withFewKinds(withoutDescriptions(value));
    if (Object.hasOwn(schemas, schema) && JSON.stringify(schemas[schema]) !== JSON.stringify(reduced)) {
      throw new Error(`${file} gives ${schema} another schema than an earlier document did`);
    }
    schemas[schema] = reduced;
  }
  const resources = new Map<string, Resource>();
  const paths = field(document, 'paths');
  for (const [path, operations] of Object.entries(isJsonObject(paths) ? paths : {})) {
    addPath(resources, name, path, operations);
  }
  groupVersions[name] = [...resources.values()]
    .sort((a, b) => (a.resource < b.resource ? -1 : 1))
    .map((resource) => describeResource(resource, group, version));
}

const table: JsonObject = {
  license: 'Apache-2.0',
  copyright: 'The Kubernetes Authors',
  source: `OpenAPI v3 documents of kube-apiserver ${kubernetes}, reduced by scripts/builtinSchemas.ts`,
  kubernetes,
  groupVersions,
  schemas,
};
// One line for each schema, so that a new version shows as a readable difference.
const lines = Object.entries(schemas).map(([name, schema]) => `${JSON.stringify(name)}:${JSON.stringify(schema)}`);
const head = JSON.stringify({ ...table, schemas: undefined }).slice(0, -1);
writeFileSync(target, `${head},"schemas":{\n${lines.join(',\n')}}}\n`);
console.log(`${target}: ${Object.keys(groupVersions).length} group-versions, ${lines.length} schemas`);
