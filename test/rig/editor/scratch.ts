import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A temporary folder that is removed with all in it by {@link Scratch.remove}. */
export interface Scratch {
  readonly path: string;
  remove(): Promise<void>;
}

/** Makes a temporary folder; its path has no symbolic links, because the editor shows and compares resolved paths. */
export async function makeScratch(name: string): Promise<Scratch> {
  const path = await realpath(await mkdtemp(join(tmpdir(), `plumbline-${name}-`)));
  return {
    path,
    // Retries: the editor's processes may write a last file into the folder while it is being removed.
    remove: () => rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }),
  };
}
