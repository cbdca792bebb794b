import { lstat, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { GitError } from '../../ports/gitError.ts';
import type { GitRepository } from '../../ports/gitRepository.ts';
import type { ProcessRunner } from '../../ports/processRunner.ts';

/**
 * Opens the repository that holds a folder. Git is asked, and what asks it loaded, only where one may be: a folder outside of all
 * repositories needs neither. Throws GitError as `openRepository` does.
 */
export async function findRepository(
  directory: string,
  runner: ProcessRunner,
  signal?: AbortSignal,
): Promise<GitRepository> {
  if (!(await mayBeInRepository(directory))) {
    throw new GitError('not-a-repository', `${directory} is not in a Git repository`, {
      remedy: 'Open a folder that is in a Git repository, or run git init.',
    });
  }
  const { openRepository } = await import('./localRepository.ts');
  return openRepository(directory, runner, signal);
}

/** Whether a folder above has what Git knows a repository by: `.git`, or the HEAD of a bare one. */
async function mayBeInRepository(directory: string): Promise<boolean> {
  let folder: string;
  try {
    folder = await realpath(directory);
  } catch {
    // Git says what is wrong with it.
    return true;
  }
  for (;;) {
    if ((await exists(join(folder, '.git'))) || (await exists(join(folder, 'HEAD')))) return true;
    const above = dirname(folder);
    if (above === folder) return false;
    folder = above;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code !== 'ENOENT' && code !== 'ENOTDIR';
  }
}
