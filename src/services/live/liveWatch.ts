import { Emitter } from '../../core/emitter.ts';
import { type KubeObject, type ObjectKey, keyOf, keyText } from '../../core/kube/objectKey.ts';
import { mapLimited } from '../../core/mapLimited.ts';
import type { Problem } from '../../core/problem.ts';
import type { ApiResource, Cluster, ListOptions, WatchEvent } from '../../ports/cluster.ts';
import { ClusterError } from '../../ports/clusterError.ts';
import type { Log } from '../../ports/log.ts';
import type { Target } from '../drift/target.ts';
import { notChecked } from './notChecked.ts';
import type { LiveObjects } from './readLiveObjects.ts';
import { type WatchedKind, apart, groupByWatch, isSecret, keyOfText, kindId } from './watchedKinds.ts';

/** The keys (see keyText) whose live object is new, changed or gone. */
export type LiveChange = ReadonlySet<string>;

interface Watched extends WatchedKind {
  controller: AbortController;
  listed: boolean;
  /** Keys that are read by name at the moment; an event of theirs is newer than the answer. */
  fetching: Set<string>;
  /** Keys that came since the last LIST began or before it ended: it may have passed them over. */
  added: Set<string>;
  /** It may not be watched; its objects are read by name. */
  unwatched?: true;
}

/** First LISTs under way at once: each holds a chunk of text and what was made of it. */
const listsAtOnce = 4;
const requestsAtOnce = 8;
/** Beyond this, reading a kind by name that may not be listed would be a storm of requests. */
const readByNameAtMost = 200;
/** So many new objects of a kind that is watched already are read by name; for more, one LIST is less work. */
const fetchedAtMost = 8;

/**
 * Keeps the live objects of the targets in memory: one LIST and one watch per kind, only for kinds that the applications in view
 * contain, none while stopped (design §3.3). Secrets are not watched: they are read by name on `refresh`.
 */
export class LiveWatch {
  readonly #cluster: Cluster;
  readonly #log: Log;
  readonly #watched = new Map<string, Watched>();
  #secrets: ReadonlyMap<string, Target> = new Map();
  readonly #objects = new Map<string, KubeObject>();
  readonly #unreadable = new Map<string, Problem>();
  readonly #interrupted = new Map<string, Error>();
  readonly #didChange = new Emitter<LiveChange>();
  readonly #didChangeConnection = new Emitter<Error | undefined>();
  #ready = Promise.withResolvers<undefined>();
  #isReady = false;
  readonly #controller = new AbortController();
  /** Watches that wait for their turn to list. */
  readonly #waiting = new Map<string, Watched>();
  readonly #listing = new Set<Watched>();
  /** Secrets that were read once, whether or not they exist. */
  readonly #readSecrets = new Set<string>();
  /** Kinds that may not be watched in all namespaces at once. */
  readonly #narrow = new Set<string>();
  #stopped = false;

  readonly onDidChange = this.#didChange.event;
  /** Fires with the error while the connection is lost, and with undefined when all watches stand again. */
  readonly onDidChangeConnection = this.#didChangeConnection.event;

  constructor(cluster: Cluster, log: Log) {
    this.#cluster = cluster;
    this.#log = log;
  }

  get objects(): LiveObjects {
    return { objects: this.#objects, unreadable: this.#unreadable };
  }

  /**
   * Starts what is new, ends what no target needs any more; what goes on is not touched. Resolves when all is listed once and Secrets
   * that were not declared before are read.
   */
  async follow(targets: readonly Target[]): Promise<void> {
    this.#secrets = new Map(targets.filter(isSecret).map((target) => [keyText(target.key), target]));
    this.#forget([...this.#readSecrets].filter((key) => !this.#secrets.has(key)));
    const wanted = groupByWatch(
      targets.filter((target) => !isSecret(target)),
      this.#narrow,
    );
    for (const [id, watched] of this.#watched) if (!wanted.has(id)) this.#end(id, watched);
    const fetches: Promise<void>[] = [];
    for (const [id, entry] of wanted) {
      const watched = this.#watched.get(id);
      const fresh = watched === undefined ? entry.keys : entry.keys.difference(watched.keys);
      if (watched !== undefined && (fresh.size === 0 || (watched.listed && fresh.size <= fetchedAtMost))) {
        // A name that is being typed must not list its kind anew with every letter.
        this.#forget(watched.keys.difference(entry.keys));
        watched.keys = entry.keys;
        for (const key of fresh) watched.added.add(key);
        fetches.push(this.#fetch(watched, fresh));
        continue;
      }
      if (watched !== undefined) this.#end(id, watched);
      this.#start(id, entry);
    }
    this.#settle();
    const unread = [...this.#secrets].filter(([key]) => !this.#readSecrets.has(key));
    await Promise.all([this.#ready.promise, ...fetches, this.#readSecretsByName(unread)]);
  }

  /** Reads the declared Secrets by name. */
  refreshSecrets(): Promise<void> {
    return this.#readSecretsByName([...this.#secrets]);
  }

  /** Reads again all that is read by name and not watched: Secrets, and kinds that may not be watched. */
  async refreshUnwatched(): Promise<void> {
    const unwatched = [...this.#watched.values()].filter((watched) => watched.unwatched === true);
    await Promise.all([this.refreshSecrets(), ...unwatched.map((watched) => this.#fetch(watched, watched.keys))]);
  }

  dispose(): void {
    this.#stopped = true;
    this.#waiting.clear();
    this.#controller.abort();
    for (const [id, watched] of this.#watched) this.#end(id, watched);
    this.#ready.resolve(undefined);
    this.#didChange.dispose();
    this.#didChangeConnection.dispose();
  }

  async #readSecretsByName(secrets: readonly (readonly [string, Target])[]): Promise<void> {
    const changed = new Set<string>();
    await mapLimited(secrets, requestsAtOnce, async ([key, target]) => {
      if (this.#stopped) return;
      if (await this.#get(key, target.resource, target.key, target.application.id)) changed.add(key);
      this.#readSecrets.add(key);
    });
    if (changed.size > 0) this.#didChange.fire(changed);
  }

  /** Objects of a kind that is watched already, which were not kept so far. */
  async #fetch(watched: Watched, keys: ReadonlySet<string>): Promise<void> {
    if (keys.size === 0) return;
    const changed = new Set<string>();
    await mapLimited([...keys], requestsAtOnce, async (key) => {
      watched.fetching.add(key);
      const named = keyOfText(key, watched.resource);
      if (await this.#get(key, watched.resource, named, undefined, () => watched.fetching.delete(key)))
        changed.add(key);
    });
    if (changed.size > 0) this.#didChange.fire(changed);
  }

  /** Reads one object by name; true where it is not what it was. `isWanted` is asked when the answer is there. */
  async #get(
    text: string,
    resource: ApiResource | undefined,
    key: ObjectKey,
    application?: string,
    isWanted: () => boolean = () => true,
  ): Promise<boolean> {
    if (resource === undefined) return false;
    try {
      const object = await this.#cluster.get(resource, key.namespace, key.name, this.#controller.signal);
      if (!isWanted()) return false;
      const isChanged = versionOf(object) !== versionOf(this.#objects.get(text));
      if (object === undefined) this.#objects.delete(text);
      else this.#objects.set(text, object);
      return this.#unreadable.delete(text) || isChanged;
    } catch (error) {
      if (this.#stopped) return false;
      if (!ClusterError.is(error)) throw error;
      const isKnown = this.#unreadable.has(text);
      this.#unreadable.set(text, notChecked(key, this.#cluster.context, error, application));
      return !isKnown;
    }
  }

  #start(id: string, entry: WatchedKind): void {
    const watched: Watched = {
      ...entry,
      controller: new AbortController(),
      listed: false,
      fetching: new Set(),
      added: new Set(),
    };
    this.#watched.set(id, watched);
    // Whoever waits already goes on to wait for this one as well.
    if (this.#isReady) this.#ready = Promise.withResolvers<undefined>();
    this.#isReady = false;
    this.#waiting.set(id, watched);
    this.#startNext();
  }

  #startNext(): void {
    for (const [id, watched] of this.#waiting) {
      if (this.#listing.size >= listsAtOnce) return;
      this.#waiting.delete(id);
      this.#listing.add(watched);
      const { resource, namespace, controller } = watched;
      const options: ListOptions = {
        namespace,
        compactManagedFields: true,
        wants: (object) => watched.keys.has(keyText(keyOf(object))),
        signal: controller.signal,
      };
      this.#cluster
        .watch(resource, options, (event) => this.#take(id, watched, event))
        .catch((error: unknown) => this.#refused(id, watched, error));
    }
  }

  /** Its first LIST is over, one way or the other. */
  #listed(watched: Watched): void {
    if (this.#listing.delete(watched)) this.#startNext();
  }

  #take(id: string, watched: Watched, event: WatchEvent): void {
    if (watched.controller.signal.aborted) return;
    switch (event.type) {
      case 'listed':
        this.#replaceAll(watched, event.objects);
        watched.listed = true;
        this.#listed(watched);
        this.#recovered(id);
        this.#settle();
        break;
      case 'added':
      case 'modified':
      case 'deleted':
        this.#replaceOne(watched, event.object, event.type === 'deleted');
        break;
      case 'interrupted':
        this.#log.warn(`${this.#cluster.context}: watch of ${watched.resource.resource} lost: ${event.error.message}`);
        this.#listed(watched);
        this.#interrupted.set(id, event.error);
        this.#didChangeConnection.fire(event.error);
        break;
      case 'resumed':
        this.#recovered(id);
        break;
    }
  }

  #replaceAll(watched: Watched, objects: readonly KubeObject[]): void {
    const changed = new Set<string>();
    const seen = new Set<string>();
    for (const object of objects) {
      const key = keyText(keyOf(object));
      if (!watched.keys.has(key)) continue;
      seen.add(key);
      if (versionOf(object) !== versionOf(this.#objects.get(key))) changed.add(key);
      this.#objects.set(key, object);
    }
    const passedOver = watched.added.difference(seen).intersection(watched.keys);
    watched.added.clear();
    this.#fetch(watched, passedOver).catch((error: unknown) =>
      this.#log.error(`${this.#cluster.context}: not read`, error),
    );
    for (const key of watched.keys) {
      if (passedOver.has(key)) continue;
      this.#unreadable.delete(key);
      if (!seen.has(key) && this.#objects.delete(key)) changed.add(key);
    }
    if (changed.size > 0) this.#didChange.fire(changed);
  }

  #replaceOne(watched: Watched, object: KubeObject, deleted: boolean): void {
    const key = keyText(keyOf(object));
    if (!watched.keys.has(key)) return;
    watched.fetching.delete(key);
    this.#unreadable.delete(key);
    if (deleted) this.#objects.delete(key);
    else this.#objects.set(key, object);
    this.#didChange.fire(new Set([key]));
  }

  /** A kind that may not be watched costs that kind only. */
  #refused(id: string, watched: Watched, error: unknown): void {
    this.#listed(watched);
    if (watched.controller.signal.aborted) return;
    if (watched.namespace === '' && watched.resource.namespaced && ClusterError.is(error, 'forbidden')) {
      // Who may not see all namespaces may still see the ones that count.
      this.#narrow.add(kindId(watched.resource));
      this.#watched.delete(id);
      for (const [narrow, entry] of apart(watched)) this.#start(narrow, entry);
      return;
    }
    const reason = error instanceof Error ? error : new Error(String(error));
    this.#log.error(`${this.#cluster.context}: ${watched.resource.resource} cannot be watched`, reason);
    for (const key of watched.keys) {
      this.#unreadable.set(key, notChecked(keyOfText(key, watched.resource), this.#cluster.context, error));
    }
    void this.#readUnwatched(watched, error).finally(() => {
      watched.listed = true;
      this.#settle();
      this.#didChange.fire(new Set(watched.keys));
    });
  }

  /** Who may not list or watch may still be allowed to get by name; such objects are as old as the last refresh. */
  async #readUnwatched(watched: Watched, error: unknown): Promise<void> {
    if (!ClusterError.is(error, 'forbidden') || watched.keys.size > readByNameAtMost) return;
    watched.unwatched = true;
    try {
      await this.#fetch(watched, watched.keys);
    } catch (fault) {
      this.#log.error(`${this.#cluster.context}: ${watched.resource.resource} cannot be read`, fault);
    }
  }

  #recovered(id: string): void {
    if (this.#interrupted.delete(id) && this.#interrupted.size === 0) this.#didChangeConnection.fire(undefined);
  }

  #end(id: string, watched: Watched): void {
    watched.controller.abort();
    this.#watched.delete(id);
    this.#waiting.delete(id);
    this.#listed(watched);
    this.#recovered(id);
    this.#forget(watched.keys);
  }

  #forget(keys: Iterable<string>): void {
    for (const key of keys) {
      this.#objects.delete(key);
      this.#unreadable.delete(key);
      this.#readSecrets.delete(key);
    }
  }

  #settle(): void {
    if (![...this.#watched.values()].every((watched) => watched.listed)) return;
    this.#isReady = true;
    this.#ready.resolve(undefined);
  }
}

function versionOf(object: KubeObject | undefined): unknown {
  return object?.metadata['resourceVersion'];
}
