import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../../../../src/core/kube/objectKey.ts';
import type { ApiResource, Cluster } from '../../../../src/ports/cluster.ts';
import { ClusterError } from '../../../../src/ports/clusterError.ts';
import { foreignOwners } from '../../../../src/services/preview/foreignOwners.ts';

const map = (metadata: Record<string, Record<string, string>>): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'one', namespace: 'shop', ...metadata },
});
const flux = (group: string): KubeObject =>
  map({
    labels: { [`${group}.toolkit.fluxcd.io/name`]: 'apps', [`${group}.toolkit.fluxcd.io/namespace`]: 'flux-system' },
  });
const argo = (id: string): KubeObject => map({ annotations: { 'argocd.argoproj.io/tracking-id': id } });

/** A cluster that serves these kinds and has these objects (`Kind/namespace/name`). */
function clusterWith(kinds: readonly string[], objects: readonly string[], denies = false) {
  let requests = 0;
  const groups: Record<string, string> = {
    Kustomization: 'kustomize.toolkit.fluxcd.io',
    HelmRelease: 'helm.toolkit.fluxcd.io',
    Application: 'argoproj.io',
  };
  const answer = <T>(value: T): Promise<T> => {
    requests += 1;
    return denies ? Promise.reject(new ClusterError('forbidden', 'You may not')) : Promise.resolve(value);
  };
  const named = (kind: string, name: string): KubeObject => ({ apiVersion: 'x/v1', kind, metadata: { name } });
  const cluster = {
    discover: () => Promise.resolve({ resources: kinds.map((kind) => ({ kind, group: groups[kind] })), problems: [] }),
    get: ({ kind }: ApiResource, namespace: string, name: string) =>
      answer(objects.includes(`${kind}/${namespace}/${name}`) ? named(kind, name) : undefined),
    list: ({ kind }: ApiResource) =>
      answer({
        objects: objects.filter((id) => id.startsWith(`${kind}/`)).map((id) => named(kind, id.split('/')[2] ?? '')),
      }),
  } as unknown as Cluster;
  return { cluster, requests: () => requests };
}

const said = async (cluster: Cluster, object: KubeObject): Promise<string> =>
  [...(await foreignOwners(cluster, [object])).values()].join();

test('what Flux and Argo CD apply is theirs', async () => {
  const { cluster } = clusterWith(
    ['Kustomization', 'HelmRelease', 'Application'],
    [
      'Kustomization/flux-system/apps',
      'HelmRelease/flux-system/apps',
      'Application/argocd/shop',
      'Application/team/shop',
    ],
  );
  assert.match(await said(cluster, flux('kustomize')), /^Flux applies it \(Kustomization flux-system\/apps\)/);
  assert.match(await said(cluster, flux('helm')), /^Flux applies it \(HelmRelease flux-system\/apps\)/);
  assert.match(await said(cluster, argo('shop:/ConfigMap:shop/one')), /^Argo CD applies it \(Application shop\)/);
  assert.match(
    await said(cluster, argo('team_shop:/ConfigMap:shop/one')),
    /^Argo CD applies it \(Application team\/shop\)/,
  );
});

test('nobody’s, and a copy that kept the mark of another object, are free', async () => {
  const { cluster, requests } = clusterWith(['Application'], ['Application/argocd/shop']);
  assert.equal(await said(cluster, map({})), '');
  assert.equal(await said(cluster, argo('shop:/ConfigMap:shop/other')), '');
  assert.equal(requests(), 0);
});

test('a mark that was left behind does not count once its object is gone', async () => {
  const { cluster } = clusterWith(['Kustomization', 'Application'], []);
  assert.equal(await said(cluster, flux('kustomize')), '');
  assert.equal(await said(cluster, argo('shop:/ConfigMap:shop/one')), '');
});

test('where it cannot be asked, the mark counts, and the sentence says how to take it off', async () => {
  assert.match(
    await said(clusterWith([], []).cluster, flux('kustomize')),
    /remove the label kustomize\.toolkit\.fluxcd\.io\/name/,
  );
  assert.match(await said(clusterWith(['Kustomization'], [], true).cluster, flux('kustomize')), /^Flux applies it/);
});

test('one engine object is asked for once', async () => {
  const { cluster, requests } = clusterWith(['Kustomization'], ['Kustomization/flux-system/apps']);
  const many = Array.from({ length: 50 }, (_, index) => {
    const object = flux('kustomize');
    return { ...object, metadata: { ...object.metadata, name: `one-${String(index)}` } };
  });
  assert.equal((await foreignOwners(cluster, many)).size, 50);
  assert.equal(requests(), 1);
});
