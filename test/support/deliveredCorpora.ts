import { join } from 'node:path';
import type { ControlPlane } from '../rig/cluster/controlPlane.ts';
import { type ClusterOptions, skipReason } from '../rig/cluster/requirements.ts';
import { corporaSkipReason, corpus } from './corpora.ts';
import { type Way, deliverFolder, deliverKustomization } from './deliver.ts';
import { type WorkRepository, cloneBundle, copyToRepository } from './workRepository.ts';

/** One source that was applied: a folder of a repository, in a namespace for objects that name none. */
export interface DeliveredSource {
  readonly name: string;
  readonly repository: WorkRepository;
  /** From the repository's root. */
  readonly below: string;
  readonly namespace: string;
  readonly kind: 'kustomize' | 'directory';
}

const testData = 'argo-cd-testdata';
const kustomizations: readonly [bundle: string, path: string, namespace?: string][] = [
  ['podinfo', 'kustomize', 'podinfo-plain'],
  ['podinfo', 'deploy/overlays/dev'],
  ['podinfo', 'deploy/overlays/staging'],
  ['podinfo', 'deploy/overlays/production'],
  ['kube-prometheus', ''],
  ['flux2-kustomize-helm-example', 'apps/staging'],
  ['flux2-kustomize-helm-example', 'infrastructure/controllers'],
];

/** Folders whose manifests a 1.35 server takes; the others hold kinds that are gone, are broken on purpose or need plugins. */
const plainFolders = [
  ...['aggregated-apiserver', 'aggregated-apiserver-server', 'cluster-role', 'cross-namespace-ownership'],
  ...['deployment', 'git-submodule', 'guestbook-with-plain-namespace-manifest', 'hydrator-directory'],
  ...['multi-namespace', 'one-deployment', 'resource-actions', 'secrets'],
  ...['service', 'shards-sync-assigned-apps', 'sync-waves', 'syncwaves-prune-order'],
  ...['tracking-instance-label', 'two-nice-pods'],
];

/** What the sources need of a set: Flux's CRDs, and its controllers, which write to the objects. */
export const corporaCluster: ClusterOptions = { flux: true };

/** Why the corpora cannot be delivered to a cluster; false when they can. */
export async function corporaClusterSkip(options: ClusterOptions = corporaCluster): Promise<string | false> {
  const bundles = [...new Set(kustomizations.map(([bundle]) => `${bundle}.bundle`))];
  const reason = await skipReason(options);
  return reason === false ? (corporaSkipReason(...bundles, testData) ?? false) : reason;
}

/** Applies all sources with kubectl, in one of its two ways or in a way for each. The caller disposes of the repositories. */
export async function deliverCorpora(
  plane: ControlPlane,
  choice: Way | ((index: number) => Way),
): Promise<DeliveredSource[]> {
  const nextWay = (): Way => (typeof choice === 'function' ? choice(sources.length) : choice);
  const repositories = new Map<string, WorkRepository>();
  const sources: DeliveredSource[] = [];
  for (const [bundle, path, namespace] of kustomizations) {
    let repository = repositories.get(bundle);
    if (repository === undefined) {
      repository = await cloneBundle(corpus(`${bundle}.bundle`));
      repositories.set(bundle, repository);
    }
    const scope = namespace === undefined ? {} : { namespace };
    await deliverKustomization(plane, join(repository.folder, path), { way: nextWay(), ...scope });
    const name = `${bundle}/${path}`;
    sources.push({ name, repository, below: path, namespace: namespace ?? 'default', kind: 'kustomize' });
  }
  const repository = await copyToRepository(corpus(testData), plainFolders);
  for (const folder of plainFolders) {
    const namespace = `argo-${folder}`;
    await deliverFolder(plane, join(repository.folder, folder), { way: nextWay(), namespace });
    sources.push({ name: `${testData}/${folder}`, repository, below: folder, namespace, kind: 'directory' });
  }
  return sources;
}

export async function disposeSources(sources: readonly DeliveredSource[]): Promise<void> {
  for (const repository of new Set(sources.map((source) => source.repository))) await repository.dispose();
}
