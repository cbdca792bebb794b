import type { Disposable } from '../core/emitter.ts';

/** Owns what was registered. What is added after disposal is disposed at once, so that nothing late can leak. */
export class Disposables implements Disposable {
  readonly #owned = new Set<Disposable>();
  #disposed = false;

  get disposed(): boolean {
    return this.#disposed;
  }

  add<T extends Disposable>(item: T): T {
    if (this.#disposed) item.dispose();
    else this.#owned.add(item);
    return item;
  }

  dispose(): void {
    this.#disposed = true;
    // The last one added may still use those before it.
    const owned = [...this.#owned].reverse();
    this.#owned.clear();
    for (const item of owned) item.dispose();
  }
}
