import type { Disposable } from '../emitter.ts';
import type { KubeObject } from '../kube/objectKey.ts';
import { filterOf } from './listing.ts';
import type { StoreChange } from './objectStore.ts';
import type { ListRequest } from './requests.ts';
import { type ServedKind, storageKeyOf } from './servedKind.ts';
import type { SimulatedCluster } from './simulatedCluster.ts';
import { StatusError } from './statusError.ts';

export interface WatchedChange {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  object: KubeObject;
}

export interface Watch {
  /** What happened between the start that was asked for and now, or all objects. */
  initial: readonly WatchedChange[];
  /** Tells of what happens from now on, until disposed. */
  readonly follow: (listener: (change: WatchedChange) => void) => Disposable;
}

/**
 * Watches a kind from a resource version: `''` and `0` begin with all objects there are. A version that is forgotten is answered
 * with 410, so that the client lists again (semantics K-4).
 */
export function startWatch(
  cluster: SimulatedCluster,
  kind: ServedKind,
  list: ListRequest,
  start: { resourceVersion: string; sendInitialEvents?: boolean },
): Watch {
  const belongs = filterOf(kind, list);
  const storageKey = storageKeyOf(kind);
  const translate = (change: StoreChange): WatchedChange | undefined => translated(cluster, kind, change, belongs);
  const { resourceVersion } = start;
  const { limit: _, continue: __, ...all } = list;
  const fromScratch = resourceVersion === '' || resourceVersion === '0' || start.sendInitialEvents === true;
  const initial = fromScratch
    ? cluster.list(kind, all).objects.map((object): WatchedChange => ({ type: 'ADDED', object }))
    : changesSince(cluster, storageKey, resourceVersion).flatMap((change) => translate(change) ?? []);
  return {
    initial,
    follow: (listener) =>
      cluster.store.onChange((change) => {
        if (change.storageKey !== storageKey) return;
        const event = translate(change);
        if (event !== undefined) listener(event);
      }),
  };
}

function changesSince(cluster: SimulatedCluster, storageKey: string, resourceVersion: string): StoreChange[] {
  const since = Number(resourceVersion);
  if (!Number.isInteger(since) || since < 0) {
    throw new StatusError(
      400,
      'BadRequest',
      `invalid resource version ${JSON.stringify(resourceVersion)}: strconv.ParseUint: invalid syntax`,
    );
  }
  const changes = cluster.store.changesSince(since, storageKey);
  if (changes !== undefined) return changes;
  throw new StatusError(410, 'Expired', `too old resource version: ${since} (${cluster.store.resourceVersion})`);
}

/** What a change means to a watch that sees some objects only: one that came to belong is added, one that ceased is deleted. */
function translated(
  cluster: SimulatedCluster,
  kind: ServedKind,
  change: StoreChange,
  belongs: (object: KubeObject) => boolean,
): WatchedChange | undefined {
  const before = change.previous !== undefined && belongs(change.previous);
  const after = change.type !== 'DELETED' && belongs(change.object);
  if (!before && !after) return undefined;
  const object = cluster.asVersion(change.object, kind);
  if (before && after) return { type: 'MODIFIED', object };
  return { type: after ? 'ADDED' : 'DELETED', object };
}
