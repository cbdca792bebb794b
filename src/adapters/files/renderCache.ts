import type { FileTree } from '../../ports/fileTree.ts';

/** Content ids of everything that a render reads or looks for; undefined for what does not exist. */
export type ContentIds = ReadonlyMap<string, string | undefined>;

interface Entry<T> {
  ids: ContentIds;
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
      if (await hasContent(tree, entry.ids)) return entry.value;
    }
    return undefined;
  }

  /**
   * Keeps a render under the ids that were taken before it began. Where a file changed meanwhile nobody knows which content was read, and
   * nothing is kept.
   */
  async put(scope: string, tree: FileTree, ids: ContentIds, value: T): Promise<void> {
    if (!(await hasContent(tree, ids))) return;
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

/** Taken before a render reads its files. */
export async function contentIds(tree: FileTree, paths: readonly string[]): Promise<ContentIds> {
  const ids = new Map<string, string | undefined>();
  for (const path of paths) ids.set(path, await tree.fingerprint(path));
  return ids;
}

export async function hasContent(tree: FileTree, ids: ContentIds): Promise<boolean> {
  for (const [path, id] of ids) if ((await tree.fingerprint(path)) !== id) return false;
  return true;
}
