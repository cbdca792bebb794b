import { builtInSchemas } from '../core/cluster/builtInKinds.ts';
import type { Catalog } from '../core/cluster/catalog.ts';
import type { ServedKind } from '../core/cluster/servedKind.ts';
import { type Json, type JsonObject, field, isJsonObject } from '../core/json.ts';
import { printJson } from '../core/jsonText.ts';
import { apiVersionOf } from '../core/kube/objectKey.ts';
import { builtInTable, hashOf } from './builtInTable.ts';

interface OpenApiDocument {
  text: string;
  hash: string;
}

const metadataSchema = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';
const referencePrefix = '#/components/schemas/';

/** Parameters by which clients see what a server can do: `kubectl diff` looks for `dryRun`, `kubectl apply` for `fieldValidation`. */
const patchParameters = ['dryRun', 'fieldManager', 'fieldValidation', 'force'].map((name) => ({
  name,
  in: 'query',
  schema: { type: name === 'force' ? 'boolean' : 'string', uniqueItems: true },
}));

/** The OpenAPI v3 documents of all that is served, one for each group-version, made when asked for and kept until CRDs change. */
export class OpenApiDocuments {
  readonly #catalog: Catalog;
  readonly #documents = new Map<string, OpenApiDocument>();
  #generation = -1;

  constructor(catalog: Catalog) {
    this.#catalog = catalog;
  }

  /** The answer to `/openapi/v3`: paths of documents with their hashes. */
  index(): JsonObject {
    const paths: JsonObject = {};
    for (const kind of this.#catalog.kinds) {
      const path = pathOf(kind);
      if (Object.hasOwn(paths, path)) continue;
      const hash = this.document(path)?.hash ?? '';
      paths[path] = { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` };
    }
    return { paths };
  }

  /** The document of `api/v1` or `apis/apps/v1`. */
  document(path: string): OpenApiDocument | undefined {
    if (this.#generation !== this.#catalog.generation) {
      this.#generation = this.#catalog.generation;
      this.#documents.clear();
    }
    const known = this.#documents.get(path);
    if (known !== undefined) return known;
    const kinds = this.#catalog.kinds.filter((kind) => pathOf(kind) === path);
    if (kinds.length === 0) return undefined;
    const text = printJson(documentOf(kinds));
    const document = { text, hash: hashOf(text) };
    this.#documents.set(path, document);
    return document;
  }
}

function pathOf(kind: ServedKind): string {
  return kind.group === '' ? `api/${kind.version}` : `apis/${kind.group}/${kind.version}`;
}

function documentOf(kinds: readonly ServedKind[]): JsonObject {
  const table = builtInSchemas(builtInTable);
  const schemas: JsonObject = {};
  for (const kind of kinds) {
    if (kind.custom === undefined) addBuiltIn(kind, table, schemas);
    else schemas[customName(kind)] = customSchema(kind);
    addReferences(metadataSchema, table, schemas);
  }
  const paths: JsonObject = {};
  for (const kind of kinds) addPaths(kind, paths);
  return { openapi: '3.0.0', info: { title: 'Kubernetes', version: 'v1.35' }, paths, components: { schemas } };
}

function addBuiltIn(kind: ServedKind, table: JsonObject, schemas: JsonObject): void {
  for (const [name, schema] of Object.entries(table)) {
    if (namesKind(schema, kind)) addReferences(name, table, schemas);
  }
}

function namesKind(schema: Json, { group, version, kind }: ServedKind): boolean {
  const entries = field(schema, 'x-kubernetes-group-version-kind');
  return (
    Array.isArray(entries) &&
    entries.some(
      (entry) =>
        field(entry, 'group') === group && field(entry, 'version') === version && field(entry, 'kind') === kind,
    )
  );
}

/** A schema with all that it refers to. */
function addReferences(name: string, table: JsonObject, schemas: JsonObject): void {
  const schema = table[name];
  if (schema === undefined || Object.hasOwn(schemas, name)) return;
  schemas[name] = schema;
  visitReferences(schema, (reference) => addReferences(reference, table, schemas));
}

function visitReferences(value: Json, visit: (name: string) => void): void {
  if (Array.isArray(value)) for (const item of value) visitReferences(item, visit);
  if (!isJsonObject(value)) return;
  for (const [key, child] of Object.entries(value)) {
    if (key === '$ref' && typeof child === 'string') visit(child.slice(referencePrefix.length));
    else visitReferences(child, visit);
  }
}

/** `com.example.v1.Widget` */
function customName(kind: ServedKind): string {
  return `${kind.group.split('.').reverse().join('.')}.${kind.version}.${kind.kind}`;
}

function customSchema(kind: ServedKind): JsonObject {
  const declared = isJsonObject(kind.custom?.openApi) ? kind.custom.openApi : { type: 'object' };
  const properties = field(declared, 'properties');
  return {
    ...declared,
    properties: {
      ...(isJsonObject(properties) ? properties : {}),
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { allOf: [{ $ref: referencePrefix + metadataSchema }] },
    },
    'x-kubernetes-group-version-kind': [{ group: kind.group, version: kind.version, kind: kind.kind }],
  };
}

function addPaths(kind: ServedKind, paths: JsonObject): void {
  const prefix = kind.group === '' ? `/api/${kind.version}` : `/apis/${apiVersionOf(kind)}`;
  const collection = `${prefix}${kind.namespaced ? '/namespaces/{namespace}' : ''}/${kind.resource}`;
  const gvk = { group: kind.group, version: kind.version, kind: kind.kind };
  const operation = (action: string): JsonObject => ({
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': gvk,
    parameters: patchParameters,
    responses: { '200': { description: 'OK' } },
  });
  if (kind.verbs.includes('list')) paths[collection] = { get: operation('list'), post: operation('post') };
  if (kind.verbs.includes('patch')) {
    paths[`${collection}/{name}`] = { get: operation('get'), put: operation('put'), patch: operation('patch') };
  }
}
