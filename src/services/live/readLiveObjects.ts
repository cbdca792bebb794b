import { type KubeObject, keyOf, keyText } from '../../core/kube/objectKey.ts';
import { mapLimited } from '../../core/mapLimited.ts';
import type { Problem } from '../../core/problem.ts';
import type { ApiResource, Cluster } from '../../ports/cluster.ts';
import { ClusterError } from '../../ports/clusterError.ts';
import type { Target } from '../drift/target.ts';
import { notChecked } from './notChecked.ts';

/** What a cluster holds of the objects asked for. A key that is in `unreadable` is neither there nor missing: it is unknown. */
export interface LiveObjects {
  objects: ReadonlyMap<string, KubeObject>;
  unreadable: ReadonlyMap<string, Problem>;
}

/** From so many requests on, one LIST for all of them is less work for the server, and fewer ways there and back. */
const listFrom = 4;
/** What a LIST of all namespaces may bring that nobody asked for: so many objects, or so many times those that were. */
const fewListed = 50;
const timesListed = 4;
/** Requests under way at once; the API server's own fairness allows a client this many without queueing. */
const mostAtOnce = 8;
/** So many connections are open already, from asking what the cluster serves. */
const fewestAtOnce = 3;
/** Another connection costs three ways there and back before it serves. */
const worthConnecting = 3;

type Read = () => Promise<void>;

interface Group {
  resource: ApiResource;
  /** Empty for those of all namespaces, and for kinds without. */
  namespace: string;
  members: readonly Target[];
}

/**
 * Reads the live objects of the targets: by name where there are few of a kind, by LIST otherwise, Secrets always by name, so
 * that no Secret is fetched that Git does not declare (design §3.3). A refusal for one kind costs that kind only. `onArrival` is told
 * of objects by their key as they come.
 */
export async function readLiveObjects(
  cluster: Cluster,
  targets: readonly Target[],
  signal?: AbortSignal,
  onArrival: (arrived: ReadonlyMap<string, KubeObject>) => void = () => {},
): Promise<LiveObjects> {
  const objects = new Map<string, KubeObject>();
  const unreadable = new Map<string, Problem>();
  const open = groupByKind(targets).flatMap(readsOfKind);
  while (open.length > 0) {
    const reads = open.splice(0);
    await mapLimited(reads, atOnce(reads.length), (read) => read(), signal);
  }
  return { objects, unreadable };

  function readsOfKind({ resource, members }: Group): Read[] {
    const apart = groupByNamespace(resource, members).flatMap(readsOfNamespace);
    if (isSecret(resource) || apart.length < listFrom) return apart;
    const atMost = Math.max(fewListed, members.length * timesListed);
    return [() => readList({ resource, namespace: '', members }, apart, atMost)];
  }

  function readsOfNamespace(group: Group): Read[] {
    const apart = group.members.map((member) => () => readOne(member));
    return isSecret(group.resource) || apart.length < listFrom ? apart : [() => readList(group, apart)];
  }

  /** `instead`: what to read where the LIST is refused, since who may not list may still be allowed to get, or where it is too long. */
  async function readList(
    { resource, namespace, members }: Group,
    instead: readonly Read[],
    atMost?: number,
  ): Promise<void> {
    try {
      const list = await cluster.list(resource, {
        namespace,
        ...(atMost === undefined ? {} : { atMost }),
        ...(signal === undefined ? {} : { signal }),
      });
      if (list.isTooLong === true) open.push(...instead);
      const wanted = new Set(members.map((member) => keyText(member.key)));
      const arrived = list.objects.map((object) => [keyText(keyOf(object)), object] as const);
      arrive(new Map(arrived.filter(([key]) => wanted.has(key))));
    } catch (error) {
      if (!ClusterError.is(error, 'forbidden')) throw error;
      open.push(...instead);
    }
  }

  async function readOne(target: Target): Promise<void> {
    if (target.resource === undefined) return;
    try {
      const object = await cluster.get(target.resource, target.key.namespace, target.key.name, signal);
      if (object !== undefined) arrive(new Map([[keyText(target.key), object]]));
    } catch (error) {
      // A right that is missing, or a name that no object can have, costs that object only.
      if (!ClusterError.is(error, 'forbidden') && !ClusterError.is(error, 'bad-request')) throw error;
      unreadable.set(keyText(target.key), notChecked(target.key, cluster.context, error, target.application.id));
    }
  }

  function arrive(arrived: ReadonlyMap<string, KubeObject>): void {
    for (const [key, object] of arrived) objects.set(key, object);
    onArrival(arrived);
  }
}

function atOnce(requests: number): number {
  return Math.min(Math.max(Math.ceil(requests / worthConnecting), fewestAtOnce), mostAtOnce);
}

function isSecret({ group, kind }: ApiResource): boolean {
  return group === '' && kind === 'Secret';
}

function groupByKind(targets: readonly Target[]): Group[] {
  const kinds = new Map<string, Group & { members: Target[] }>();
  for (const target of targets) {
    const { resource } = target;
    if (resource === undefined) continue;
    const id = `${resource.group}/${resource.version}/${resource.kind}`;
    const known = kinds.get(id);
    if (known === undefined) kinds.set(id, { resource, namespace: '', members: [target] });
    else known.members.push(target);
  }
  return [...kinds.values()];
}

function groupByNamespace(resource: ApiResource, targets: readonly Target[]): Group[] {
  const byNamespace = Map.groupBy(targets, ({ key }) => key.namespace);
  return [...byNamespace].map(([namespace, members]) => ({ resource, namespace, members }));
}
