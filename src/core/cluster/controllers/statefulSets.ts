import { type JsonObject, isJsonObject, listAt } from '../../json.ts';
import { type KubeObject, nameOf, namespaceOf } from '../../kube/objectKey.ts';
import type { Controller } from '../controllerLoop.ts';
import { isDeleting } from '../metadata.ts';
import type { SimulatedCluster } from '../simulatedCluster.ts';
import {
  childrenOf,
  controllerManager,
  hashOf,
  kindOf,
  mapAt,
  numberAt,
  selfOrOwner,
  textAt,
  writeStatus,
} from './controlled.ts';
import { isReady, labelOf, makePod, podStorage, removePod, templateOf } from './podSets.ts';

const storageKey = 'apps/statefulsets';
const revisionLabel = 'controller-revision-hash';

/** Keeps numbered Pods, one after the other, each with its claims. */
export const statefulSets: Controller = {
  name: 'statefulSets',
  concerns: (change) => selfOrOwner(change, storageKey, 'StatefulSet', podStorage),
  reconcile: ({ namespace, name }, cluster) => {
    const set = cluster.store.get(storageKey, namespace, name);
    if (set !== undefined && !isDeleting(set)) reconcile(set, cluster);
    return undefined;
  },
};

function ordinalOf(pod: KubeObject): number {
  return Number(nameOf(pod).slice(nameOf(pod).lastIndexOf('-') + 1));
}

function reconcile(set: KubeObject, cluster: SimulatedCluster): void {
  const revision = `${nameOf(set)}-${hashOf(templateOf(set))}`;
  move(set, revision, cluster);
  report(set, revision, cluster);
}

function podsOf(set: KubeObject, cluster: SimulatedCluster): KubeObject[] {
  return childrenOf(cluster, podStorage, set).sort((a, b) => ordinalOf(a) - ordinalOf(b));
}

/** One step at a time, unless the set says that its Pods may come and go together. */
function move(set: KubeObject, revision: string, cluster: SimulatedCluster): void {
  const start = numberAt(set, 'spec', 'ordinals', 'start');
  const wanted = numberAt(set, 'spec', 'replicas');
  const inOrder = textAt(set, 'spec', 'podManagementPolicy') !== 'Parallel';
  const pods = podsOf(set, cluster);
  for (let ordinal = start; ordinal < start + wanted; ordinal++) {
    const pod = pods.find((one) => ordinalOf(one) === ordinal);
    if (pod === undefined) {
      if (!make(set, ordinal, revision, cluster)) return;
      if (inOrder) return;
    } else if (inOrder && !isReady(pod)) {
      // One that never gets ready is still replaced when its template changes.
      if (labelOf(pod, revisionLabel) !== revision) removePod(cluster, pod);
      return;
    }
  }
  const condemned = pods.filter((pod) => ordinalOf(pod) >= start + wanted || ordinalOf(pod) < start);
  const last = condemned.at(-1);
  if (last !== undefined) {
    for (const pod of inOrder ? [last] : condemned) removePod(cluster, pod);
    return;
  }
  if (textAt(set, 'spec', 'updateStrategy', 'type') !== 'RollingUpdate') return;
  const partition = numberAt(set, 'spec', 'updateStrategy', 'rollingUpdate', 'partition');
  if (pods.some((pod) => !isReady(pod) && labelOf(pod, revisionLabel) === revision)) return;
  const outdated = pods.filter((pod) => ordinalOf(pod) >= partition && labelOf(pod, revisionLabel) !== revision).at(-1);
  if (outdated !== undefined) removePod(cluster, outdated);
}

function make(set: KubeObject, ordinal: number, revision: string, cluster: SimulatedCluster): boolean {
  const name = `${nameOf(set)}-${ordinal}`;
  const volumes = listAt(set, 'spec', 'volumeClaimTemplates').flatMap((template) => {
    const volume = textAt(template, 'metadata', 'name');
    const claimName = `${volume}-${name}`;
    if (isJsonObject(template)) makeClaim(set, template, claimName, cluster);
    return { name: volume, persistentVolumeClaim: { claimName } };
  });
  const templateSpec = mapAt(set, 'spec', 'template', 'spec');
  const spec: JsonObject = { hostname: name, subdomain: textAt(set, 'spec', 'serviceName') };
  if (volumes.length > 0) spec['volumes'] = [...volumes, ...listAt(templateSpec, 'volumes')];
  const labels = {
    [revisionLabel]: revision,
    'apps.kubernetes.io/pod-index': String(ordinal),
    'statefulset.kubernetes.io/pod-name': name,
  };
  return makePod(cluster, set, { name, labels, spec }) !== undefined;
}

function makeClaim(set: KubeObject, template: JsonObject, name: string, cluster: SimulatedCluster): void {
  const kind = kindOf(cluster, '/persistentvolumeclaims');
  const namespace = namespaceOf(set);
  if (kind === undefined || cluster.find(kind, namespace, name) !== undefined) return;
  const labels = mapAt(set, 'spec', 'selector', 'matchLabels');
  const metadata = {
    ...mapAt(template, 'metadata'),
    name,
    namespace,
    labels: { ...mapAt(template, 'metadata', 'labels'), ...labels },
  };
  const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata, spec: mapAt(template, 'spec') };
  cluster.create(kind, namespace, claim, { fieldManager: controllerManager });
}

function report(set: KubeObject, revision: string, cluster: SimulatedCluster): void {
  const pods = podsOf(set, cluster);
  const updated = pods.filter((pod) => labelOf(pod, revisionLabel) === revision).length;
  const ready = pods.filter(isReady).length;
  const wanted = numberAt(set, 'spec', 'replicas');
  const known = textAt(set, 'status', 'currentRevision') || revision;
  const isThrough = updated === wanted && ready === wanted && pods.length === wanted;
  const currentRevision = isThrough ? revision : known;
  const current = pods.filter((pod) => labelOf(pod, revisionLabel) === currentRevision).length;
  const generation = set.metadata['generation'];
  writeStatus(cluster, storageKey, set, {
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    replicas: pods.length,
    ...(ready === 0 ? {} : { readyReplicas: ready }),
    ...(current === 0 ? {} : { currentReplicas: current }),
    ...(updated === 0 ? {} : { updatedReplicas: updated }),
    currentRevision,
    updateRevision: revision,
    collisionCount: 0,
    availableReplicas: ready,
  });
}
