import { realpath } from 'node:fs/promises';
import { isAbsolute, join, relative } from 'node:path';
import { joinPath } from '../../core/repositoryPath.ts';

/** Where a path of the repository lies on disk once symbolic links are followed. */
export type InsideRepository = { kind: 'inside'; path: string } | { kind: 'outside' } | { kind: 'missing' };

/**
 * Resolves a path of the repository on disk. `root` is absolute and real (no symbolic links in it).
 * A link that leads out of the root is `outside`, however it is chained.
 */
export async function insideRepository(root: string, path: string): Promise<InsideRepository> {
  const inner = joinPath('', path);
  if (inner === undefined) return { kind: 'outside' };
  let real: string;
  try {
    real = await realpath(join(root, inner));
  } catch {
    return { kind: 'missing' };
  }
  const below = relative(root, real);
  if (below === '..' || below.startsWith('../') || below.startsWith('..\\') || isAbsolute(below))
    return { kind: 'outside' };
  return { kind: 'inside', path: real };
}
