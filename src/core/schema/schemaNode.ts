import type { Json } from '../json.ts';

export type ScalarKind = 'string' | 'numeric' | 'boolean' | 'untyped';

/** How a list merges: a leaf, a set of scalars, or items found by their keys (semantics M-2). */
export interface ListShape {
  readonly items: SchemaNode;
  readonly relationship: 'atomic' | 'set' | 'map';
  /** Names of the key fields of a `map` list, in the schema's order; empty otherwise. */
  readonly keys: readonly string[];
}

/** How a map merges: key by key, or as a leaf (semantics M-1). */
export interface MapShape {
  /** Declared fields; such a map is a struct. */
  readonly fields?: ReadonlyMap<string, SchemaNode> | undefined;
  /** Type of every key that is not a declared field; undefined where such keys are unknown fields (semantics N-12). */
  readonly values?: SchemaNode | undefined;
  readonly relationship: 'granular' | 'atomic';
}

/**
 * The type of one value, for merging and for reading it. Nodes are immutable and shared; the children of a node
 * (`items`, `fields`, `values`) are made when they are first asked for, so recursive types work.
 *
 * Any of `scalar`, `list` and `map` may be present together: the kind of the value then decides which one counts.
 */
export interface SchemaNode {
  readonly scalar?: ScalarKind;
  readonly list?: ListShape;
  readonly map?: MapShape;

  /** `quantity`, `int-or-string`, `date-time`, `byte`, `int32` and whatever else a schema says. */
  readonly format?: string;
  readonly integer?: boolean;
  /** Takes the place of a missing key field of a list item (semantics M-5); defaulting is not merging's business. */
  readonly default?: Json;
  readonly nullable?: boolean;
  readonly required?: readonly string[];
  readonly enum?: readonly Json[];
  readonly preserveUnknown?: boolean;
  /** Strategic merge patch (semantics T-2). */
  readonly patchMergeKey?: string;
  readonly patchStrategy?: readonly PatchStrategy[];
  /**
   * The API server holds this type as a Go struct: fields that are structs themselves are never absent there, which shows in who
   * owns them after a create.
   */
  readonly builtIn?: boolean;
  /** Optional fields that the Go struct prints as null where they are not given. */
  readonly printsNull?: readonly string[];
}

export type PatchStrategy = 'merge' | 'retainKeys' | 'replace';

/** A value inside an atomic one: whatever it is, it is a leaf. */
export const atomicNode: SchemaNode = {
  scalar: 'untyped',
  list: { relationship: 'atomic', keys: [], items: self(() => atomicNode) },
  map: { relationship: 'atomic', values: self(() => atomicNode) },
};

/** The type of a value without a schema: maps merge key by key, lists and scalars are leaves (semantics M-3). */
export const deducedNode: SchemaNode = {
  scalar: 'untyped',
  list: { relationship: 'atomic', keys: [], items: atomicNode },
  map: { relationship: 'granular', values: self(() => deducedNode) },
};

export const stringNode: SchemaNode = { scalar: 'string' };
export const integerNode: SchemaNode = { scalar: 'numeric', integer: true };
export const booleanNode: SchemaNode = { scalar: 'boolean' };
const timeNode: SchemaNode = { scalar: 'untyped', format: 'date-time' };

export function structNode(
  fields: Readonly<Record<string, SchemaNode>>,
  more: { values?: SchemaNode; atomic?: boolean; required?: readonly string[] } = {},
): SchemaNode {
  return {
    map: {
      fields: new Map(Object.entries(fields)),
      values: more.values,
      relationship: more.atomic === true ? 'atomic' : 'granular',
    },
    ...(more.required === undefined ? {} : { required: more.required }),
  };
}

export function mapNode(values: SchemaNode): SchemaNode {
  return { map: { values, relationship: 'granular' } };
}

export function listNode(items: SchemaNode, keys?: readonly string[] | 'set'): SchemaNode {
  if (keys === undefined) return { list: { items, relationship: 'atomic', keys: [] } };
  return { list: { items, relationship: keys === 'set' ? 'set' : 'map', keys: keys === 'set' ? [] : keys } };
}

const ownerReferenceNode = structNode(
  {
    apiVersion: stringNode,
    blockOwnerDeletion: booleanNode,
    controller: booleanNode,
    kind: stringNode,
    name: stringNode,
    uid: stringNode,
  },
  { atomic: true, required: ['apiVersion', 'kind', 'name', 'uid'] },
);

const managedFieldsEntryNode = structNode({
  apiVersion: stringNode,
  fieldsType: stringNode,
  fieldsV1: deducedNode,
  manager: stringNode,
  operation: stringNode,
  subresource: stringNode,
  time: timeNode,
});

/** ObjectMeta: typed for every object, even where its kind has no schema (semantics M-3). */
export const metadataNode: SchemaNode = structNode({
  annotations: mapNode(stringNode),
  creationTimestamp: timeNode,
  deletionGracePeriodSeconds: integerNode,
  deletionTimestamp: timeNode,
  finalizers: { ...listNode(stringNode, 'set'), patchStrategy: ['merge'] },
  generateName: stringNode,
  generation: integerNode,
  labels: mapNode(stringNode),
  managedFields: listNode(managedFieldsEntryNode),
  name: stringNode,
  namespace: stringNode,
  ownerReferences: { ...listNode(ownerReferenceNode, ['uid']), patchStrategy: ['merge'], patchMergeKey: 'uid' },
  resourceVersion: stringNode,
  selfLink: stringNode,
  uid: stringNode,
});

const untypedObjectNode = structNode(
  { apiVersion: stringNode, kind: stringNode, metadata: metadataNode },
  { values: deducedNode },
);

/** An object of a kind without a schema: deduced, with typed metadata (semantics M-3). */
export function objectNode(): SchemaNode {
  return untypedObjectNode;
}

/** A stand-in for a node that is not yet initialised: the same node, seen through its own getters. */
function self(node: () => SchemaNode): SchemaNode {
  return {
    scalar: 'untyped',
    get list(): ListShape {
      return node().list as ListShape;
    },
    get map(): MapShape {
      return node().map as MapShape;
    },
  };
}
