import { type ManagedFieldsEntry, readManagedFields, withManagedFields } from '../apply/managedFields.ts';
import { emptyFieldSet } from '../apply/fieldSet.ts';
import { cloneJson, stringAt } from '../json.ts';
import { type KubeObject, groupVersionKindOf } from '../kube/objectKey.ts';
import { lastAppliedAnnotation } from '../apply/lastApplied.ts';
import type { FluxKustomization } from '../delivery/flux/fluxKustomization.ts';

export const fluxManager = 'kustomize-controller';
const ownerPrefix = 'kustomize.toolkit.fluxcd.io';

/** The object as Flux sends it: with the labels that say whose it is (semantics F-3). */
export function withOwnerLabels(object: KubeObject, kustomization: FluxKustomization): KubeObject {
  const copy = cloneJson(object);
  const labels = copy.metadata['labels'];
  copy.metadata['labels'] = {
    ...(typeof labels === 'object' && labels !== null && !Array.isArray(labels) ? labels : {}),
    [`${ownerPrefix}/name`]: kustomization.name,
    [`${ownerPrefix}/namespace`]: kustomization.namespace,
  };
  return copy;
}

/**
 * The live object as it stands when Flux applies: fields that kubectl wrote have become Flux's own, so that what Git does not declare
 * goes (semantics F-9). Undefined where there is nothing to take over. Not done for objects that say `ssa: Merge`.
 */
export function afterTakeOver(live: KubeObject): KubeObject | undefined {
  if (readsMerge(live)) return undefined;
  const entries = readManagedFields(live) ?? [];
  const isAnnotated = stringAt(live, 'metadata', 'annotations', lastAppliedAnnotation) !== undefined;
  if (!entries.some(isTaken) && !isAnnotated) return undefined;
  const own = entries.find((entry) => entry.manager === fluxManager && entry.operation === 'Apply');
  const taken = entries.filter(isTaken).reduce((set, entry) => set.union(entry.set), own?.set ?? emptyFieldSet);
  const apiVersion = own?.apiVersion ?? versionOf(live);
  const merged: ManagedFieldsEntry = {
    ...(own ?? {}),
    manager: fluxManager,
    operation: 'Apply',
    apiVersion,
    set: taken,
  };
  const rest = entries.filter((entry) => !isTaken(entry) && entry !== own);
  return withManagedFields(withoutLastApplied(live), [merged, ...rest]);
}

function isTaken(entry: ManagedFieldsEntry): boolean {
  if ((entry.subresource ?? '') !== '') return false;
  if (entry.manager.startsWith('kubectl') || entry.manager === 'before-first-apply') return true;
  return entry.manager === fluxManager && entry.operation === 'Update';
}

function withoutLastApplied(live: KubeObject): KubeObject {
  const copy = cloneJson(live);
  const annotations = copy.metadata['annotations'];
  if (typeof annotations === 'object' && annotations !== null && !Array.isArray(annotations)) {
    delete annotations[lastAppliedAnnotation];
  }
  return copy;
}

function readsMerge(live: KubeObject): boolean {
  return ['annotations', 'labels'].some(
    (place) => stringAt(live, 'metadata', place, `${ownerPrefix}/ssa`)?.toLowerCase() === 'merge',
  );
}

function versionOf(live: KubeObject): string {
  const { group, version } = groupVersionKindOf(live);
  return group === '' ? version : `${group}/${version}`;
}
