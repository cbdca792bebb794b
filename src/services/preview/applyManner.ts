import { detectApplier } from '../../core/drift/detectApplier.ts';
import type { FluxKustomization } from '../../core/delivery/flux/fluxKustomization.ts';
import type { KubeObject } from '../../core/kube/objectKey.ts';
import { fluxManager } from '../../core/reconcile/fluxTakeOver.ts';

/** How an engine applies one object. */
export interface ApplyManner {
  manager: string;
  /** Takes fields from their owners; without it a conflict blocks the object. */
  force: boolean;
}

/** Flux takes what is its own by force. A direct apply goes on as whoever applied the object before (design §3.3). */
export function mannerOf(live: KubeObject | undefined, flux: FluxKustomization | undefined): ApplyManner {
  if (flux !== undefined) return { manager: fluxManager, force: true };
  const applier = detectApplier(live, 'direct');
  if (applier.kind === 'server-side') return { manager: applier.managers[0] ?? 'plumbline', force: true };
  // kubectl's own manager takes over what its client-side apply owned (semantics M-16).
  return { manager: applier.kind === 'client-side' ? 'kubectl' : 'plumbline', force: true };
}
