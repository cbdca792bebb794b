import type { Disposable } from '../../core/emitter.ts';
import type { RunningSandbox } from './editorParts.ts';

/** At most one sandbox cluster of this window: started when first asked for, ended with the window. */
export class SandboxHost implements Disposable {
  readonly #start: () => Promise<RunningSandbox>;
  #starting: Promise<RunningSandbox> | undefined;
  #running: RunningSandbox | undefined;
  #ending: Promise<void> | undefined;

  constructor(start: () => Promise<RunningSandbox>) {
    this.#start = start;
  }

  get running(): RunningSandbox | undefined {
    return this.#running;
  }

  async start(): Promise<RunningSandbox> {
    const starting = (this.#starting ??= this.#start());
    try {
      const running = await starting;
      // The window may have closed while it started; then whoever closes it ends it.
      if (this.#ending === undefined) this.#running = running;
      return running;
    } catch (error) {
      this.#starting = undefined;
      throw error;
    }
  }

  /** Settles when the server is gone, whoever asked first. */
  end(): Promise<void> {
    this.#ending ??= this.#endStarted();
    return this.#ending;
  }

  dispose(): void {
    // Whoever waits for the end is told what goes wrong.
    this.end().catch(() => undefined);
  }

  async #endStarted(): Promise<void> {
    this.#running = undefined;
    const started = await this.#starting?.catch(() => undefined);
    await started?.dispose();
  }
}
