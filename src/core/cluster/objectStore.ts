import { type Disposable, Emitter, type Event } from '../emitter.ts';
import { type KubeObject, nameOf, namespaceOf } from '../kube/objectKey.ts';
import { ownersOf } from './metadata.ts';

/** One object that came, changed or went. `object` carries the resource version of the change, also when it went. */
export interface StoreChange {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  /** `group/resource`, see `storageKeyOf`. */
  storageKey: string;
  object: KubeObject;
  /** What it was before; undefined when it came. */
  previous: KubeObject | undefined;
  resourceVersion: number;
}

/** All that a store holds, as plain JSON. */
export interface StoreSnapshot {
  resourceVersion: number;
  collections: [storageKey: string, objects: KubeObject[]][];
}

/** Changes that a watch can start from; an older start is answered with 410. */
const rememberedChanges = 4096;

/**
 * Objects by kind, namespace and name, one growing resource version for all, and the latest changes. Objects are values: nobody
 * changes one that is or was in a store, so copies of a store share them.
 */
export class ObjectStore implements Disposable {
  readonly #collections = new Map<string, Map<string, KubeObject>>();
  /** Which objects name an owner: uid of the owner, then collection, then `namespace/name`. */
  readonly #owned = new Map<string, Map<string, Set<string>>>();
  readonly #changes: StoreChange[] = [];
  readonly #emitter = new Emitter<StoreChange>();
  #resourceVersion = 1;
  /** Changes up to this version are forgotten. */
  #forgotten = 1;

  readonly onChange: Event<StoreChange> = this.#emitter.event;

  get resourceVersion(): number {
    return this.#resourceVersion;
  }

  get(storageKey: string, namespace: string, name: string): KubeObject | undefined {
    return this.#collections.get(storageKey)?.get(`${namespace}/${name}`);
  }

  /** Objects sorted by namespace and name, as the API server lists them. */
  list(storageKey: string, namespace = ''): KubeObject[] {
    const objects = [...(this.#collections.get(storageKey)?.values() ?? [])];
    const wanted = namespace === '' ? objects : objects.filter((object) => namespaceOf(object) === namespace);
    return wanted.sort(byNamespaceAndName);
  }

  /** The objects that name an owner, in the order in which they came to do so. */
  ownedBy(uid: string): { storageKey: string; object: KubeObject }[] {
    const found: { storageKey: string; object: KubeObject }[] = [];
    for (const [storageKey, keys] of this.#owned.get(uid) ?? []) {
      const collection = this.#collections.get(storageKey);
      for (const key of keys) {
        const object = collection?.get(key);
        if (object !== undefined) found.push({ storageKey, object });
      }
    }
    return found;
  }

  count(storageKey: string): number {
    return this.#collections.get(storageKey)?.size ?? 0;
  }

  get storageKeys(): string[] {
    return [...this.#collections.keys()];
  }

  /** Stores an object under a new resource version and returns it with that version. */
  put(storageKey: string, object: KubeObject): KubeObject {
    const collection = this.#collection(storageKey);
    const key = `${namespaceOf(object)}/${nameOf(object)}`;
    const previous = collection.get(key);
    const stored = this.#stamped(object);
    collection.set(key, stored);
    this.#index(storageKey, key, previous, stored);
    this.#publish({ type: previous === undefined ? 'ADDED' : 'MODIFIED', storageKey, object: stored, previous });
    return stored;
  }

  remove(storageKey: string, namespace: string, name: string): KubeObject | undefined {
    const collection = this.#collections.get(storageKey);
    const previous = collection?.get(`${namespace}/${name}`);
    if (collection === undefined || previous === undefined) return undefined;
    collection.delete(`${namespace}/${name}`);
    this.#index(storageKey, `${namespace}/${name}`, previous, undefined);
    const last = this.#stamped(previous);
    this.#publish({ type: 'DELETED', storageKey, object: last, previous });
    return last;
  }

  /** The changes of a kind after a resource version, or undefined where some of them are forgotten. */
  changesSince(resourceVersion: number, storageKey: string): StoreChange[] | undefined {
    if (resourceVersion < this.#forgotten) return undefined;
    const changes = this.#changes;
    // Few watches start far back, so looking from the end is the short way.
    let from = changes.length;
    while (from > 0 && (changes[from - 1]?.resourceVersion ?? 0) > resourceVersion) from--;
    return changes.slice(from).filter((change) => change.storageKey === storageKey);
  }

  snapshot(): StoreSnapshot {
    const collections = [...this.#collections].map(([storageKey, objects]): [string, KubeObject[]] => [
      storageKey,
      [...objects.values()],
    ]);
    return { resourceVersion: this.#resourceVersion, collections };
  }

  /** Takes the place of all that the store held. Nobody is told; watches that stand must be ended by the caller. */
  load(snapshot: StoreSnapshot): void {
    this.#collections.clear();
    this.#owned.clear();
    this.#changes.length = 0;
    for (const [storageKey, objects] of snapshot.collections) {
      const collection = this.#collection(storageKey);
      for (const object of objects) {
        const key = `${namespaceOf(object)}/${nameOf(object)}`;
        collection.set(key, object);
        this.#index(storageKey, key, undefined, object);
      }
    }
    this.#resourceVersion = snapshot.resourceVersion;
    this.#forgotten = snapshot.resourceVersion;
  }

  dispose(): void {
    this.#emitter.dispose();
  }

  #collection(storageKey: string): Map<string, KubeObject> {
    let collection = this.#collections.get(storageKey);
    if (collection === undefined) {
      collection = new Map();
      this.#collections.set(storageKey, collection);
    }
    return collection;
  }

  #index(storageKey: string, key: string, before: KubeObject | undefined, after: KubeObject | undefined): void {
    // Most changes leave the list of owners as it is.
    if (before?.metadata['ownerReferences'] === after?.metadata['ownerReferences']) return;
    for (const { uid } of before === undefined ? [] : ownersOf(before)) {
      const keys = this.#owned.get(uid);
      keys?.get(storageKey)?.delete(key);
      if (keys?.get(storageKey)?.size === 0) keys.delete(storageKey);
      if (keys?.size === 0) this.#owned.delete(uid);
    }
    for (const { uid } of after === undefined ? [] : ownersOf(after)) {
      const keys = this.#owned.get(uid) ?? new Map<string, Set<string>>();
      this.#owned.set(uid, keys);
      keys.set(storageKey, (keys.get(storageKey) ?? new Set()).add(key));
    }
  }

  #stamped(object: KubeObject): KubeObject {
    this.#resourceVersion += 1;
    return { ...object, metadata: { ...object.metadata, resourceVersion: String(this.#resourceVersion) } };
  }

  #publish(change: Omit<StoreChange, 'resourceVersion'>): void {
    const complete = { ...change, resourceVersion: this.#resourceVersion };
    this.#changes.push(complete);
    if (this.#changes.length > 2 * rememberedChanges) {
      const dropped = this.#changes.splice(0, rememberedChanges);
      this.#forgotten = dropped.at(-1)?.resourceVersion ?? this.#forgotten;
    }
    this.#emitter.fire(complete);
  }
}

function byNamespaceAndName(a: KubeObject, b: KubeObject): number {
  return compareText(namespaceOf(a), namespaceOf(b)) || compareText(nameOf(a), nameOf(b));
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
