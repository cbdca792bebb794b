/** Work of which one run goes on at a time: whoever asks meanwhile makes one more follow it, and waits for that as well. */
export class Rerun {
  readonly #work: () => Promise<void>;
  #running: Promise<void> | undefined;
  #isAskedAgain = false;

  /** `work` must not reject: what fails in it is shown or logged, not thrown. */
  constructor(work: () => Promise<void>) {
    this.#work = work;
  }

  request(): Promise<void> {
    this.#isAskedAgain = true;
    this.#running ??= this.#runUntilSettled();
    return this.#running;
  }

  /** What goes on at the moment; settles at once where nothing does. */
  settled(): Promise<void> {
    return this.#running ?? Promise.resolve();
  }

  async #runUntilSettled(): Promise<void> {
    while (this.#isAskedAgain) {
      this.#isAskedAgain = false;
      await this.#work();
    }
    // At once, so that nobody who asks from here on waits for what has ended.
    this.#running = undefined;
  }
}
