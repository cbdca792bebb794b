import { argoGroup } from '../../core/delivery/argocd/argoApplication.ts';
import { engineDigest } from '../../core/delivery/engineDigest.ts';
import { fluxSourceGroup } from '../../core/delivery/flux/fluxGitRepository.ts';
import { fluxHelmGroup } from '../../core/delivery/flux/fluxHelmRelease.ts';
import { fluxKustomizeGroup } from '../../core/delivery/flux/fluxKustomization.ts';
import { type Disposable, Emitter } from '../../core/emitter.ts';
import { type KubeObject, keyOf, keyText } from '../../core/kube/objectKey.ts';
import type { ApiResource, Cluster, WatchEvent } from '../../ports/cluster.ts';
import type { Log } from '../../ports/log.ts';

/** Kinds by which engines say what they deliver, and what of it is applied. */
const engineKinds = [
  { engine: 'flux', group: fluxKustomizeGroup, kind: 'Kustomization' },
  { engine: 'flux', group: fluxHelmGroup, kind: 'HelmRelease' },
  { engine: 'flux', group: fluxSourceGroup, kind: 'GitRepository' },
  { engine: 'argocd', group: argoGroup, kind: 'Application' },
] as const;

/** A reconcile writes several times within a moment; one look after it is enough. */
const settleMilliseconds = 300;

/**
 * Follows the engines' own objects while their applications are in view, one watch per kind, and tells when one came, went or changed in
 * something that a report shows. The heartbeat of a reconcile that changed nothing is not told.
 */
export class EngineObjectWatch implements Disposable {
  readonly #cluster: Cluster;
  readonly #log: Log;
  readonly #watches = new Map<string, AbortController>();
  readonly #didChange = new Emitter<undefined>();
  #timer: NodeJS.Timeout | undefined;
  readonly onDidChange = this.#didChange.event;

  constructor(cluster: Cluster, log: Log) {
    this.#cluster = cluster;
    this.#log = log;
  }

  /** Watches the kinds of these engines and no others. */
  async follow(engines: ReadonlySet<string>, signal?: AbortSignal): Promise<void> {
    const { resources } = await this.#cluster.discover(signal === undefined ? {} : { signal });
    for (const { engine, group, kind } of engineKinds) {
      const id = `${group}/${kind}`;
      const resource = resources.find((item) => item.group === group && item.kind === kind);
      const running = this.#watches.get(id);
      if (!engines.has(engine) || resource === undefined) {
        running?.abort();
        this.#watches.delete(id);
      } else if (running === undefined) this.#start(id, resource);
    }
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const controller of this.#watches.values()) controller.abort();
    this.#watches.clear();
    this.#didChange.dispose();
  }

  #start(id: string, resource: ApiResource): void {
    const controller = new AbortController();
    this.#watches.set(id, controller);
    let known: Map<string, string> | undefined;
    const onEvent = (event: WatchEvent): void => {
      if (controller.signal.aborted) return;
      const before = known;
      known = after(before, event);
      if (before !== undefined && !isEqual(before, known)) this.#tell();
    };
    this.#cluster
      .watch(resource, { compactManagedFields: true, signal: controller.signal }, onEvent)
      .catch((error: unknown) => {
        if (controller.signal.aborted) return;
        // Without the right to watch them, a refresh by hand still reads them.
        this.#log.warn(`${this.#cluster.context}: ${resource.kind} objects are not followed: ${String(error)}`);
      });
  }

  #tell(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#didChange.fire(undefined);
    }, settleMilliseconds);
  }
}

/** Digests by key after an event; the very same map where nothing is known anew. */
function after(known: Map<string, string> | undefined, event: WatchEvent): Map<string, string> | undefined {
  switch (event.type) {
    case 'listed':
      return new Map(event.objects.map((object) => [keyText(keyOf(object)), engineDigest(object)]));
    case 'added':
    case 'modified':
      return new Map(known).set(...entryOf(event.object));
    case 'deleted': {
      const rest = new Map(known);
      rest.delete(keyText(keyOf(event.object)));
      return rest;
    }
    case 'interrupted':
    case 'resumed':
      return known;
  }
}

function entryOf(object: KubeObject): [string, string] {
  return [keyText(keyOf(object)), engineDigest(object)];
}

function isEqual(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string> | undefined): boolean {
  return b !== undefined && a.size === b.size && [...a].every(([key, digest]) => b.get(key) === digest);
}
