import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { folderOf, joinPath } from '../../core/repositoryPath.ts';
import type { FileTree } from '../../ports/fileTree.ts';
import { type PrivateFolder, makePrivateFolder } from './privateFolder.ts';

/** Some files of a tree in a private folder, where they can be changed without touching anybody's files. */
export class PrivateCopy {
  readonly #folder: PrivateFolder;
  readonly #originals: ReadonlyMap<string, Uint8Array>;
  readonly #changed = new Set<string>();

  private constructor(folder: PrivateFolder, originals: ReadonlyMap<string, Uint8Array>) {
    this.#folder = folder;
    this.#originals = originals;
  }

  /** Copies the named files; those that the tree does not have are left out. */
  static async make(tree: FileTree, paths: readonly string[], signal?: AbortSignal): Promise<PrivateCopy> {
    const originals = new Map<string, Uint8Array>();
    const folder = await makePrivateFolder('copy');
    const copy = new PrivateCopy(folder, originals);
    try {
      for (const path of paths) {
        signal?.throwIfAborted();
        const content = await tree.read(path, signal);
        if (content === undefined) continue;
        originals.set(path, content);
        await copy.#write(path, content);
      }
    } catch (error) {
      await folder.remove();
      throw error;
    }
    return copy;
  }

  /** Absolute path. Files lie below it as they do below the repository's root. */
  get directory(): string {
    return join(this.#folder.path, 'tree');
  }

  /** Absolute path of a folder beside the files, for what must not be among them. */
  get aside(): string {
    return join(this.#folder.path, 'aside');
  }

  /** Makes the copy the original with these changes and no others. */
  async set(changes: ReadonlyMap<string, string>): Promise<void> {
    for (const path of this.#changed) {
      if (changes.has(path)) continue;
      const original = this.#originals.get(path);
      if (original === undefined) await rm(join(this.directory, path), { force: true });
      else await this.#write(path, original);
      this.#changed.delete(path);
    }
    for (const [path, text] of changes) {
      await this.#write(path, text);
      this.#changed.add(path);
    }
  }

  /** Writes a file beside the copy. */
  async writeAside(name: string, text: string): Promise<void> {
    await mkdir(this.aside, { recursive: true, mode: 0o700 });
    await writeFile(join(this.aside, name), text, { mode: 0o600 });
  }

  async dispose(): Promise<void> {
    await this.#folder.remove();
  }

  async #write(path: string, content: string | Uint8Array): Promise<void> {
    const inner = joinPath('', path);
    if (inner === undefined || inner === '') throw new RangeError(`${path} is no path of a repository`);
    await mkdir(join(this.directory, folderOf(inner)), { recursive: true, mode: 0o700 });
    await writeFile(join(this.directory, inner), content, { mode: 0o600 });
  }
}
