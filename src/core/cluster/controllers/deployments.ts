import { type JsonObject, equalJson, fieldAt } from '../../json.ts';
import { type KubeObject, nameOf, namespaceOf } from '../../kube/objectKey.ts';
import type { Controller } from '../controllerLoop.ts';
import { controllerReference, isDeleting, withMetadata } from '../metadata.ts';
import type { SimulatedCluster } from '../simulatedCluster.ts';
import {
  childrenOf,
  controllerManager,
  hashOf,
  kindOf,
  mapAt,
  numberAt,
  selfOrOwner,
  shareOf,
  textAt,
} from './controlled.ts';
import { deploymentStatus } from './deploymentStatus.ts';
import { labelOf, templateOf } from './podSets.ts';
import { replicaSetStorage } from './replicaSets.ts';

const storageKey = 'apps/deployments';
const hashLabel = 'pod-template-hash';
const revisionAnnotation = 'deployment.kubernetes.io/revision';

/** Rolls a Deployment out over ReplicaSets, one for each template that it had. */
export const deployments: Controller = {
  name: 'deployments',
  concerns: (change) => selfOrOwner(change, storageKey, 'Deployment', replicaSetStorage),
  reconcile: ({ namespace, name }, cluster) => {
    const deployment = cluster.store.get(storageKey, namespace, name);
    return deployment === undefined || isDeleting(deployment) ? undefined : reconcile(deployment, cluster);
  },
};

function reconcile(deployment: KubeObject, cluster: SimulatedCluster): Date | undefined {
  const wanted = templateOf(deployment);
  const isPaused = fieldAt(deployment, 'spec', 'paused') === true;
  const all = childrenOf(cluster, replicaSetStorage, deployment);
  let current = all.find((set) => equalJson(templateOf(set, hashLabel), wanted));
  if (current === undefined && !isPaused) current = makeSet(deployment, all, cluster);
  if (current !== undefined) takeRevision(deployment, current, all, cluster);
  if (!isPaused && current !== undefined) rollOut(deployment, current, cluster);
  const sets = childrenOf(cluster, replicaSetStorage, deployment);
  const newest = current === undefined ? undefined : sets.find((set) => nameOf(set) === nameOf(current));
  prune(deployment, newest, sets, cluster);
  return deploymentStatus(deployment, newest, sets, cluster);
}

function revisionOf(set: KubeObject): number {
  return Number(textAt(set, 'metadata', 'annotations', revisionAnnotation)) || 0;
}

function makeSet(
  deployment: KubeObject,
  others: readonly KubeObject[],
  cluster: SimulatedCluster,
): KubeObject | undefined {
  const kind = kindOf(cluster, replicaSetStorage);
  if (kind === undefined) return undefined;
  const template = mapAt(deployment, 'spec', 'template');
  const metadata = mapAt(template, 'metadata');
  const hash = hashOf(template);
  const labels = { ...mapAt(metadata, 'labels'), [hashLabel]: hash };
  const selector = mapAt(deployment, 'spec', 'selector');
  const revision = Math.max(0, ...others.map(revisionOf)) + 1;
  const minReadySeconds = numberAt(deployment, 'spec', 'minReadySeconds');
  const set: KubeObject = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${nameOf(deployment)}-${hash}`,
      namespace: namespaceOf(deployment),
      labels,
      annotations: { [revisionAnnotation]: String(revision) },
      ownerReferences: [controllerReference(deployment)],
    },
    spec: {
      replicas: 0,
      ...(minReadySeconds === 0 ? {} : { minReadySeconds }),
      selector: { ...selector, matchLabels: { ...mapAt(selector, 'matchLabels'), [hashLabel]: hash } },
      template: { ...template, metadata: { ...metadata, labels } },
    },
  };
  if (cluster.find(kind, namespaceOf(deployment), nameOf(set)) !== undefined) return undefined;
  return cluster.create(kind, namespaceOf(deployment), set, { fieldManager: controllerManager }).object;
}

/** The current set has the highest revision, and the Deployment shows it. A roll back makes an old set the newest again. */
function takeRevision(
  deployment: KubeObject,
  current: KubeObject,
  all: readonly KubeObject[],
  cluster: SimulatedCluster,
): void {
  const highest = Math.max(0, ...all.filter((set) => nameOf(set) !== nameOf(current)).map(revisionOf));
  const revision = revisionOf(current) > highest ? revisionOf(current) : highest + 1;
  annotate(replicaSetStorage, current, String(revision), cluster);
  annotate(storageKey, deployment, String(revision), cluster);
}

function annotate(storage: string, object: KubeObject, revision: string, cluster: SimulatedCluster): void {
  const kind = kindOf(cluster, storage);
  const live = cluster.store.get(storage, namespaceOf(object), nameOf(object));
  if (kind === undefined || live === undefined) return;
  const annotations = mapAt(live, 'metadata', 'annotations');
  if (annotations[revisionAnnotation] === revision) return;
  const next = withMetadata(live, { annotations: { ...annotations, [revisionAnnotation]: revision } });
  cluster.update(kind, namespaceOf(live), nameOf(live), next, { fieldManager: controllerManager });
}

function scale(set: KubeObject, replicas: number, cluster: SimulatedCluster): void {
  const kind = kindOf(cluster, replicaSetStorage);
  const live = cluster.store.get(replicaSetStorage, namespaceOf(set), nameOf(set));
  if (kind === undefined || live === undefined || numberAt(live, 'spec', 'replicas') === replicas) return;
  const spec: JsonObject = { ...mapAt(live, 'spec'), replicas };
  cluster.update(kind, namespaceOf(set), nameOf(set), { ...live, spec }, { fieldManager: controllerManager });
}

function rollOut(deployment: KubeObject, current: KubeObject, cluster: SimulatedCluster): void {
  const wanted = numberAt(deployment, 'spec', 'replicas');
  const sets = childrenOf(cluster, replicaSetStorage, deployment);
  const newest = sets.find((set) => nameOf(set) === nameOf(current)) ?? current;
  const old = sets.filter((set) => nameOf(set) !== nameOf(current) && numberAt(set, 'spec', 'replicas') > 0);
  if (old.length === 0) {
    scale(newest, wanted, cluster);
    return;
  }
  if (textAt(deployment, 'spec', 'strategy', 'type') === 'Recreate') {
    for (const set of old) scale(set, 0, cluster);
    if (old.every((set) => numberAt(set, 'status', 'replicas') === 0)) scale(newest, wanted, cluster);
    return;
  }
  const rolling = mapAt(deployment, 'spec', 'strategy', 'rollingUpdate');
  const surge = shareOf(rolling['maxSurge'], wanted, 'up');
  const mayMiss = shareOf(rolling['maxUnavailable'], wanted, 'down');
  const total = sets.reduce((sum, set) => sum + numberAt(set, 'spec', 'replicas'), 0);
  // Neither may be 0 together, or nothing would ever move.
  const room = Math.max(wanted + Math.max(surge, mayMiss === 0 ? 1 : 0) - total, 0);
  const have = numberAt(newest, 'spec', 'replicas');
  scale(newest, have > wanted ? wanted : Math.min(wanted, have + room), cluster);
  shrink(old, sets, wanted - mayMiss, cluster);
}

/** Takes Pods from old sets: those that do not serve anyway, then as many as can be missed. */
function shrink(
  old: readonly KubeObject[],
  sets: readonly KubeObject[],
  least: number,
  cluster: SimulatedCluster,
): void {
  // A set that was told to shrink may not have said yet that it did.
  const servingOf = (set: KubeObject): number =>
    Math.min(numberAt(set, 'status', 'availableReplicas'), numberAt(set, 'spec', 'replicas'));
  const available = sets.reduce((sum, set) => sum + servingOf(set), 0);
  let spare = Math.max(available - least, 0);
  for (const set of old) {
    const serving = servingOf(set);
    const taken = Math.min(serving, spare);
    spare -= taken;
    scale(set, serving - taken, cluster);
  }
}

/** Old sets beyond the history limit go. */
function prune(
  deployment: KubeObject,
  newest: KubeObject | undefined,
  sets: readonly KubeObject[],
  cluster: SimulatedCluster,
): void {
  const kind = kindOf(cluster, replicaSetStorage);
  const limit = numberAt(deployment, 'spec', 'revisionHistoryLimit');
  const idle = sets
    .filter((set) => set !== newest && labelOf(set, hashLabel) !== '' && numberAt(set, 'spec', 'replicas') === 0)
    .filter((set) => numberAt(set, 'status', 'replicas') === 0)
    .sort((a, b) => revisionOf(a) - revisionOf(b));
  for (const set of idle.slice(0, Math.max(idle.length - limit, 0))) {
    if (kind !== undefined) cluster.delete(kind, namespaceOf(set), nameOf(set));
  }
}
