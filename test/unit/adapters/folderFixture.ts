import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { plainTree } from '../../../src/adapters/files/plainTree.ts';
import type { FileTree } from '../../../src/ports/fileTree.ts';

export type Files = Record<string, string | Uint8Array>;

/** Writes files to a temporary folder and hands over its tree; the folder is gone afterwards. */
export async function withFiles<T>(files: Files, use: (tree: FileTree, directory: string) => Promise<T>): Promise<T> {
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'plumbline-test-')));
  try {
    await writeFiles(directory, files);
    return await use(await plainTree(directory), directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

export async function writeFiles(directory: string, files: Files): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), content);
  }
}
