import type { Json } from '../json.ts';
import { type GroupVersionKind, apiVersionOf } from '../kube/objectKey.ts';
import type { GoStruct } from './goTypes.ts';
import type { SchemaNode } from '../schema/schemaNode.ts';

export interface ServedSubresource {
  name: string;
  /** What the subresource answers: `Scale` of `autoscaling/v1` for `scale`. */
  kind: GroupVersionKind;
  verbs: readonly string[];
}

/** One kind in one version, as the simulated cluster serves it. */
export interface ServedKind extends GroupVersionKind {
  /** Plural name in URLs. */
  resource: string;
  singular: string;
  namespaced: boolean;
  verbs: readonly string[];
  shortNames: readonly string[];
  categories: readonly string[];
  subresources: readonly ServedSubresource[];
  /** For merging, ownership and unknown fields. */
  schema: SchemaNode;
  /** Of built-in kinds, where it is known: decides what becomes of empty values. */
  goType?: GoStruct;
  /** What only a kind that a CustomResourceDefinition declares has. */
  custom?: CustomKind;
}

export interface CustomKind {
  /** Name of the CustomResourceDefinition. */
  crd: string;
  /** The version's `openAPIV3Schema`; undefined where it has none. */
  openApi: Json | undefined;
  listKind: string;
  printerColumns: readonly Json[];
  /** Paths of `spec.subresources.scale`. */
  scale?: { specReplicasPath: string; statusReplicasPath: string; labelSelectorPath?: string };
}

/** Where objects of a kind are kept, whatever version they are written in (semantics I-1). */
export function storageKeyOf(kind: { group: string; resource: string }): string {
  return `${kind.group}/${kind.resource}`;
}

export function hasSubresource(kind: ServedKind, name: string): boolean {
  return kind.subresources.some((subresource) => subresource.name === name);
}

export function apiVersionOfKind(kind: ServedKind): string {
  return apiVersionOf(kind);
}
