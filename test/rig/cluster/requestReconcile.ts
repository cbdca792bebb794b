import type { ControlPlane } from './controlPlane.ts';
import { until } from './until.ts';

/**
 * What Flux's own command calls itself. kustomize-controller takes fields of managers called `kubectl…` over and drops them
 * (semantics F-9), so what a plain kubectl writes is lost when the Kustomization that holds this object is applied in the same moment.
 */
const manager = '--field-manager=flux-client-side-apply';

/** Asks Flux to reconcile an object, such as `kustomization/shop`; answers the stamp that its `status.lastHandledReconcileAt` will hold. */
export async function requestReconcile(plane: Pick<ControlPlane, 'kubectl'>, resource: string): Promise<string> {
  const stamp = new Date().toISOString();
  const annotation = `reconcile.fluxcd.io/requestedAt=${stamp}`;
  await plane.kubectl(['annotate', manager, '--overwrite', resource, annotation]);
  return stamp;
}

/** Suspends an object of Flux, or resumes it. */
export async function suspendFlux(
  plane: Pick<ControlPlane, 'kubectl'>,
  resource: string,
  suspend: boolean,
): Promise<void> {
  await plane.kubectl(['patch', resource, manager, '--type=merge', `--patch=${JSON.stringify({ spec: { suspend } })}`]);
}

/** What was last asked of objects, by anybody; empty where nothing was. */
export function lastRequests(plane: Pick<ControlPlane, 'kubectl'>, resources: readonly string[]): Promise<string[]> {
  const path = '-o=jsonpath={.metadata.annotations.reconcile\\.fluxcd\\.io/requestedAt}';
  return Promise.all(resources.map((resource) => plane.kubectl(['get', resource, path])));
}

/** Waits until a Kustomization has applied a commit as it is declared now: until then a reconcile may still undo what a test edits. */
export async function untilApplied(
  plane: Pick<ControlPlane, 'kubectl'>,
  kustomization: string,
  commit: string,
): Promise<void> {
  const path = '{.metadata.generation} {.status.observedGeneration} {.status.lastAppliedRevision}';
  await until(`${kustomization} applied ${commit}`, async () => {
    const text = await plane.kubectl(['get', kustomization, `-o=jsonpath=${path}`]);
    const [generation, observed, revision = ''] = text.split(' ');
    return generation === observed && revision.endsWith(commit);
  });
}
