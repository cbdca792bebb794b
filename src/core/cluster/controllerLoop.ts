import type { Disposable } from '../emitter.ts';
import type { StoreChange } from './objectStore.ts';
import type { SimulatedCluster } from './simulatedCluster.ts';
import { StatusError } from './statusError.ts';

/** One object that a controller is to look at. */
export interface ObjectRef {
  storageKey: string;
  namespace: string;
  name: string;
}

/** Brings one sort of object nearer to what it says. All state is in the objects, so controllers may start at any time. */
export interface Controller {
  readonly name: string;
  /** What to look at after a change; also after a start, when every object counts as added. */
  concerns(change: StoreChange, cluster: SimulatedCluster): readonly ObjectRef[];
  /** Looks at one object, which may be gone. Returns when to look again, where time alone changes something. */
  reconcile(ref: ObjectRef, cluster: SimulatedCluster): Date | undefined;
}

/** More rounds than any honest change needs; two controllers that undo each other's work end here. */
const mostSteps = 20_000;
const retryMilliseconds = 1000;

/** Runs controllers over what changed, in a fixed order, until nothing is left to do at the cluster's present time. */
export class ControllerLoop implements Disposable {
  readonly #cluster: SimulatedCluster;
  readonly #controllers: readonly Controller[];
  /** By controller and object. */
  readonly #queue = new Map<string, { controller: Controller; ref: ObjectRef }>();
  readonly #due = new Map<string, { controller: Controller; ref: ObjectRef; at: Date }>();
  readonly #subscription: Disposable;

  constructor(cluster: SimulatedCluster, controllers: readonly Controller[]) {
    this.#cluster = cluster;
    this.#controllers = controllers;
    this.#subscription = cluster.store.onChange((change) => this.#enqueue(change));
    this.lookAtAll();
  }

  /** Counts every object as new, as after its store was loaded. */
  lookAtAll(): void {
    const { store } = this.#cluster;
    for (const storageKey of store.storageKeys) {
      for (const object of store.list(storageKey)) {
        this.#enqueue({
          type: 'ADDED',
          storageKey,
          object,
          previous: undefined,
          resourceVersion: store.resourceVersion,
        });
      }
    }
  }

  /**
   * Works until the queue is empty, or for some steps. Returns when there is something to do again: now, where the steps did not
   * suffice; undefined where only a change can bring it.
   */
  run(steps = mostSteps): Date | undefined {
    const now = this.#cluster.now().getTime();
    for (const [key, entry] of this.#due) {
      if (entry.at.getTime() > now) continue;
      this.#due.delete(key);
      this.#queue.set(key, entry);
    }
    for (let step = 0; step < steps; step++) {
      const [next] = this.#queue;
      if (next === undefined) break;
      const [key, { controller, ref }] = next;
      this.#queue.delete(key);
      const again = this.#reconcile(controller, ref, now);
      if (again === undefined) this.#due.delete(key);
      else if (again.getTime() <= now) this.#queue.set(key, { controller, ref });
      else this.#due.set(key, { controller, ref, at: again });
    }
    if (this.#queue.size > 0 && steps < mostSteps) return new Date(now);
    const times = [...this.#due.values()].map(({ at }) => at.getTime());
    return times.length === 0 ? undefined : new Date(Math.min(...times));
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#queue.clear();
    this.#due.clear();
  }

  /** What the cluster refuses a controller, as in a namespace that is going, is tried again later. */
  #reconcile(controller: Controller, ref: ObjectRef, now: number): Date | undefined {
    try {
      return controller.reconcile(ref, this.#cluster);
    } catch (error) {
      if (!StatusError.is(error)) throw error;
      return new Date(now + retryMilliseconds);
    }
  }

  #enqueue(change: StoreChange): void {
    for (const controller of this.#controllers) {
      for (const ref of controller.concerns(change, this.#cluster)) {
        const key = `${controller.name} ${ref.storageKey} ${ref.namespace}/${ref.name}`;
        this.#queue.set(key, { controller, ref });
      }
    }
  }
}
