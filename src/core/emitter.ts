export interface Disposable {
  dispose(): void;
}

/** A function that registers a listener until what it returns is disposed. */
export type Event<T> = (listener: (value: T) => void) => Disposable;

/** Tells listeners of something. A listener added while firing hears the next one; one that is removed hears nothing more. */
export class Emitter<T> implements Disposable {
  readonly #listeners = new Set<(value: T) => void>();

  readonly event: Event<T> = (listener) => {
    // Wrapped, so that the same function registered twice is two registrations.
    const registered = (value: T): void => listener(value);
    this.#listeners.add(registered);
    return { dispose: () => void this.#listeners.delete(registered) };
  };

  fire(value: T): void {
    for (const listener of [...this.#listeners]) if (this.#listeners.has(listener)) listener(value);
  }

  dispose(): void {
    this.#listeners.clear();
  }
}
