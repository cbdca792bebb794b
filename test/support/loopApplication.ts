import type { Clone } from '../rig/cluster/clone.ts';
import type { ControlPlane } from '../rig/cluster/controlPlane.ts';
import type { GitRepository } from '../rig/cluster/gitServer.ts';
import { makeRemote } from '../rig/cluster/greeting.ts';
import { untilApplied } from '../rig/cluster/requestReconcile.ts';
import { configMap, deployment, fluxKustomization, fluxSource, kustomization, service } from './loopManifests.ts';

/** Where the application of the loops goes: Deployment and Service `web`, and ConfigMap `settings`. */
export const namespace = 'shop';
/** Its folder in the repository. */
export const folder = 'apps/shop';

/** Its repository on the set's Git server, with one commit. */
export interface PushedApplication {
  remote: GitRepository;
  clone: Clone;
  firstCommit: string;
}

/** Pushes the application to a new repository, with `more` files beside it, and makes its namespace. Nothing is applied yet. */
export async function pushApplication(
  plane: ControlPlane,
  more: Readonly<Record<string, string>> = {},
): Promise<PushedApplication> {
  const { repository: remote, clone } = await makeRemote(plane);
  await plane.kubectl(['create', 'namespace', namespace]);
  const files = {
    [`${folder}/kustomization.yaml`]: kustomization('deployment.yaml', 'service.yaml', 'settings.yaml'),
    [`${folder}/deployment.yaml`]: deployment(namespace),
    [`${folder}/service.yaml`]: service(namespace),
    [`${folder}/settings.yaml`]: configMap(namespace, 'settings', 'hello'),
    ...more,
  };
  const firstCommit = await clone.commit(files, 'First release');
  await clone.push();
  return { remote, clone, firstCommit };
}

/** Pushes the application and has Flux deliver it by a Kustomization that another one applies from `clusters/rig`, as fleets are kept. */
export async function pushFleet(plane: ControlPlane): Promise<PushedApplication> {
  const pushed = await pushApplication(plane, { 'clusters/rig/shop.yaml': fluxKustomization('shop', folder) });
  const input = [fluxSource(pushed.remote.url), fluxKustomization('rig', 'clusters/rig')].join('---\n');
  await plane.kubectl(['apply', '-f', '-'], { input });
  await untilApplied(plane, 'kustomization/rig', pushed.firstCommit);
  await untilApplied(plane, 'kustomization/shop', pushed.firstCommit);
  return pushed;
}

/** Has Flux deliver it by Kustomization `default/shop` from GitRepository `default/fleet`, and waits until it runs. */
export async function deliverByFlux(plane: ControlPlane, remote: GitRepository): Promise<void> {
  const input = [fluxSource(remote.url), fluxKustomization('shop', folder)].join('---\n');
  await plane.kubectl(['apply', '-f', '-'], { input });
  await plane.kubectl(['wait', 'kustomization/shop', '--for=condition=Ready', '--timeout=60s']);
  await plane.kubectl(['rollout', 'status', 'deployment/web', '-n', namespace, '--timeout=60s']);
}
