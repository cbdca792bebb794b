import { readFile, readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { GitReader } from './gitReader.ts';

/** Files whose times tell of a change: where HEAD is, what is staged, where branches and remotes' branches stand, how deep a clone is. */
const watched = ['index', 'packed-refs', 'config', 'config.worktree', 'reftable/tables.list', 'shallow'];
const refFolders = ['refs/heads', 'refs/remotes'];

/** Tells by times and sizes of files below `.git` whether anything that a report says of Git may have changed. */
export class StateFingerprint {
  readonly #root: string;
  readonly #reader: GitReader;
  #folders: Promise<readonly string[]> | undefined;

  constructor(root: string, reader: GitReader) {
    this.#root = root;
    this.#reader = reader;
  }

  async read(signal?: AbortSignal): Promise<string> {
    // A linked worktree has a folder of its own beside the common one; which two they are never changes.
    this.#folders ??= this.#find(signal).catch((error: unknown) => {
      this.#folders = undefined;
      throw error;
    });
    const parts: string[] = [];
    for (const folder of await this.#folders) {
      parts.push(await readFile(join(folder, 'HEAD'), 'utf8').catch(() => ''));
      for (const name of watched) parts.push(await stamp(join(folder, name)));
      for (const name of refFolders) parts.push(...(await stampsBelow(join(folder, name))));
    }
    return parts.join('\n');
  }

  async #find(signal: AbortSignal | undefined): Promise<readonly string[]> {
    const output = await this.#reader.read(['rev-parse', '--git-dir', '--git-common-dir'], signal);
    const folders = output.split(/\r?\n/).filter((line) => line !== '');
    return [...new Set(folders.map((folder) => resolve(this.#root, folder)))];
  }
}

async function stampsBelow(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  return Promise.all(names.sort().map((name) => stamp(join(folder, name))));
}

/** Nanoseconds, since two commits may fall into one millisecond; Git replaces such files, so the inode tells as well. */
async function stamp(path: string): Promise<string> {
  const found = await stat(path, { bigint: true }).catch(() => undefined);
  return found === undefined ? `${path} -` : `${path} ${found.mtimeNs} ${found.size} ${found.ino}`;
}
