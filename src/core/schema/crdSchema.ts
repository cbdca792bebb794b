import { type Json, fieldAt, isJsonObject, listAt, stringAt } from '../json.ts';
import type { GroupVersionKind } from '../kube/objectKey.ts';
import { addObjectFields, convertSchema } from './schemaConverter.ts';
import { type SchemaNode, objectNode } from './schemaNode.ts';

/** One version of a custom kind, as its CustomResourceDefinition declares it. */
export interface CrdVersion {
  gvk: GroupVersionKind;
  served: boolean;
  storage: boolean;
  /** Plural name in URLs. */
  resource: string;
  namespaced: boolean;
  /** It has the `status` subresource, so that applying to the object itself leaves status alone (semantics M-15). */
  hasStatus: boolean;
  schema: SchemaNode;
}

/**
 * The kinds that a CustomResourceDefinition (apiextensions.k8s.io/v1) declares, one entry for each version. A version without a
 * schema is deduced; a CRD that lacks its names or group declares none.
 */
export function readCrd(crd: Json): CrdVersion[] {
  const group = stringAt(crd, 'spec', 'group');
  const kind = stringAt(crd, 'spec', 'names', 'kind');
  const resource = stringAt(crd, 'spec', 'names', 'plural');
  if (group === undefined || kind === undefined || resource === undefined) return [];
  const namespaced = stringAt(crd, 'spec', 'scope') !== 'Cluster';
  return listAt(crd, 'spec', 'versions').flatMap((entry) => {
    const version = stringAt(entry, 'name');
    if (version === undefined) return [];
    return {
      gvk: { group, version, kind },
      served: fieldAt(entry, 'served') === true,
      storage: fieldAt(entry, 'storage') === true,
      resource,
      namespaced,
      hasStatus: isJsonObject(fieldAt(entry, 'subresources', 'status')),
      schema: crdSchema(fieldAt(entry, 'schema', 'openAPIV3Schema')),
    };
  });
}

/** The type of a custom resource from its `openAPIV3Schema`; its metadata is that of every object (semantics M-3). */
export function crdSchema(openApiV3Schema: Json | undefined): SchemaNode {
  if (!isJsonObject(openApiV3Schema)) return objectNode();
  // A structural schema has no references.
  const node = convertSchema({ ...openApiV3Schema, type: 'object' }, () => undefined);
  const map = node.map;
  if (map === undefined) return objectNode();
  const fields = new Map(map.fields);
  addObjectFields(fields);
  return { ...node, map: { fields, values: map.values, relationship: 'granular' } };
}
