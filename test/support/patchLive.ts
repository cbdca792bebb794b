import type { ControlPlane } from '../rig/cluster/controlPlane.ts';

/** Changes an object such as `deployment/web` by a merge patch, as a field manager: what an edit of a person or a controller leaves. */
export function patchLive(
  plane: Pick<ControlPlane, 'kubectl'>,
  object: string,
  namespace: string,
  manager: string,
  patch: unknown,
): Promise<string> {
  const flags = ['--type=merge', `--field-manager=${manager}`, `--patch=${JSON.stringify(patch)}`];
  return plane.kubectl(['patch', object, '--namespace', namespace, ...flags]);
}
