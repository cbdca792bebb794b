import { Emitter } from '../../core/emitter.ts';
import { type KubeObject, keyOf, keyText } from '../../core/kube/objectKey.ts';
import type { Problem } from '../../core/problem.ts';
import type { ApiResource, Cluster, WatchEvent } from '../../ports/cluster.ts';
import { ClusterError } from '../../ports/clusterError.ts';
import type { Log } from '../../ports/log.ts';
import type { Target } from '../drift/target.ts';
import { notChecked } from './notChecked.ts';
import type { LiveObjects } from './readLiveObjects.ts';

/** The keys (see keyText) whose live object is new, changed or gone. */
export type LiveChange = ReadonlySet<string>;

interface Watched {
  resource: ApiResource;
  namespace: string;
  /** Keys of this kind and namespace that applications declare; nothing else of it is kept. */
  keys: Set<string>;
  controller: AbortController;
  listed: boolean;
}

/**
 * Keeps the live objects of the targets in memory: one LIST and one watch per kind and namespace, only for kinds that the
 * applications in view contain, none while stopped (design §3.3). Secrets are not watched: they are read by name on `refresh`.
 */
export class LiveWatch {
  readonly #cluster: Cluster;
  readonly #log: Log;
  readonly #watched = new Map<string, Watched>();
  readonly #secrets = new Map<string, Target>();
  readonly #objects = new Map<string, KubeObject>();
  readonly #unreadable = new Map<string, Problem>();
  readonly #interrupted = new Map<string, Error>();
  readonly #didChange = new Emitter<LiveChange>();
  readonly #didChangeConnection = new Emitter<Error | undefined>();
  #ready = Promise.withResolvers<undefined>();
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

  /** Starts what is new, ends what no target needs any more; what goes on is not touched. Resolves when all is listed once. */
  async follow(targets: readonly Target[]): Promise<void> {
    const wanted = new Map<string, { resource: ApiResource; namespace: string; keys: Set<string> }>();
    this.#secrets.clear();
    for (const target of targets) {
      const { resource, key } = target;
      if (resource === undefined) continue;
      if (resource.group === '' && resource.kind === 'Secret') {
        this.#secrets.set(keyText(key), target);
        continue;
      }
      const id = `${resource.group}/${resource.version}/${resource.resource}/${key.namespace}`;
      const entry = wanted.get(id) ?? { resource, namespace: key.namespace, keys: new Set<string>() };
      entry.keys.add(keyText(key));
      wanted.set(id, entry);
    }
    for (const [id, watched] of this.#watched) if (!wanted.has(id)) this.#end(id, watched);
    for (const [id, entry] of wanted) {
      const watched = this.#watched.get(id);
      // A new key of a kind that is watched already was not kept so far: list it anew.
      if (watched !== undefined && entry.keys.isSubsetOf(watched.keys)) {
        watched.keys = entry.keys;
        continue;
      }
      if (watched !== undefined) this.#end(id, watched);
      this.#start(id, entry);
    }
    this.#settle();
    await Promise.all([this.#ready.promise, this.refreshSecrets()]);
  }

  /** Reads the declared Secrets by name. */
  async refreshSecrets(): Promise<void> {
    const changed = new Set<string>();
    for (const [key, target] of this.#secrets) {
      if (target.resource === undefined || this.#stopped) continue;
      try {
        const object = await this.#cluster.get(target.resource, target.key.namespace, target.key.name);
        if (versionOf(object) !== versionOf(this.#objects.get(key))) changed.add(key);
        if (object === undefined) this.#objects.delete(key);
        else this.#objects.set(key, object);
        this.#unreadable.delete(key);
      } catch (error) {
        if (!ClusterError.is(error)) throw error;
        this.#unreadable.set(key, notChecked(target.key, this.#cluster.context, error, target.application.id));
        changed.add(key);
      }
    }
    if (changed.size > 0) this.#didChange.fire(changed);
  }

  dispose(): void {
    this.#stopped = true;
    for (const [id, watched] of this.#watched) this.#end(id, watched);
    this.#ready.resolve(undefined);
    this.#didChange.dispose();
    this.#didChangeConnection.dispose();
  }

  #start(id: string, entry: { resource: ApiResource; namespace: string; keys: Set<string> }): void {
    const watched: Watched = { ...entry, controller: new AbortController(), listed: false };
    this.#watched.set(id, watched);
    this.#ready = Promise.withResolvers<undefined>();
    const { resource, namespace, controller } = watched;
    this.#cluster
      .watch(resource, { namespace, signal: controller.signal }, (event) => this.#take(id, watched, event))
      .catch((error: unknown) => this.#refused(watched, error));
  }

  #take(id: string, watched: Watched, event: WatchEvent): void {
    if (watched.controller.signal.aborted) return;
    switch (event.type) {
      case 'listed':
        this.#replaceAll(watched, event.objects);
        watched.listed = true;
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
    for (const key of watched.keys) {
      this.#unreadable.delete(key);
      if (!seen.has(key) && this.#objects.delete(key)) changed.add(key);
    }
    if (changed.size > 0) this.#didChange.fire(changed);
  }

  #replaceOne(watched: Watched, object: KubeObject, deleted: boolean): void {
    const key = keyText(keyOf(object));
    if (!watched.keys.has(key)) return;
    if (deleted) this.#objects.delete(key);
    else this.#objects.set(key, object);
    this.#didChange.fire(new Set([key]));
  }

  /** A kind that may not be watched costs that kind only. */
  #refused(watched: Watched, error: unknown): void {
    if (watched.controller.signal.aborted) return;
    const reason = error instanceof Error ? error : new Error(String(error));
    this.#log.error(`${this.#cluster.context}: ${watched.resource.resource} cannot be watched`, reason);
    for (const key of watched.keys) {
      const [, , namespace = '', name = ''] = key.split('/');
      const { group, kind } = watched.resource;
      this.#unreadable.set(key, notChecked({ group, kind, namespace, name }, this.#cluster.context, error));
    }
    watched.listed = true;
    this.#settle();
    this.#didChange.fire(new Set(watched.keys));
  }

  #recovered(id: string): void {
    if (this.#interrupted.delete(id) && this.#interrupted.size === 0) this.#didChangeConnection.fire(undefined);
  }

  #end(id: string, watched: Watched): void {
    watched.controller.abort();
    this.#watched.delete(id);
    this.#recovered(id);
    for (const key of watched.keys) {
      this.#objects.delete(key);
      this.#unreadable.delete(key);
    }
  }

  #settle(): void {
    if ([...this.#watched.values()].every((watched) => watched.listed)) this.#ready.resolve(undefined);
  }
}

function versionOf(object: KubeObject | undefined): unknown {
  return object?.metadata['resourceVersion'];
}
