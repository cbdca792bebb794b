import { isDirectoryManifest } from '../../core/delivery/argocd/argoBuild.ts';
import type { FileTree } from '../../ports/fileTree.ts';
import type { DirectoryOptions } from '../../ports/renderer.ts';

/** By this in a comment a file keeps Argo CD from reading it as a manifest. */
const skipMarker = '+argocd:skip-file-rendering';

/** Of the files below a folder, those that Argo CD reads for a source without tool: by name, depth and the Application's globs. */
export async function argoFiles(
  tree: FileTree,
  listed: readonly string[],
  folder: string,
  options: DirectoryOptions,
  signal?: AbortSignal,
): Promise<string[]> {
  const files: string[] = [];
  for (const file of listed.filter((path) => isDirectoryManifest(path, folder, options))) {
    const bytes = await tree.read(file, signal);
    if (bytes === undefined || !new TextDecoder().decode(bytes).includes(skipMarker)) files.push(file);
  }
  return files;
}
