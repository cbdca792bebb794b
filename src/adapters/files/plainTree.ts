import { readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileTree } from '../../ports/fileTree.ts';
import { joinPath } from '../../core/repositoryPath.ts';
import { diskTree } from './diskTree.ts';

const skipped = new Set(['.git', '.hg', '.svn', 'node_modules']);

/** The files of a folder that is in no Git repository. Folders of version control and `node_modules` are left out. */
export async function plainTree(directory: string): Promise<FileTree> {
  const root = await realpath(directory);
  return diskTree({
    revision: 'worktree',
    directory: root,
    async list(below, signal) {
      const found: string[] = [];
      const start = joinPath('', below);
      if (start !== undefined) await walk(root, start, found, signal);
      return found.sort();
    },
  });
}

async function walk(root: string, folder: string, found: string[], signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    // Linked folders are not followed: they may lead in circles.
    if (entry.isDirectory()) {
      if (!skipped.has(entry.name)) await walk(root, path, found, signal);
    } else found.push(path);
  }
}
