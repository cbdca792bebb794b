import { makeClone, type Clone } from './clone.ts';
import type { ControlPlane } from './controlPlane.ts';
import type { GitRepository } from './gitServer.ts';

/** A manifest whose one value shows which commit the cluster holds. */
export function greetingManifest(value: string): string {
  return `apiVersion: v1
kind: ConfigMap
metadata: {name: web, namespace: default}
data: {greeting: ${value}}
`;
}

/** The greeting that the cluster holds, or undefined while there is none. */
export async function readGreeting(plane: ControlPlane): Promise<string | undefined> {
  const { code, stdout } = await plane.tryKubectl(['get', 'configmap', 'web', '-o=jsonpath={.data.greeting}']);
  return code === 0 ? stdout : undefined;
}

/** A new repository on the set's Git server, and a clone of it. */
export async function makeRemote(plane: ControlPlane): Promise<{ repository: GitRepository; clone: Clone }> {
  if (plane.git === undefined) throw new Error('The set was started without a Git server.');
  const repository = await plane.git.createRepository('fleet');
  return { repository, clone: await makeClone(plane, repository) };
}
