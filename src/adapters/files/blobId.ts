import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';

/** The id that Git gives to a file's content, so that trees of commits and the working tree agree on fingerprints. */
export function blobId(content: Uint8Array): string {
  return createHash('sha1').update(`blob ${content.byteLength}\0`).update(content).digest('hex');
}

/** Computes blob ids of files on disk and keeps them until the file's inode, size or times change. */
export class BlobIds {
  readonly #known = new Map<string, { stamp: string; id: string }>();

  /** Undefined where there is no such file. `path` is absolute. */
  async of(path: string): Promise<string | undefined> {
    try {
      const found = await stat(path, { bigint: true });
      if (!found.isFile()) return undefined;
      const stamp = `${String(found.ino)} ${String(found.size)} ${String(found.mtimeNs)} ${String(found.ctimeNs)}`;
      const known = this.#known.get(path);
      if (known?.stamp === stamp) return known.id;
      const id = blobId(await readFile(path));
      this.#known.set(path, { stamp, id });
      return id;
    } catch {
      return undefined;
    }
  }
}
