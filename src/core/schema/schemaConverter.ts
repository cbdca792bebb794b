import { type Json, type JsonObject, field, isJsonObject, listAt } from '../json.ts';
import {
  type ListShape,
  type MapShape,
  type PatchStrategy,
  type SchemaNode,
  atomicNode,
  deducedNode,
  metadataNode,
  stringNode,
} from './schemaNode.ts';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Finds the node of a named schema; undefined where the document has none of that name. */
export type ReferenceResolver = (name: string) => SchemaNode | undefined;

/**
 * Turns one schema of an OpenAPI v3 document or of a CRD into a node, by the rules of the API server's own converter (semantics
 * M-1 to M-4). Children are converted when they are asked for. Nothing throws: what is not understood is deduced (M-3), field by field.
 */
export function convertSchema(schema: Json | undefined, resolve: ReferenceResolver, preserve = false): SchemaNode {
  if (!isJsonObject(schema)) return deducedNode;
  const reference = referenceOf(schema);
  if (reference !== undefined) return overridden(resolve(reference) ?? deducedNode, schema);
  const keepsUnknown = preserve || schema['x-kubernetes-preserve-unknown-fields'] === true;
  const node: Writable<SchemaNode> = factsOf(schema);
  if (schema['x-kubernetes-preserve-unknown-fields'] === true) node.preserveUnknown = true;
  if (schema['x-kubernetes-int-or-string'] === true || schema['format'] === 'int-or-string') {
    return { ...node, scalar: 'untyped', format: 'int-or-string' };
  }
  switch (schema['type']) {
    case 'object':
      return { ...node, map: new LazyMap(schema, resolve, keepsUnknown) };
    case 'array':
      return { ...node, list: new LazyList(schema, resolve, keepsUnknown) };
    case 'integer':
      return { ...node, scalar: 'numeric', integer: true };
    case 'number':
      return { ...node, scalar: 'numeric' };
    case 'boolean':
      return { ...node, scalar: 'boolean' };
    case 'string': {
      // Times and all other formats may be respelt by the server; base64 is a plain string to it.
      const isPlain = node.format === undefined || node.format === 'byte';
      return { ...node, scalar: isPlain ? 'string' : 'untyped' };
    }
    default:
      // Without a type a value of any kind is accepted (M-3).
      return {
        ...node,
        scalar: 'untyped',
        list: new LazyList(schema, resolve, keepsUnknown),
        map: new LazyMap(schema, resolve, keepsUnknown),
      };
  }
}

/** The name in a `$ref`, also where it stands in an `allOf` of one (semantics M-4). */
function referenceOf(schema: JsonObject): string | undefined {
  const direct = field(schema, '$ref') ?? onlyReference(schema);
  return typeof direct === 'string' ? direct.slice(direct.lastIndexOf('/') + 1) : undefined;
}

function onlyReference(schema: JsonObject): Json | undefined {
  const all = listAt(schema, 'allOf');
  return all.length === 1 ? field(all[0], '$ref') : undefined;
}

/** A referenced type with what its use site says about it (semantics M-4). */
function overridden(base: SchemaNode, schema: JsonObject): SchemaNode {
  const facts = factsOf(schema);
  const mapType = mapRelationship(schema);
  const listType = listRelationship(schema);
  if (Object.keys(facts).length === 0 && mapType === undefined && listType === undefined) return base;
  const node: Writable<SchemaNode> = { ...base, ...facts };
  if (mapType !== undefined && base.map !== undefined) node.map = new MapView(base.map, mapType);
  if (listType !== undefined && base.list !== undefined) node.list = new ListView(base.list, listType);
  return node;
}

function factsOf(schema: JsonObject): SchemaNode {
  const facts: Writable<SchemaNode> = {};
  if (typeof schema['format'] === 'string') facts.format = schema['format'];
  if (schema['default'] !== undefined) facts.default = schema['default'];
  if (schema['nullable'] === true) facts.nullable = true;
  const required = strings(schema['required']);
  if (required.length > 0) facts.required = required;
  if (Array.isArray(schema['enum'])) facts.enum = schema['enum'];
  if (typeof schema['x-kubernetes-patch-merge-key'] === 'string') {
    facts.patchMergeKey = schema['x-kubernetes-patch-merge-key'];
  }
  const strategy = patchStrategy(schema);
  if (strategy.length > 0) facts.patchStrategy = strategy;
  return facts;
}

function patchStrategy(schema: JsonObject): PatchStrategy[] {
  const text = schema['x-kubernetes-patch-strategy'];
  if (typeof text !== 'string') return [];
  return text.split(',').filter((word) => word === 'merge' || word === 'retainKeys' || word === 'replace');
}

function mapRelationship(schema: JsonObject): MapShape['relationship'] | undefined {
  const type = schema['x-kubernetes-map-type'];
  if (type === 'atomic') return 'atomic';
  return type === 'granular' ? 'granular' : undefined;
}

/** Semantics M-2. A list type that is not understood makes the list a leaf. */
function listRelationship(schema: JsonObject): Pick<ListShape, 'relationship' | 'keys'> | undefined {
  const type = schema['x-kubernetes-list-type'];
  if (type !== undefined) {
    const keys = strings(schema['x-kubernetes-list-map-keys']);
    if (type === 'map' && keys.length > 0) return { relationship: 'map', keys };
    return { relationship: type === 'set' ? 'set' : 'atomic', keys: [] };
  }
  const strategy = schema['x-kubernetes-patch-strategy'];
  if (strategy === undefined) return undefined;
  if (strategy !== 'merge' && strategy !== 'merge,retainKeys') return { relationship: 'atomic', keys: [] };
  const key = schema['x-kubernetes-patch-merge-key'];
  return typeof key === 'string' ? { relationship: 'map', keys: [key] } : { relationship: 'set', keys: [] };
}

function strings(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

class LazyList implements ListShape {
  readonly relationship: ListShape['relationship'];
  readonly keys: readonly string[];
  #load: (() => SchemaNode) | undefined;
  #items: SchemaNode = atomicNode;

  constructor(schema: JsonObject, resolve: ReferenceResolver, preserve: boolean) {
    const { relationship, keys } = listRelationship(schema) ?? { relationship: 'atomic', keys: [] };
    this.relationship = relationship;
    this.keys = keys;
    const items = field(schema, 'items');
    this.#load = items === undefined ? undefined : () => convertSchema(items, resolve, preserve);
  }

  get items(): SchemaNode {
    if (this.#load !== undefined) {
      this.#items = this.#load();
      this.#load = undefined;
    }
    return this.#items;
  }
}

class LazyMap implements MapShape {
  readonly relationship: MapShape['relationship'];
  #load: (() => Pick<MapShape, 'fields' | 'values'>) | undefined;
  #children: Pick<MapShape, 'fields' | 'values'> = {};

  constructor(schema: JsonObject, resolve: ReferenceResolver, preserve: boolean) {
    this.relationship = mapRelationship(schema) ?? 'granular';
    this.#load = () => convertChildren(schema, resolve, preserve);
  }

  get fields(): ReadonlyMap<string, SchemaNode> | undefined {
    return this.#loaded().fields;
  }

  get values(): SchemaNode | undefined {
    return this.#loaded().values;
  }

  #loaded(): Pick<MapShape, 'fields' | 'values'> {
    if (this.#load !== undefined) {
      this.#children = this.#load();
      this.#load = undefined;
    }
    return this.#children;
  }
}

/** Semantics M-1 and M-3. */
function convertChildren(
  schema: JsonObject,
  resolve: ReferenceResolver,
  preserve: boolean,
): Pick<MapShape, 'fields' | 'values'> {
  const properties = field(schema, 'properties');
  const fields = new Map<string, SchemaNode>();
  if (isJsonObject(properties)) {
    for (const name of Object.keys(properties)) fields.set(name, convertSchema(properties[name], resolve, preserve));
  }
  if (schema['x-kubernetes-embedded-resource'] === true) addObjectFields(fields);
  return {
    fields: fields.size === 0 ? undefined : fields,
    values: valuesOf(schema, resolve, preserve, fields.size > 0),
  };
}

function valuesOf(
  schema: JsonObject,
  resolve: ReferenceResolver,
  preserve: boolean,
  hasFields: boolean,
): SchemaNode | undefined {
  const additional = field(schema, 'additionalProperties');
  if (isJsonObject(additional)) return convertSchema(additional, resolve, preserve);
  if (additional === true) return deducedNode;
  if (additional === false) return undefined;
  return preserve || !hasFields ? deducedNode : undefined;
}

/** The fields that every object has; its metadata is typed whatever the schema says (semantics M-3). */
export function addObjectFields(fields: Map<string, SchemaNode>): void {
  if (!fields.has('apiVersion')) fields.set('apiVersion', stringNode);
  if (!fields.has('kind')) fields.set('kind', stringNode);
  fields.set('metadata', metadataNode);
}

/** A map of a referenced type, merged as its use site says. */
class MapView implements MapShape {
  readonly #base: MapShape;
  readonly relationship: MapShape['relationship'];

  constructor(base: MapShape, relationship: MapShape['relationship']) {
    this.#base = base;
    this.relationship = relationship;
  }

  get fields(): ReadonlyMap<string, SchemaNode> | undefined {
    return this.#base.fields;
  }

  get values(): SchemaNode | undefined {
    return this.#base.values;
  }
}

class ListView implements ListShape {
  readonly #base: ListShape;
  readonly relationship: ListShape['relationship'];
  readonly keys: readonly string[];

  constructor(base: ListShape, use: Pick<ListShape, 'relationship' | 'keys'>) {
    this.#base = base;
    this.relationship = use.relationship;
    this.keys = use.keys;
  }

  get items(): SchemaNode {
    return this.#base.items;
  }
}
