import type { FileTree } from '../../ports/fileTree.ts';

interface Entry<T> {
  /** Content ids of everything that the render read or looked for. */
  ids: ReadonlyMap<string, string | undefined>;
  value: T;
}

/**
 * Renders by the content of the files that they read, so that commits which touch none of them share one (design §3.1). In memory
 * only, because a render may hold a Secret.
 */
export class RenderCache<T> {
  readonly #limit: number;
  readonly #entries = new Map<string, Entry<T>[]>();
  #count = 0;

  /** `limit` is a number of renders. */
  constructor(limit = 64) {
    this.#limit = limit;
  }

  /** `scope` names all that is not a file: path, renderer and its version, options. */
  async get(scope: string, tree: FileTree): Promise<T | undefined> {
    for (const entry of this.#entries.get(scope) ?? []) {
      if (await matches(entry, tree)) return entry.value;
    }
    return undefined;
  }

  async put(scope: string, tree: FileTree, paths: readonly string[], value: T): Promise<void> {
    const ids = new Map<string, string | undefined>();
    for (const path of paths) ids.set(path, await tree.fingerprint(path));
    const entries = this.#entries.get(scope) ?? [];
    this.#entries.delete(scope);
    this.#entries.set(scope, [{ ids, value }, ...entries]);
    this.#count += 1;
    this.#trim();
  }

  #trim(): void {
    while (this.#count > this.#limit) {
      // The scope that was written longest ago gives up its oldest render.
      const [scope, entries] = this.#entries.entries().next().value ?? [];
      if (scope === undefined || entries === undefined) return;
      entries.pop();
      this.#count -= 1;
      if (entries.length === 0) this.#entries.delete(scope);
    }
  }
}

async function matches(entry: Entry<unknown>, tree: FileTree): Promise<boolean> {
  for (const [path, id] of entry.ids) if ((await tree.fingerprint(path)) !== id) return false;
  return true;
}
