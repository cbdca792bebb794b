import type { Application } from '../../core/delivery/application.ts';
import { fluxKustomizeGroup } from '../../core/delivery/flux/fluxKustomization.ts';
import { fluxSourceGroup } from '../../core/delivery/flux/fluxGitRepository.ts';
import { type Disposable, Emitter } from '../../core/emitter.ts';
import { type KubeObject, keyOf, keyText } from '../../core/kube/objectKey.ts';
import type { ApiResource, Cluster, ListOptions, WatchEvent } from '../../ports/cluster.ts';
import type { Log } from '../../ports/log.ts';
import { type FluxApplication, matchFluxApplications } from '../applications/fluxApplications.ts';
import { applySetId, inventoryParentOf } from '../preview/applySetInventory.ts';
import { type EngineState, directState, fluxState } from './engineState.ts';

interface Watched {
  objects: Map<string, KubeObject>;
  listed: boolean;
}

/**
 * Follows the objects by which the engine of one application says what it fetched and applied: the Kustomizations and GitRepositories of
 * Flux, the parent of the ApplySet where Plumbline applies. One LIST and one watch per kind, none after dispose.
 */
export class EngineWatch implements Disposable {
  readonly #cluster: Cluster;
  readonly #application: Application;
  readonly #log: Log;
  readonly #controller = new AbortController();
  readonly #didChange = new Emitter<undefined>();
  readonly #watched: Watched[] = [];
  #ready = Promise.withResolvers<undefined>();
  readonly onDidChange = this.#didChange.event;

  constructor(cluster: Cluster, application: Application, log: Log) {
    this.#cluster = cluster;
    this.#application = application;
    this.#log = log;
  }

  /** Settles when everything was listed once, or could not be: then nothing is known of it. */
  async start(): Promise<void> {
    const { resources } = await this.#cluster.discover({ signal: this.#controller.signal });
    const find = (group: string, kind: string): ApiResource | undefined =>
      resources.find((resource) => resource.group === group && resource.kind === kind);
    if (this.#application.engine === 'flux') {
      this.#watch(find(fluxKustomizeGroup, 'Kustomization'), {});
      this.#watch(find(fluxSourceGroup, 'GitRepository'), {});
    } else if (this.#application.engine === 'direct') {
      const parent = inventoryParentOf(this.#application, this.#cluster);
      const labelSelector = `applyset.kubernetes.io/id=${await applySetId(parent)}`;
      this.#watch(find('', 'ConfigMap'), { namespace: parent.namespace, labelSelector });
    }
    this.#settle();
    await this.#ready.promise;
  }

  /** What the engine says at the moment. `remotes` are URLs of the repository, `branch` what is checked out. */
  state(remotes: readonly string[], branch: string | undefined): EngineState {
    if (this.#application.engine === 'flux') {
      const flux = this.delivery(remotes, branch);
      return flux === undefined ? { engine: 'flux', fetches: true, gates: [] } : fluxState(flux);
    }
    if (this.#application.engine === 'direct') return directState([...(this.#watched[0]?.objects.values() ?? [])][0]);
    const { engine, gates, applied } = this.#application;
    return { engine, fetches: true, gates, ...(applied === undefined ? {} : { applied, appliedAt: applied.at }) };
  }

  /** The Flux objects as they are now, matched with the repository; undefined where Flux does not deliver the application any more. */
  delivery(remotes: readonly string[], branch: string | undefined): FluxApplication | undefined {
    const [kustomizations, gitRepositories] = this.#watched.map((watched) => [...watched.objects.values()]);
    const objects = { kustomizations: kustomizations ?? [], gitRepositories: gitRepositories ?? [], problems: [] };
    const facts = { remotes, files: [], ...(branch === undefined ? {} : { branch }) };
    const { applications } = matchFluxApplications(objects, this.#cluster.context, facts);
    return applications.find(({ application }) => application.id === this.#application.id);
  }

  dispose(): void {
    this.#controller.abort();
    this.#ready.resolve(undefined);
    this.#didChange.dispose();
  }

  #watch(resource: ApiResource | undefined, options: ListOptions): void {
    const watched: Watched = { objects: new Map(), listed: resource === undefined };
    this.#watched.push(watched);
    if (resource === undefined) return;
    const { signal } = this.#controller;
    this.#cluster
      .watch(resource, { ...options, compactManagedFields: true, signal }, (event) => this.#take(watched, event))
      .catch((error: unknown) => {
        if (signal.aborted) return;
        this.#log.warn(`${this.#cluster.context}: ${resource.resource} cannot be watched: ${String(error)}`);
        watched.listed = true;
        this.#settle();
      });
  }

  #take(watched: Watched, event: WatchEvent): void {
    if (this.#controller.signal.aborted) return;
    switch (event.type) {
      case 'listed':
        watched.objects = new Map(event.objects.map((object) => [keyText(keyOf(object)), object]));
        watched.listed = true;
        this.#settle();
        break;
      case 'added':
      case 'modified':
        watched.objects.set(keyText(keyOf(event.object)), event.object);
        break;
      case 'deleted':
        watched.objects.delete(keyText(keyOf(event.object)));
        break;
      // The session of drift says that the connection is lost; what is known stays.
      case 'interrupted':
      case 'resumed':
        return;
    }
    this.#didChange.fire(undefined);
  }

  #settle(): void {
    if (this.#watched.every((watched) => watched.listed)) this.#ready.resolve(undefined);
  }
}
