import type { JsonObject } from '../../core/json.ts';
import { kustomizationNames } from '../../core/kustomize/kustomization.ts';
import { type OverlaidText, generatedText, overlayText } from '../../core/kustomize/overlayText.ts';
import type { Location } from '../../core/location.ts';
import { baseName, folderOf, isBelow, joinPath, relativePath } from '../../core/repositoryPath.ts';
import { LineIndex } from '../../core/text/lineIndex.ts';
import type { FileTree } from '../../ports/fileTree.ts';
import { overriddenTree } from '../files/overriddenTree.ts';

/** A source as the engine builds it: with its own fields laid over the kustomization, or with one that it makes. */
export interface OverlaidSource {
  tree: FileTree;
  /** A place in the user's files; undefined for what only the engine's fields say. */
  original: (location: Location) => Location | undefined;
}

export async function overlaidSource(
  tree: FileTree,
  path: string,
  overlay: JsonObject | undefined,
  signal?: AbortSignal,
): Promise<OverlaidSource> {
  const folder = joinPath('', path);
  const untouched = { tree, original: (location: Location) => location };
  if (overlay === undefined || folder === undefined) return untouched;
  const at = (name: string): string => (folder === '' ? name : `${folder}/${name}`);
  for (const name of kustomizationNames) {
    const bytes = await tree.read(at(name), signal);
    if (bytes === undefined) continue;
    const text = new TextDecoder().decode(bytes);
    const overlaid = Object.keys(overlay).length === 0 ? undefined : overlayText(text, overlay);
    return overlaid === undefined ? untouched : withText(tree, at(name), text, overlaid);
  }
  const resources = await manifestsBelow(tree, folder, signal);
  return withText(tree, at('kustomization.yaml'), '', generatedText(resources, overlay));
}

function withText(tree: FileTree, file: string, original: string, overlaid: OverlaidText): OverlaidSource {
  const lines = new LineIndex(overlaid.text);
  const originalLines = new LineIndex(original);
  const moved = (line: number, column: number): { line: number; column: number } | undefined => {
    const offset = overlaid.originalOffset(lines.offsetAt({ line, column }));
    return offset === undefined ? undefined : originalLines.positionAt(offset);
  };
  return {
    tree: overriddenTree(tree, new Map([[file, overlaid.text]])),
    original: (location) => {
      const { line, column = 1, endLine, endColumn } = location;
      if (location.file !== file || line === undefined) return location;
      const start = moved(line, column);
      if (start === undefined) return undefined;
      if (endLine === undefined || endColumn === undefined) return { ...location, ...start };
      // Scalars are on one line, or moved as a whole.
      return {
        ...location,
        ...start,
        endLine: endLine - line + start.line,
        endColumn: line === endLine ? endColumn - column + start.column : endColumn,
      };
    },
  };
}

/**
 * What Flux lists in the kustomization that it makes: every YAML file, and folders with a kustomization of their own as a whole. A file
 * that is no manifest fails the build there as well.
 */
async function manifestsBelow(tree: FileTree, folder: string, signal?: AbortSignal): Promise<string[]> {
  const listed = await tree.list(folder, signal);
  const names: readonly string[] = kustomizationNames;
  const bases = listed.filter((path) => names.includes(baseName(path))).map(folderOf);
  const outermost = bases.filter((base) => !bases.some((other) => other !== base && isBelow(base, other)));
  const files = listed.filter((path) => /\.ya?ml$/.test(path) && !outermost.some((base) => isBelow(path, base)));
  return [...files, ...outermost].map((path) => relativePath(folder, path)).sort();
}
