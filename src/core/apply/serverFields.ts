import { type JsonObject, isJsonObject } from '../json.ts';
import type { PathSegment } from '../location.ts';
import type { SchemaNode } from '../schema/schemaNode.ts';
import { type FieldSet, fieldSetOfPaths } from './fieldSet.ts';
import { zeroStruct } from './goRoundTrip.ts';
import { removeItems } from './prune.ts';

/** Fields of every object that are nobody's (semantics M-15). Their children are not: labels are owned, `metadata` itself never is. */
export const unownedMetadata: FieldSet = fieldSetOfPaths(
  [
    ['apiVersion'],
    ['kind'],
    ['metadata'],
    ...[
      'name',
      'namespace',
      'creationTimestamp',
      'selfLink',
      'uid',
      'clusterName',
      'generation',
      'managedFields',
      'resourceVersion',
    ].map((name) => ['metadata', name]),
  ].map((names) => names.map((field): PathSegment => ({ field }))),
);

/** Fields that a write to a resource leaves as they are (semantics M-15): `status` for most, `spec` under the status subresource. */
export function resetFields(...names: readonly string[]): FieldSet {
  return fieldSetOfPaths(names.map((field) => [{ field }]));
}

export const statusFields = resetFields('status');

/** Metadata that the API server sets itself, whatever a writer sends. */
const systemFields = fieldSetOfPaths(
  [
    'creationTimestamp',
    'deletionGracePeriodSeconds',
    'deletionTimestamp',
    'generation',
    'managedFields',
    'selfLink',
  ].map((name) => [{ field: 'metadata' }, { field: name }]),
);

/** The configuration without what a write to this resource cannot change. */
export function withoutReset(config: JsonObject, reset: FieldSet, node: SchemaNode): JsonObject {
  const left = removeItems(config, reset.union(systemFields), node);
  return isJsonObject(left) ? left : config;
}

/**
 * The object that a create is compared with, to see what it adds. For a Go type it already holds the structs that are never absent
 * and null for required lists, so that nobody comes to own those; for all others it is bare.
 */
export function emptyObject(object: JsonObject, node: SchemaNode): JsonObject {
  const bare: JsonObject = {};
  for (const name of ['apiVersion', 'kind']) if (object[name] !== undefined) bare[name] = object[name];
  return node.builtIn === true ? { ...bare, ...zeroStruct(node) } : bare;
}
