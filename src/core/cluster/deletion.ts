import { equalJson } from '../json.ts';
import type { KubeObject } from '../kube/objectKey.ts';
import { finalizersOf, withMetadata } from './metadata.ts';
import type { DeleteRequest } from './requests.ts';
import { type ServedKind, storageKeyOf } from './servedKind.ts';

/** Holds a CustomResourceDefinition that is being deleted until its objects are gone. */
export const crdCleanup = 'customresourcecleanup.apiextensions.k8s.io';

/** Namespaces that every cluster needs. */
export const protectedNamespaces: ReadonlySet<string> = new Set(['default', 'kube-system', 'kube-public']);

/** A Namespace is held by what it contains, without a finalizer in its metadata. */
export function isHeldByContent(kind: ServedKind): boolean {
  return storageKeyOf(kind) === '/namespaces';
}

/** An object with the finalizers that a delete puts on it: those of the wanted propagation, and of its kind. */
export function heldForDeletion(kind: ServedKind, live: KubeObject, request: DeleteRequest): KubeObject {
  const finalizers = finalizersOf(live).filter((one) => one !== 'orphan' && one !== 'foregroundDeletion');
  if (request.propagation === 'Orphan') finalizers.push('orphan');
  if (request.propagation === 'Foreground') finalizers.push('foregroundDeletion');
  const isDefinition = storageKeyOf(kind) === 'apiextensions.k8s.io/customresourcedefinitions';
  if (isDefinition && !finalizers.includes(crdCleanup)) finalizers.push(crdCleanup);
  return equalJson(finalizers, finalizersOf(live)) ? live : withMetadata(live, { finalizers });
}
