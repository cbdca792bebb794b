import type { ControlPlane } from './controlPlane.ts';

/**
 * Asks Flux to reconcile an object, such as `kustomization/shop`, and answers the stamp that its `status.lastHandledReconcileAt`
 * will hold. The field manager is the one that Flux names for this: kustomize-controller takes fields of managers called `kubectl…`
 * over and drops them (semantics F-9), so a plain `kubectl annotate` is lost when the Kustomization that holds this object is
 * applied in the same moment.
 */
export async function requestReconcile(plane: Pick<ControlPlane, 'kubectl'>, resource: string): Promise<string> {
  const stamp = new Date().toISOString();
  const annotation = `reconcile.fluxcd.io/requestedAt=${stamp}`;
  await plane.kubectl(['annotate', '--field-manager=flux-client-side-apply', '--overwrite', resource, annotation]);
  return stamp;
}
