import { healthOf } from '../../core/health/healthOf.ts';
import { type Json, fieldAt, isJsonObject, listAt, stringAt } from '../../core/json.ts';
import { type KubeObject, describeKey, keyText } from '../../core/kube/objectKey.ts';
import type { ApiResource, Cluster } from '../../ports/cluster.ts';
import { ClusterError } from '../../ports/clusterError.ts';
import type { DeclaredTarget } from '../drift/target.ts';
import { readLiveObjects } from '../live/readLiveObjects.ts';

/**
 * So long a container may fail before that is said: the kubelet tries a pull and a start again after 10 and 20 s, and by then a registry's
 * hiccup or a database that comes up at the same time is over.
 */
const graceMilliseconds = 30_000;
const lookMilliseconds = 10_000;

const workloads: ReadonlySet<string> = new Set([
  'apps/DaemonSet',
  'apps/Deployment',
  'apps/ReplicaSet',
  'apps/StatefulSet',
  'batch/Job',
]);

/**
 * Looks at the Pods of workloads that are waited for. An image that cannot be pulled leaves a Deployment in progress until its deadline; whoever
 * waits wants to know before, to stop or to roll back. Nothing is asked of the cluster while the wait is short.
 */
export class StuckPods {
  readonly #cluster: Cluster;
  readonly #now: () => Date;
  readonly #signal: AbortSignal | undefined;
  #next: number;
  #seen: ReadonlySet<string> = new Set();
  #said: string | undefined;

  constructor(cluster: Cluster, options: { now(): Date; signal?: AbortSignal }) {
    this.#cluster = cluster;
    this.#now = () => options.now();
    this.#signal = options.signal;
    this.#next = options.now().getTime() + graceMilliseconds - lookMilliseconds;
  }

  /**
   * What keeps one of the targets from becoming healthy by an error that does not mend itself soon; undefined where there is none, or the Pods
   * may not be read. Rejects only when aborted.
   */
  async look(targets: readonly DeclaredTarget[]): Promise<string | undefined> {
    const now = this.#now().getTime();
    if (now < this.#next) return this.#said;
    this.#next = now + lookMilliseconds;
    try {
      const found = await this.#find(targets.filter(({ key }) => workloads.has(`${key.group}/${key.kind}`)));
      const lasting = [...found.keys()].find((key) => this.#seen.has(key));
      this.#seen = new Set(found.keys());
      this.#said = lasting === undefined ? undefined : found.get(lasting);
    } catch (error) {
      this.#signal?.throwIfAborted();
      if (!ClusterError.is(error)) throw error;
    }
    return this.#said;
  }

  async #find(targets: readonly DeclaredTarget[]): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    const pods = targets.length === 0 ? undefined : await this.#podResource();
    if (pods === undefined) return found;
    const { objects } = await readLiveObjects(this.#cluster, targets, this.#signal);
    for (const { key } of targets) {
      const live = objects.get(keyText(key));
      const labelSelector = live === undefined || healthOf(live).health === 'healthy' ? '' : selectorOf(live);
      if (labelSelector === '') continue;
      const list = await this.#cluster.list(pods, {
        namespace: key.namespace,
        labelSelector,
        ...(this.#signal === undefined ? {} : { signal: this.#signal }),
      });
      const trouble = list.objects.map(troubleOf).find((text) => text !== undefined);
      if (trouble !== undefined) found.set(keyText(key), `${describeKey(key)}: ${trouble}`);
    }
    return found;
  }

  async #podResource(): Promise<ApiResource | undefined> {
    const { resources } = await this.#cluster.discover(this.#signal === undefined ? {} : { signal: this.#signal });
    return resources.find(({ group, kind }) => group === '' && kind === 'Pod');
  }
}

/** `app=web,tier=front`; empty where it has no labels to select by. */
function selectorOf(workload: KubeObject): string {
  const labels = fieldAt(workload, 'spec', 'selector', 'matchLabels');
  if (!isJsonObject(labels)) return '';
  return Object.entries(labels)
    .flatMap(([name, value]) => (typeof value === 'string' ? [`${name}=${value}`] : []))
    .join(',');
}

function troubleOf(pod: KubeObject): string | undefined {
  const statuses = [...listAt(pod, 'status', 'initContainerStatuses'), ...listAt(pod, 'status', 'containerStatuses')];
  return statuses.map((status) => containerTrouble(pod, status)).find((text) => text !== undefined);
}

function containerTrouble(pod: KubeObject, status: Json): string | undefined {
  const reason = stringAt(status, 'state', 'waiting', 'reason') ?? '';
  const name = stringAt(status, 'name') ?? '';
  switch (reason) {
    case 'ErrImagePull':
    case 'ImagePullBackOff':
      return `its image ${imageOf(pod, name)} cannot be pulled (${reason})`;
    case 'InvalidImageName':
      return `its image ${imageOf(pod, name)} has no valid name (${reason})`;
    case 'CrashLoopBackOff':
      return `its container ${name} ends again and again (${reason})`;
    case 'CreateContainerConfigError':
      return `its container ${name} cannot be made: ${stringAt(status, 'state', 'waiting', 'message') ?? reason}`;
    default:
      return undefined;
  }
}

function imageOf(pod: KubeObject, container: string): string {
  const all = [...listAt(pod, 'spec', 'initContainers'), ...listAt(pod, 'spec', 'containers')];
  return stringAt(all.find((item) => stringAt(item, 'name') === container) ?? null, 'image') ?? '';
}
