import { isKustomizationFile } from '../../core/kustomize/graph.ts';
import { readKustomization } from '../../core/kustomize/kustomization.ts';
import { baseName, folderOf, isBelow, joinPath } from '../../core/repositoryPath.ts';
import type { FileTree } from '../../ports/fileTree.ts';

const manifest = /\.(ya?ml|json)$/i;
/** Files that kubectl would take for manifests only by their name: charts, values, lock files, editor settings. */
const neverManifests = new Set([
  'Chart.yaml',
  'Chart.lock',
  'values.yaml',
  'values.schema.json',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
]);

/**
 * Of the files below a path, those that may hold manifests. What belongs to a chart, and what a kustomization uses as patch, settings
 * or generator input, is not applied by anybody as it stands (peers 4.9).
 */
export async function manifestFiles(
  tree: FileTree,
  listed: readonly string[],
  signal?: AbortSignal,
): Promise<string[]> {
  const charts = listed.filter((path) => baseName(path) === 'Chart.yaml').map(folderOf);
  const parts = await kustomizeParts(tree, listed.filter(isKustomizationFile), signal);
  return listed.filter(
    (path) =>
      manifest.test(path) &&
      !neverManifests.has(baseName(path)) &&
      !isKustomizationFile(path) &&
      !parts.has(path) &&
      !charts.some((chart) => isBelow(path, chart)),
  );
}

async function kustomizeParts(
  tree: FileTree,
  kustomizations: readonly string[],
  signal?: AbortSignal,
): Promise<ReadonlySet<string>> {
  const parts = new Set<string>();
  for (const path of kustomizations) {
    const bytes = await tree.read(path, signal);
    if (bytes === undefined) continue;
    for (const reference of readKustomization(new TextDecoder().decode(bytes)).references) {
      const target = reference.kind === 'resource' ? undefined : joinPath(folderOf(path), reference.path);
      if (target !== undefined) parts.add(target);
    }
  }
  return parts;
}
