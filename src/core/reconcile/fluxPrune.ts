import { fieldAt, stringAt } from '../json.ts';
import { type KubeObject, type ObjectKey, keyText } from '../kube/objectKey.ts';
import type { FluxKustomization } from '../delivery/flux/fluxKustomization.ts';
import type { InventoryEntry } from '../delivery/flux/inventory.ts';

export type PruneVerdict = { prune: true } | { prune: false; reason: string };

/** What is in the inventory and not among the desired objects: Flux would delete it (semantics P-1). */
export function staleEntries(inventory: readonly InventoryEntry[], desired: readonly ObjectKey[]): InventoryEntry[] {
  const kept = new Set(desired.map(keyText));
  return inventory.filter((entry) => !kept.has(keyText(entry)));
}

const owner = 'kustomize.toolkit.fluxcd.io';
const keeping: readonly [name: string, value: string][] = [
  [`${owner}/prune`, 'disabled'],
  [`${owner}/reconcile`, 'disabled'],
  [`${owner}/ssa`, 'ignore'],
];

/** Whether Flux deletes a stale object, by what the live object says (semantics P-1). Undefined where it is gone already. */
export function judgePrune(kustomization: FluxKustomization, live: KubeObject | undefined): PruneVerdict | undefined {
  if (live === undefined) return undefined;
  if (!kustomization.prune)
    return { prune: false, reason: 'the Kustomization does not prune (spec.prune is not true)' };
  const ownedBy = stringAt(live, 'metadata', 'labels', `${owner}/name`);
  const ownerNamespace = stringAt(live, 'metadata', 'labels', `${owner}/namespace`);
  if (ownedBy !== kustomization.name || ownerNamespace !== kustomization.namespace) {
    const other =
      ownedBy === undefined ? 'carries no owner labels' : `belongs to ${ownerNamespace ?? ''}/${ownedBy} now`;
    return { prune: false, reason: `it ${other}` };
  }
  for (const [name, value] of keeping) {
    for (const place of ['labels', 'annotations']) {
      const written = fieldAt(live, 'metadata', place, name);
      if (typeof written === 'string' && written.toLowerCase() === value) {
        return { prune: false, reason: `it says ${name}: ${written}` };
      }
    }
  }
  return { prune: true };
}
