import type { ControllerLoop } from '../core/cluster/controllerLoop.ts';
import type { SimulatedCluster } from '../core/cluster/simulatedCluster.ts';
import type { Disposable } from '../core/emitter.ts';

/** Between so many steps requests are answered, also while a large change works itself out. */
const stepsAtOnce = 25;
const retryMilliseconds = 1000;

/** Runs controllers soon after each change, and when one of them asked for it. */
export class LoopRunner implements Disposable {
  readonly #loop: ControllerLoop;
  readonly #cluster: SimulatedCluster;
  readonly #subscription: Disposable;
  readonly #onFault: (error: unknown) => void;
  #timer: NodeJS.Timeout | undefined;
  #soon: NodeJS.Immediate | undefined;
  #running = false;
  #disposed = false;

  constructor(loop: ControllerLoop, cluster: SimulatedCluster, onFault: (error: unknown) => void) {
    this.#onFault = onFault;
    this.#loop = loop;
    this.#cluster = cluster;
    this.#subscription = cluster.store.onChange(() => this.wake());
    this.wake();
  }

  wake(): void {
    if (this.#running || this.#disposed) return;
    this.#soon ??= setImmediate(() => this.#run());
  }

  dispose(): void {
    this.#disposed = true;
    this.#subscription.dispose();
    this.#loop.dispose();
    clearTimeout(this.#timer);
    clearImmediate(this.#soon);
  }

  /** A fault, as a full disk is one, must not end the server: everything is looked at again a while later. */
  #work(): Date | undefined {
    this.#running = true;
    try {
      return this.#loop.run(stepsAtOnce);
    } catch (error) {
      this.#onFault(error);
      this.#loop.lookAtAll();
      return new Date(this.#cluster.now().getTime() + retryMilliseconds);
    } finally {
      this.#running = false;
    }
  }

  #run(): void {
    this.#soon = undefined;
    clearTimeout(this.#timer);
    const due = this.#work();
    if (due === undefined) return;
    if (due <= this.#cluster.now()) {
      this.wake();
      return;
    }
    const wait = Math.max(due.getTime() - this.#cluster.now().getTime(), 10);
    this.#timer = setTimeout(() => this.#run(), Math.min(wait, 60_000));
    this.#timer.unref();
  }
}
