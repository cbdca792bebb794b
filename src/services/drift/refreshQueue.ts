/** How much is done again: all, the list of applications and what reads the files, or what reads the files alone. */
export type RefreshScope = { kind: 'everything' } | { kind: 'applications' | 'files'; changed: ReadonlySet<string> };

/** One refresh runs, at most one more waits; whoever asks while one waits joins it, with the wider of both scopes. */
export class RefreshQueue {
  readonly #run: (scope: RefreshScope) => Promise<void>;
  #running: Promise<void> = Promise.resolve();
  #waiting: { scope: RefreshScope; done: Promise<void> } | undefined;

  /** `run` must not reject: what fails in a refresh is shown, not thrown. */
  constructor(run: (scope: RefreshScope) => Promise<void>) {
    this.#run = run;
  }

  request(scope: RefreshScope): Promise<void> {
    if (this.#waiting !== undefined) {
      this.#waiting.scope = wider(this.#waiting.scope, scope);
      return this.#waiting.done;
    }
    const done = this.#running.then(() => {
      const next = this.#waiting?.scope ?? scope;
      this.#waiting = undefined;
      this.#running = this.#run(next);
      return this.#running;
    });
    this.#waiting = { scope, done };
    return done;
  }
}

function wider(a: RefreshScope, b: RefreshScope): RefreshScope {
  if (a.kind === 'everything' || b.kind === 'everything') return { kind: 'everything' };
  const kind = a.kind === 'applications' || b.kind === 'applications' ? 'applications' : 'files';
  return { kind, changed: a.changed.union(b.changed) };
}
