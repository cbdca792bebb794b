import { type Json, type JsonObject, field, fieldAt, isJsonObject, listAt, stringAt } from '../json.ts';
import type { GroupVersionKind } from '../kube/objectKey.ts';
import { convertSchema } from './schemaConverter.ts';
import { type SchemaNode, atomicNode, deducedNode } from './schemaNode.ts';

/** Types that the API server's own converter knows by name, because their schemas do not tell enough. */
const wellKnown: Readonly<Record<string, SchemaNode>> = {
  'io.k8s.apimachinery.pkg.api.resource.Quantity': { scalar: 'untyped', format: 'quantity' },
  'io.k8s.apimachinery.pkg.runtime.RawExtension': atomicNode,
};

/**
 * Optional fields of Go structs without `omitempty`: they come back as null where nobody gave them, which no schema tells.
 * Taken from the types of Kubernetes 1.35.
 */
const printsNull: Readonly<Record<string, readonly string[]>> = {
  'io.k8s.api.core.v1.AzureFilePersistentVolumeSource': ['secretNamespace'],
  'io.k8s.api.core.v1.ProjectedVolumeSource': ['sources'],
  'io.k8s.api.core.v1.TypedLocalObjectReference': ['apiGroup'],
  'io.k8s.api.core.v1.TypedObjectReference': ['apiGroup'],
  'io.k8s.api.discovery.v1.EndpointSlice': ['ports'],
  'io.k8s.api.flowcontrol.v1.ResourcePolicyRule': ['namespaces'],
  'io.k8s.api.rbac.v1.ClusterRole': ['rules'],
  'io.k8s.api.rbac.v1.Role': ['rules'],
};

/**
 * The kinds of one OpenAPI v3 document, as an API server gives it for a group-version: built-in kinds, aggregated ones and CRDs.
 * Reading a document costs one pass over its names; a kind is converted when it is asked for, and its parts when they are.
 * A part that is not understood is deduced, nothing throws.
 */
export class OpenApiSchema {
  readonly #schemas: JsonObject;
  readonly #nodes = new Map<string, SchemaNode>();
  readonly #names = new Map<string, string>();
  readonly #kinds: GroupVersionKind[] = [];

  constructor(document: Json) {
    const schemas = fieldAt(document, 'components', 'schemas');
    this.#schemas = isJsonObject(schemas) ? schemas : {};
    for (const name of Object.keys(this.#schemas)) {
      for (const entry of listAt(this.#schemas[name], 'x-kubernetes-group-version-kind')) this.#addKind(name, entry);
    }
  }

  /** Every group, version and kind that the document names; lists and options of requests are among them. */
  get kinds(): readonly GroupVersionKind[] {
    return this.#kinds;
  }

  /** The type of a kind's objects, or undefined where the document does not know the kind. */
  schemaFor(gvk: GroupVersionKind): SchemaNode | undefined {
    const name = this.#names.get(keyOfKind(gvk));
    return name === undefined ? undefined : this.#node(name);
  }

  #addKind(name: string, entry: Json): void {
    const kind = stringAt(entry, 'kind');
    const version = stringAt(entry, 'version');
    if (kind === undefined || version === undefined) return;
    const gvk = { group: stringAt(entry, 'group') ?? '', version, kind };
    const key = keyOfKind(gvk);
    if (this.#names.has(key)) return;
    this.#names.set(key, name);
    this.#kinds.push(gvk);
  }

  #node(name: string): SchemaNode | undefined {
    const known = this.#nodes.get(name);
    if (known !== undefined) return known;
    const schema = field(this.#schemas, name);
    if (schema === undefined) return undefined;
    // Schemas that refer to nothing but each other would never end; the second visit finds this one.
    this.#nodes.set(name, deducedNode);
    const node = this.#convert(name, schema);
    this.#nodes.set(name, node);
    return node;
  }

  #convert(name: string, schema: Json): SchemaNode {
    if (Object.hasOwn(wellKnown, name)) return wellKnown[name] ?? deducedNode;
    const node = convertSchema(schema, (reference) => this.#node(reference));
    if (!name.startsWith('io.k8s.')) return node;
    const nulls = Object.hasOwn(printsNull, name) ? printsNull[name] : undefined;
    return { ...node, builtIn: true, ...(nulls === undefined ? {} : { printsNull: nulls }) };
  }
}

function keyOfKind(gvk: GroupVersionKind): string {
  return `${gvk.group}/${gvk.version}/${gvk.kind}`;
}
