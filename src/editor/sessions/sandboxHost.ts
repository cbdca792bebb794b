import type { Disposable } from '../../core/emitter.ts';
import type { RunningSandbox } from './editorParts.ts';

/** At most one sandbox cluster of this window: started when first asked for, ended with the window. */
export class SandboxHost implements Disposable {
  readonly #start: () => Promise<RunningSandbox>;
  #starting: Promise<RunningSandbox> | undefined;
  #running: RunningSandbox | undefined;
  #ended = false;

  constructor(start: () => Promise<RunningSandbox>) {
    this.#start = start;
  }

  get running(): RunningSandbox | undefined {
    return this.#running;
  }

  async start(): Promise<RunningSandbox> {
    this.#starting ??= this.#start();
    try {
      const running = await this.#starting;
      // The window may have closed while it started.
      if (this.#ended) await running.dispose();
      else this.#running = running;
      return running;
    } catch (error) {
      this.#starting = undefined;
      throw error;
    }
  }

  /** Settles when the server is gone. */
  async end(): Promise<void> {
    this.#ended = true;
    const running = this.#running;
    this.#running = undefined;
    await running?.dispose();
  }

  dispose(): void {
    void this.end();
  }
}
