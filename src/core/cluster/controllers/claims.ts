import { listAt } from '../../json.ts';
import { type KubeObject, nameOf, namespaceOf } from '../../kube/objectKey.ts';
import type { Controller } from '../controllerLoop.ts';
import { finalizersOf, isDeleting, uidOf, withMetadata } from '../metadata.ts';
import type { SimulatedCluster } from '../simulatedCluster.ts';
import { controllerManager, kindOf, mapAt, refOf, textAt, writeStatus } from './controlled.ts';

const storageKey = '/persistentvolumeclaims';
const volumeStorage = '/persistentvolumes';
const protection = 'kubernetes.io/pvc-protection';
const provisioner = 'plumbline.sandbox/none';

/** Gives every claim a volume, and lets claims go that no Pod uses. */
export const claims: Controller = {
  name: 'claims',
  concerns: (change, cluster) => {
    if (change.storageKey === storageKey) {
      return change.type === 'DELETED'
        ? [{ storageKey: volumeStorage, namespace: '', name: volumeName(change.object) }]
        : [refOf(storageKey, change.object)];
    }
    if (change.storageKey !== '/pods' || change.type !== 'DELETED') return [];
    return cluster.store
      .list(storageKey, namespaceOf(change.object))
      .filter(isDeleting)
      .map((claim) => refOf(storageKey, claim));
  },
  reconcile: (ref, cluster) => {
    if (ref.storageKey === volumeStorage) {
      release(ref.name, cluster);
      return undefined;
    }
    const claim = cluster.store.get(storageKey, ref.namespace, ref.name);
    if (claim === undefined) return undefined;
    if (isDeleting(claim)) letGo(claim, cluster);
    else bind(claim, cluster);
    return undefined;
  },
};

function volumeName(claim: KubeObject): string {
  return textAt(claim, 'spec', 'volumeName') || `pvc-${uidOf(claim)}`;
}

function bind(claim: KubeObject, cluster: SimulatedCluster): void {
  const claimKind = kindOf(cluster, storageKey);
  const volumeKind = kindOf(cluster, volumeStorage);
  // A claim of the class `""` waits for a volume that somebody makes.
  if (claimKind === undefined || volumeKind === undefined || mapAt(claim, 'spec')['storageClassName'] === '') return;
  const name = volumeName(claim);
  const capacity = { storage: textAt(claim, 'spec', 'resources', 'requests', 'storage') };
  const claimRef = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    namespace: namespaceOf(claim),
    name: nameOf(claim),
    uid: uidOf(claim),
  };
  if (cluster.find(volumeKind, '', name) === undefined) {
    const volume = {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name, annotations: { 'pv.kubernetes.io/provisioned-by': provisioner } },
      spec: {
        accessModes: [...listAt(claim, 'spec', 'accessModes')],
        capacity,
        claimRef,
        persistentVolumeReclaimPolicy: 'Delete',
        storageClassName: textAt(claim, 'spec', 'storageClassName'),
        hostPath: { path: `/plumbline-sandbox/${name}` },
      },
    };
    cluster.create(volumeKind, '', volume, { fieldManager: controllerManager });
  }
  const volume = cluster.get(volumeKind, '', name);
  writeStatus(cluster, volumeStorage, volume, { ...mapAt(volume, 'status'), phase: 'Bound' });
  if (textAt(claim, 'spec', 'volumeName') === '') {
    const annotations = {
      ...mapAt(claim, 'metadata', 'annotations'),
      'pv.kubernetes.io/bind-completed': 'yes',
      'pv.kubernetes.io/bound-by-controller': 'yes',
    };
    const bound = withMetadata({ ...claim, spec: { ...mapAt(claim, 'spec'), volumeName: name } }, { annotations });
    cluster.update(claimKind, namespaceOf(claim), nameOf(claim), bound, { fieldManager: controllerManager });
  }
  writeStatus(cluster, storageKey, claim, {
    phase: 'Bound',
    accessModes: [...listAt(claim, 'spec', 'accessModes')],
    capacity,
  });
}

function letGo(claim: KubeObject, cluster: SimulatedCluster): void {
  const kind = kindOf(cluster, storageKey);
  const isUsed = cluster.store
    .list('/pods', namespaceOf(claim))
    .some((pod) =>
      listAt(pod, 'spec', 'volumes').some(
        (volume) => textAt(volume, 'persistentVolumeClaim', 'claimName') === nameOf(claim),
      ),
    );
  if (kind === undefined || isUsed || !finalizersOf(claim).includes(protection)) return;
  const freed = withMetadata(claim, { finalizers: finalizersOf(claim).filter((one) => one !== protection) });
  cluster.update(kind, namespaceOf(claim), nameOf(claim), freed, { fieldManager: controllerManager });
}

/** A volume that was made for a claim goes with it; any other is kept, released. */
function release(name: string, cluster: SimulatedCluster): void {
  const kind = kindOf(cluster, volumeStorage);
  const volume = cluster.store.get(volumeStorage, '', name);
  if (kind === undefined || volume === undefined) return;
  if (textAt(volume, 'metadata', 'annotations', 'pv.kubernetes.io/provisioned-by') !== provisioner) {
    writeStatus(cluster, volumeStorage, volume, { ...mapAt(volume, 'status'), phase: 'Released' });
    return;
  }
  cluster.update(kind, '', name, withMetadata(volume, { finalizers: [] }), { fieldManager: controllerManager });
  cluster.delete(kind, '', name);
}
