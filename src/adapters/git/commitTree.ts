import { copyFile, link, mkdir, readFile, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { folderOf, isBelow } from '../../core/repositoryPath.ts';
import type { FileTree, Withheld } from '../../ports/fileTree.ts';
import { diskTree } from '../files/diskTree.ts';
import { insideRepository } from '../files/insideRepository.ts';
import { makePrivateFolder } from '../files/privateFolder.ts';
import { type BlobStore, inTurns } from './blobStore.ts';
import type { TreeEntry } from './treeEntries.ts';

/** Larger blobs are not written: no manifest, values file or generator input is that large. */
const maxBlobBytes = 50 * 1024 * 1024;

/** The files of a commit as raw blobs in a private folder. `refused` are paths that would have left it. */
export async function commitTree(
  commit: string,
  entries: readonly TreeEntry[],
  refused: readonly string[],
  blobs: BlobStore,
  signal?: AbortSignal,
): Promise<FileTree> {
  const held = new Map<string, Withheld>();
  for (const path of refused) held.set(path, 'outside-repository');
  for (const entry of entries) {
    if (entry.kind === 'submodule') held.set(entry.path, 'submodule');
    else if (entry.size > maxBlobBytes) held.set(entry.path, 'too-large');
  }
  const files = entries.filter((entry) => !held.has(entry.path));
  const blobPath = await blobs.fetch(files, signal);
  const folder = await makePrivateFolder('tree');
  try {
    const folders = new Set(files.map((entry) => folderOf(entry.path)));
    for (const path of folders) await mkdir(join(folder.path, path), { recursive: true, mode: 0o700 });
    await inTurns(files, 16, async (entry) => {
      signal?.throwIfAborted();
      if (entry.kind !== 'link') await linkOrCopy(blobPath(entry.id), join(folder.path, entry.path));
    });
    const links = files.filter((entry) => entry.kind === 'link');
    for (const entry of links) {
      const target = await readFile(blobPath(entry.id), 'utf8');
      await symlink(target, join(folder.path, entry.path));
    }
    // Only once all links are there does it show where a chain of them ends.
    for (const entry of links) {
      const place = await insideRepository(folder.path, entry.path);
      if (place.kind !== 'outside') continue;
      held.set(entry.path, 'outside-repository');
      await rm(join(folder.path, entry.path));
    }
  } catch (error) {
    await folder.remove();
    throw error;
  }
  const ids = new Map(files.filter((entry) => entry.kind !== 'link').map((entry) => [entry.path, entry.id]));
  const paths = files.map((entry) => entry.path).filter((path) => !held.has(path));
  return diskTree({
    revision: commit,
    directory: folder.path,
    // What throws within an executor rejects, as callers of an asynchronous port expect.
    list: (below) => new Promise((resolve) => resolve(paths.filter((path) => isBelow(path, below)).sort())),
    knownId: (path) => ids.get(path),
    withheld: (path) =>
      Promise.resolve(held.get(path) ?? [...held].find(([folderPath]) => isBelow(path, folderPath))?.[1]),
    dispose: () => folder.remove(),
  });
}

async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    // A blob may be linked too often (EMLINK), or the file system may know no links.
    if (code !== 'EMLINK' && code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EXDEV') throw error;
    await copyFile(from, to);
  }
}
