import type { FileTree } from '../../ports/fileTree.ts';

/**
 * A tree that is listed once until it is told to forget: between two keystrokes no file comes or goes, and Git needs several
 * processes to list a working tree.
 */
export class ListedTree implements FileTree {
  readonly #tree: FileTree;
  readonly #listed = new Map<string, Promise<string[]>>();

  constructor(tree: FileTree) {
    this.#tree = tree;
  }

  get revision(): string {
    return this.#tree.revision;
  }

  get directory(): string | undefined {
    return this.#tree.directory;
  }

  /** Files have come or gone. */
  forget(): void {
    this.#listed.clear();
  }

  list(below = '', signal?: AbortSignal): Promise<string[]> {
    let listed = this.#listed.get(below);
    if (listed === undefined) {
      listed = this.#tree.list(below, signal);
      this.#listed.set(below, listed);
      // What failed or was cancelled is asked again.
      listed.catch(() => this.#listed.delete(below));
    }
    return listed;
  }

  read(path: string, signal?: AbortSignal): Promise<Uint8Array | undefined> {
    return this.#tree.read(path, signal);
  }

  fingerprint(path: string): Promise<string | undefined> {
    return this.#tree.fingerprint(path);
  }

  withheld(path: string): ReturnType<FileTree['withheld']> {
    return this.#tree.withheld(path);
  }

  dispose(): Promise<void> {
    return this.#tree.dispose();
  }
}
