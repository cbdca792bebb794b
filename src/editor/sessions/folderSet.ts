import type { Disposable } from '../../core/emitter.ts';
import type { Problem } from '../../core/problem.ts';
import type { EditorParts, OpenedFolder } from './editorParts.ts';

/** The folders of the workspace as opened repositories, each opened once and closed with the last use. */
export class FolderSet implements Disposable {
  readonly #openFolder: EditorParts['openFolder'];
  readonly #controller = new AbortController();
  readonly #folders = new Map<string, Promise<OpenedFolder>>();

  constructor(openFolder: EditorParts['openFolder']) {
    this.#openFolder = openFolder;
  }

  /** Those that could be opened. */
  async opened(): Promise<OpenedFolder[]> {
    const opened = await Promise.allSettled(this.#folders.values());
    return opened.filter((result) => result.status === 'fulfilled').map((result) => result.value);
  }

  /** Opens these folders, closes all others. What could not be opened is a problem and is tried again the next time. */
  async open(paths: readonly string[]): Promise<{ folders: OpenedFolder[]; problems: Problem[] }> {
    for (const [path, folder] of this.#folders) {
      if (paths.includes(path)) continue;
      this.#folders.delete(path);
      close(folder);
    }
    for (const path of paths) {
      if (this.#folders.has(path)) continue;
      const opening = this.#openFolder(path, this.#controller.signal);
      this.#folders.set(path, opening);
      opening.catch(() => this.#folders.delete(path));
    }
    const byRoot = new Map<string, OpenedFolder>();
    const problems: Problem[] = [];
    for (const path of paths) {
      const folder = await this.#folders.get(path)?.catch((error: unknown) => problemOf(path, error));
      if (folder === undefined) continue;
      if ('code' in folder) problems.push(folder);
      // Two folders of one repository are compared as the whole of it, so that nothing is compared twice.
      else byRoot.set(folder.root, byRoot.has(folder.root) ? { ...folder, below: '' } : folder);
    }
    this.#controller.signal.throwIfAborted();
    return { folders: [...byRoot.values()], problems };
  }

  dispose(): void {
    this.#controller.abort();
    for (const folder of this.#folders.values()) close(folder);
    this.#folders.clear();
  }
}

function close(folder: Promise<OpenedFolder>): void {
  folder.then((opened) => opened.dispose()).catch(() => undefined);
}

function problemOf(folder: string, error: unknown): Problem {
  const remedy =
    error instanceof Error && 'remedy' in error && typeof error.remedy === 'string' ? error.remedy : undefined;
  return {
    code: 'not-a-repository',
    severity: 'error',
    message: `${folder} cannot be opened: ${error instanceof Error ? error.message : String(error)}`,
    ...(remedy === undefined ? {} : { remedy }),
  };
}
