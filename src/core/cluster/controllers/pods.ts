import { type Json, type JsonObject, listAt } from '../../json.ts';
import type { KubeObject } from '../../kube/objectKey.ts';
import type { Controller } from '../controllerLoop.ts';
import { ownersOf, timestamp } from '../metadata.ts';
import type { SimulatedCluster } from '../simulatedCluster.ts';
import { kindOf, mapAt, refOf, textAt, writeStatus } from './controlled.ts';

const storageKey = '/pods';
/** A container that starts is ready this long after its Pod was made. */
const startMilliseconds = 1000;
/** What runs to its end takes as long again. */
const runMilliseconds = 2000;
const node = { name: 'sandbox', address: '10.0.0.1' };

/**
 * How a container fares, by the tag of its image: one that holds `bad`, `broken` or `does-not-exist` cannot be pulled, one that
 * holds `crash` ends as soon as it starts; all others run.
 */
export function fateOf(image: string): 'runs' | 'no-image' | 'crashes' {
  const lastPart = image.slice(image.lastIndexOf('/') + 1);
  const tag = /[:@](.*)$/.exec(lastPart)?.[1] ?? '';
  if (/bad|broken|does-not-exist/.test(tag)) return 'no-image';
  return tag.includes('crash') ? 'crashes' : 'runs';
}

/** In the place of scheduler and kubelet: Pods get the one node, and their containers run, or not, as their images say. */
export const pods: Controller = {
  name: 'pods',
  concerns: (change) =>
    change.storageKey === storageKey && change.type !== 'DELETED' ? [refOf(storageKey, change.object)] : [],
  reconcile: ({ namespace, name }, cluster) => {
    const pod = cluster.store.get(storageKey, namespace, name);
    return pod === undefined ? undefined : advance(pod, cluster);
  },
};

function advance(pod: KubeObject, cluster: SimulatedCluster): Date | undefined {
  const phase = textAt(pod, 'status', 'phase');
  if (phase === 'Succeeded' || phase === 'Failed') return undefined;
  const scheduled = textAt(pod, 'spec', 'nodeName') === '' ? bind(pod, cluster) : pod;
  const created = Date.parse(textAt(pod, 'metadata', 'creationTimestamp'));
  const now = cluster.now();
  const age = now.getTime() - created;
  const started = new Date(created + startMilliseconds);
  if (age < startMilliseconds) {
    writeStatus(cluster, storageKey, scheduled, statusOf(scheduled, 'starting', now), 'kubelet');
    return started;
  }
  const endsByItself = ownersOf(pod).some((owner) => owner.controller && owner.kind === 'Job');
  const runs = containersOf(pod).every((container) => fateOf(textAt(container, 'image')) === 'runs');
  const isDone = endsByItself && runs && age >= runMilliseconds;
  writeStatus(
    cluster,
    storageKey,
    scheduled,
    statusOf(scheduled, isDone ? 'done' : 'started', now, started),
    'kubelet',
  );
  return endsByItself && runs && !isDone ? new Date(created + runMilliseconds) : undefined;
}

/** Binding is a subresource whose writer leaves no trace in managedFields. */
function bind(pod: KubeObject, cluster: SimulatedCluster): KubeObject {
  const kind = kindOf(cluster, storageKey);
  if (kind === undefined) return pod;
  return cluster.write(kind, { ...pod, spec: { ...mapAt(pod, 'spec'), nodeName: node.name } });
}

function containersOf(pod: KubeObject): readonly Json[] {
  return listAt(pod, 'spec', 'containers');
}

type Stage = 'starting' | 'started' | 'done';

function statusOf(pod: KubeObject, stage: Stage, now: Date, started?: Date): JsonObject {
  const statuses = containersOf(pod).map((container) => containerStatus(container, stage, started ?? now));
  const ready = stage === 'started' && statuses.every((status) => status['ready'] === true);
  const pulled = stage !== 'starting' && containersOf(pod).every((one) => fateOf(textAt(one, 'image')) !== 'no-image');
  const phase = stage === 'done' ? 'Succeeded' : pulled ? 'Running' : 'Pending';
  const since = (type: string, value: boolean): Json => {
    const known = listAt(pod, 'status', 'conditions').find((one) => textAt(one, 'type') === type);
    const status = value ? 'True' : 'False';
    const unchanged = known !== undefined && textAt(known, 'status') === status;
    return unchanged ? textAt(known, 'lastTransitionTime') : timestamp(now);
  };
  const unready = stage === 'done' ? { reason: 'PodCompleted' } : unreadiness(statuses);
  const condition = (type: string, value: boolean, more: JsonObject = {}): JsonObject => ({
    type,
    observedGeneration: pod.metadata['generation'] ?? 1,
    status: value ? 'True' : 'False',
    lastProbeTime: null,
    lastTransitionTime: since(type, value),
    ...(value ? {} : more),
  });
  const generation = pod.metadata['generation'];
  return {
    ...(typeof generation === 'number' ? { observedGeneration: generation } : {}),
    phase,
    conditions: [
      condition('PodReadyToStartContainers', stage === 'started'),
      condition('Initialized', true),
      condition('Ready', ready, unready),
      condition('ContainersReady', ready, unready),
      condition('PodScheduled', true),
    ],
    hostIP: node.address,
    hostIPs: [{ ip: node.address }],
    ...(stage === 'starting' ? {} : podAddress(pod)),
    startTime: textAt(pod, 'metadata', 'creationTimestamp'),
    containerStatuses: statuses,
    qosClass: textAt(pod, 'status', 'qosClass') || 'BestEffort',
  };
}

function unreadiness(statuses: readonly JsonObject[]): JsonObject {
  const names = statuses.filter((status) => status['ready'] !== true).map((status) => textAt(status, 'name'));
  return { reason: 'ContainersNotReady', message: `containers with unready status: [${names.join(' ')}]` };
}

/** An address of its own in 10.244.0.0/16, from its uid. */
function podAddress(pod: KubeObject): JsonObject {
  const number = Number.parseInt(textAt(pod, 'metadata', 'uid').slice(0, 4), 16) || 1;
  const ip = `10.244.${number >> 8}.${number & 255}`;
  return { podIP: ip, podIPs: [{ ip }] };
}

function containerStatus(container: Json, stage: Stage, started: Date): JsonObject {
  const image = textAt(container, 'image');
  const fate = fateOf(image);
  const time = timestamp(started);
  const base = { name: textAt(container, 'name'), image, lastState: {}, ready: false, restartCount: 0, started: false };
  const waiting = (reason: string, message?: string): JsonObject => ({
    ...base,
    imageID: '',
    state: { waiting: { reason, ...(message === undefined ? {} : { message }) } },
  });
  if (stage === 'starting') return waiting('ContainerCreating');
  if (fate === 'no-image') return waiting('ImagePullBackOff', `Back-off pulling image ${JSON.stringify(image)}`);
  if (fate === 'crashes') {
    return {
      ...waiting('CrashLoopBackOff', `back-off 10s restarting failed container=${base.name}`),
      restartCount: 1,
      imageID: `docker.io/${image}`,
      lastState: { terminated: { exitCode: 1, reason: 'Error', startedAt: time, finishedAt: time } },
    };
  }
  const imageId = { imageID: `docker.io/${image}`, containerID: `containerd://${textAt(container, 'name')}` };
  if (stage === 'done') {
    return {
      ...base,
      ...imageId,
      state: { terminated: { exitCode: 0, reason: 'Completed', startedAt: time, finishedAt: time } },
    };
  }
  return { ...base, ...imageId, ready: true, started: true, state: { running: { startedAt: time } } };
}
