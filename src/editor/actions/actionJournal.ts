/** Where a window keeps a few values between its lives: `vscode.Memento`, or a map in tests. */
export interface Keep {
  get(key: string): unknown;
  update(key: string, value: unknown): PromiseLike<void>;
}

/** An action that was going on when this was written. */
export interface JournalEntry {
  action: string;
  application: string;
  context: string;
  /** The steps done by then, as they were shown. */
  progress: string;
}

const key = 'plumbline.runningActions';

/**
 * Remembers what goes on, so that a window that was reloaded in the middle can say where it stopped. Nothing depends on it: what was done
 * is in Git and in the cluster.
 */
export class ActionJournal {
  readonly #keep: Keep;
  readonly #running = new Map<number, JournalEntry>();
  #next = 0;

  constructor(keep: Keep) {
    this.#keep = keep;
  }

  /** What an earlier life of the window left unfinished; told once. */
  takeInterrupted(): JournalEntry[] {
    const found = this.#keep.get(key);
    if (found !== undefined) this.#update(undefined);
    return Array.isArray(found) ? found.filter(isEntry) : [];
  }

  begin(entry: Omit<JournalEntry, 'progress'>): { progress(text: string): void; end(): void } {
    const id = this.#next++;
    this.#running.set(id, { ...entry, progress: '' });
    this.#write();
    return {
      progress: (text) => {
        this.#running.set(id, { ...entry, progress: text });
        this.#write();
      },
      end: () => {
        this.#running.delete(id);
        this.#write();
      },
    };
  }

  #write(): void {
    this.#update(this.#running.size === 0 ? undefined : [...this.#running.values()]);
  }

  /** What cannot be kept is not told after a reload; no action waits for it or ends by it. */
  #update(entries: JournalEntry[] | undefined): void {
    this.#keep.update(key, entries).then(undefined, () => undefined);
  }
}

function isEntry(value: unknown): value is JournalEntry {
  if (typeof value !== 'object' || value === null) return false;
  const { action, application, context, progress } = value as Record<string, unknown>;
  return [action, application, context, progress].every((part) => typeof part === 'string');
}
