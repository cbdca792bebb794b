import { type KubeObject, keyOf, keyText } from '../../core/kube/objectKey.ts';
import type { Problem } from '../../core/problem.ts';
import type { ApiResource, Cluster } from '../../ports/cluster.ts';
import { ClusterError } from '../../ports/clusterError.ts';
import type { Target } from '../drift/target.ts';
import { runLimited } from '../runLimited.ts';
import { notChecked } from './notChecked.ts';

/** What a cluster holds of the objects asked for. A key that is in `unreadable` is neither there nor missing: it is unknown. */
export interface LiveObjects {
  objects: ReadonlyMap<string, KubeObject>;
  unreadable: ReadonlyMap<string, Problem>;
}

/** Up to so many objects of one kind and namespace are read one by one; beyond it, one LIST is less work for the server. */
const listFrom = 4;
/** Requests under way at once; the API server's own fairness allows a client this many without queueing. */
const requestsAtOnce = 8;

/**
 * Reads the live objects of the targets: by name where there are few of a kind, by LIST otherwise, Secrets always by name, so
 * that no Secret is fetched that Git does not declare (design §3.3). A refusal for one kind costs that kind only.
 */
export async function readLiveObjects(
  cluster: Cluster,
  targets: readonly Target[],
  signal?: AbortSignal,
): Promise<LiveObjects> {
  const objects = new Map<string, KubeObject>();
  const unreadable = new Map<string, Problem>();
  const reads: (() => Promise<void>)[] = [];
  for (const group of groupByKindAndNamespace(targets)) {
    const { resource, namespace, members } = group;
    const secret = resource.group === '' && resource.kind === 'Secret';
    if (secret || members.length < listFrom) {
      for (const member of members) reads.push(() => readOne(member));
      continue;
    }
    reads.push(async () => {
      try {
        const wanted = new Set(members.map((member) => keyText(member.key)));
        const list = await cluster.list(resource, { namespace, ...(signal === undefined ? {} : { signal }) });
        for (const object of list.objects) {
          const key = keyText(keyOf(object));
          if (wanted.has(key)) objects.set(key, object);
        }
      } catch (error) {
        // Who may not list may still be allowed to get by name.
        if (!ClusterError.is(error, 'forbidden')) throw error;
        for (const member of members) await readOne(member);
      }
    });
  }

  async function readOne(target: Target): Promise<void> {
    if (target.resource === undefined) return;
    try {
      const object = await cluster.get(target.resource, target.key.namespace, target.key.name, signal);
      if (object !== undefined) objects.set(keyText(target.key), object);
    } catch (error) {
      // A right that is missing, or a name that no object can have, costs that object only.
      if (!ClusterError.is(error, 'forbidden') && !ClusterError.is(error, 'bad-request')) throw error;
      unreadable.set(keyText(target.key), notChecked(target.key, cluster.context, error, target.application.id));
    }
  }

  await runLimited(reads, requestsAtOnce, signal);
  return { objects, unreadable };
}

interface KindAndNamespace {
  resource: ApiResource;
  namespace: string;
  members: Target[];
}

function groupByKindAndNamespace(targets: readonly Target[]): KindAndNamespace[] {
  const groups = new Map<string, KindAndNamespace>();
  for (const target of targets) {
    if (target.resource === undefined) continue;
    const id = `${target.resource.group}/${target.resource.version}/${target.resource.kind}/${target.key.namespace}`;
    const group = groups.get(id) ?? { resource: target.resource, namespace: target.key.namespace, members: [] };
    group.members.push(target);
    groups.set(id, group);
  }
  return [...groups.values()];
}
