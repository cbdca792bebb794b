import { readFile, stat } from 'node:fs/promises';
import type { FileTree, Withheld } from '../../ports/fileTree.ts';
import { BlobIds } from './blobId.ts';
import { insideRepository } from './insideRepository.ts';

/** Larger files are not manifests; reading one by mistake would only cost memory (design §7: 50 MB files). */
const maxFileBytes = 50 * 1024 * 1024;

export interface DiskTreeOptions {
  revision: string;
  /** Absolute and real path. */
  directory: string;
  list(below: string, signal?: AbortSignal): Promise<string[]>;
  /** Id of a file's content where it is known without reading it. */
  knownId?(path: string): string | undefined;
  withheld?(path: string): Promise<Withheld | undefined>;
  dispose?(): Promise<void>;
}

/** What all trees that lie on disk share: reading that stays inside, and fingerprints. */
export function diskTree(options: DiskTreeOptions): FileTree {
  const { directory, revision } = options;
  const ids = new BlobIds();
  const withheld = async (path: string): Promise<Withheld | undefined> => {
    const known = await options.withheld?.(path);
    if (known !== undefined) return known;
    const place = await insideRepository(directory, path);
    if (place.kind === 'outside') return 'outside-repository';
    if (place.kind === 'missing') return undefined;
    const size = await stat(place.path).then(
      (found) => (found.isFile() ? found.size : 0),
      () => 0,
    );
    return size > maxFileBytes ? 'too-large' : undefined;
  };
  return {
    revision,
    directory,
    withheld,
    list: (below = '', signal) => options.list(below, signal),
    async read(path, signal) {
      const place = await insideRepository(directory, path);
      if (place.kind !== 'inside') return undefined;
      try {
        const found = await stat(place.path);
        if (!found.isFile() || found.size > maxFileBytes) return undefined;
        return await readFile(place.path, { signal });
      } catch (error) {
        signal?.throwIfAborted();
        if (isMissing(error)) return undefined;
        throw error;
      }
    },
    async fingerprint(path) {
      const known = options.knownId?.(path);
      if (known !== undefined) return known;
      const place = await insideRepository(directory, path);
      return place.kind === 'inside' ? ids.of(place.path) : undefined;
    },
    async dispose() {
      await options.dispose?.();
    },
  };
}

function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  // A file that may not be read is as good as none to a reader; the renderer's own message will name it.
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES' || code === 'EISDIR';
}
