import { type ObjectKey, keyText } from '../../core/kube/objectKey.ts';
import type { ApiResource } from '../../ports/cluster.ts';
import type { Target } from '../drift/target.ts';

/** What one watch is about. */
export interface WatchedKind {
  resource: ApiResource;
  /** Empty for all namespaces, or for a cluster-scoped kind. */
  namespace: string;
  /** Keys (see keyText) that applications declare; nothing else of the kind is kept. */
  keys: Set<string>;
}

/** In more namespaces than this, one watch over all of them is less work for the server than one for each. */
const namespacesApart = 3;

/** One watch per kind where that may be: for each namespace where they are few, or where the kind is in `narrow` (see kindId). */
export function groupByWatch(targets: readonly Target[], narrow: ReadonlySet<string>): Map<string, WatchedKind> {
  const kinds = new Map<string, { resource: ApiResource; namespaces: Set<string>; keys: Set<string> }>();
  for (const { resource, key } of targets) {
    if (resource === undefined) continue;
    const id = kindId(resource);
    const kind = kinds.get(id) ?? { resource, namespaces: new Set<string>(), keys: new Set<string>() };
    kind.namespaces.add(key.namespace);
    kind.keys.add(keyText(key));
    kinds.set(id, kind);
  }
  const watches = new Map<string, WatchedKind>();
  for (const [id, { resource, namespaces, keys }] of kinds) {
    const all = { resource, namespace: '', keys };
    if (namespaces.size > namespacesApart && !narrow.has(id)) watches.set(watchId(all), all);
    else for (const [own, watch] of apart(all)) watches.set(own, watch);
  }
  return watches;
}

/** One watch for each namespace in place of one for all. */
export function apart({ resource, keys }: WatchedKind): Map<string, WatchedKind> {
  const watches = new Map<string, WatchedKind>();
  for (const key of keys) {
    const { namespace } = keyOfText(key, resource);
    const id = watchId({ resource, namespace });
    const watch = watches.get(id) ?? { resource, namespace, keys: new Set<string>() };
    watch.keys.add(key);
    watches.set(id, watch);
  }
  return watches;
}

export function kindId({ group, version, resource }: ApiResource): string {
  return `${group}/${version}/${resource}`;
}

function watchId({ resource, namespace }: Pick<WatchedKind, 'resource' | 'namespace'>): string {
  return `${kindId(resource)}/${namespace}`;
}

/** The key that a text of keyText stands for. */
export function keyOfText(text: string, { group, kind }: ApiResource): ObjectKey {
  const [, , namespace = '', name = ''] = text.split('/');
  return { group, kind, namespace, name };
}

export function isSecret({ resource }: Target): boolean {
  return resource?.group === '' && resource.kind === 'Secret';
}
