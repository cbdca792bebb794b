import type { Application } from '../../core/delivery/application.ts';
import { kustomizationNames, readKustomization } from '../../core/kustomize/kustomization.ts';
import { mapLimited } from '../../core/mapLimited.ts';
import { baseName, folderOf, isBelow, joinPath } from '../../core/repositoryPath.ts';
import type { FileTree } from '../../ports/fileTree.ts';
import { type KustomizationFolder, type SourceFolders, deriveApplications } from './deriveApplications.ts';

export const manifestFile = /\.(ya?ml|json)$/i;
/** Folders of tools, never of manifests that somebody applies. */
export const toolFolder = /(^|\/)(\.[^/]+|node_modules|vendor)(\/|$)/;
const looksLikeManifest = /^\s*["']?apiVersion["']?\s*:/m;
const looksLikeKind = /^\s*["']?kind["']?\s*:/m;
const kustomizationFile: ReadonlySet<string> = new Set(kustomizationNames);

/** What kustomizations built on when all that they named was there; a session keeps it, so that half a path costs no base its overlay. */
export type KnownReferences = Map<string, readonly string[]>;

/**
 * The applications of a folder that nobody declared (design §2). Reads every manifest below it once; nothing is rendered, no program
 * started, no cluster contacted.
 */
export async function findApplications(
  tree: FileTree,
  below: string,
  signal?: AbortSignal,
  known: KnownReferences = new Map(),
): Promise<Application[]> {
  // What stands above the folder may use what is below it: the whole repository decides what is a leaf.
  const files = (await tree.list(undefined, signal)).filter((file) => !toolFolder.test(file));
  const found = await readSourceFolders(tree, files, known, signal);
  return deriveApplications(found).filter((application) => isBelow(application.source.path, below));
}

async function readSourceFolders(
  tree: FileTree,
  files: readonly string[],
  known: KnownReferences,
  signal: AbortSignal | undefined,
): Promise<SourceFolders> {
  const present = new Set(files);
  const folders = new Set(files.filter((file) => kustomizationFile.has(baseName(file))).map((file) => folderOf(file)));
  const look = async (file: string): Promise<Partial<SourceFolders>> => {
    const name = baseName(file);
    if (kustomizationFile.has(name)) {
      const text = await readText(tree, file, signal);
      return { kustomizations: [readFolder(file, text, { files: present, folders, known })] };
    }
    if (name === 'Chart.yaml') {
      const text = await readText(tree, file, signal);
      return { charts: [{ path: folderOf(file), file, isLibrary: /^type:\s*["']?library\b/m.test(text) }] };
    }
    if (!manifestFile.test(name)) return {};
    const text = await readText(tree, file, signal);
    return looksLikeManifest.test(text) && looksLikeKind.test(text) ? { manifests: [file] } : {};
  };
  const looks = await mapLimited(files, filesAtOnce, look, signal);
  return {
    kustomizations: looks.flatMap(({ kustomizations = [] }) => kustomizations),
    charts: looks.flatMap(({ charts = [] }) => charts),
    manifests: looks.flatMap(({ manifests = [] }) => manifests),
  };
}

/** So many that the disk is never waited for, and few enough that they need little memory. */
const filesAtOnce = 16;

function readFolder(
  file: string,
  text: string,
  { files, folders, known }: { files: ReadonlySet<string>; folders: ReadonlySet<string>; known: KnownReferences },
): KustomizationFolder {
  const kustomization = readKustomization(text);
  const path = folderOf(file);
  const isBroken = kustomization.issues.length > 0;
  const written = kustomization.references.map((reference) => reference.path);
  if (isBroken) written.push(...mentioned(text));
  let referenced = written.map((target) => joinPath(path, target)).filter((target) => target !== undefined);
  const before = known.get(file);
  const isNowhere = (target: string): boolean =>
    !folders.has(target) && !files.has(target) && !before?.includes(target);
  // What it builds on does not become an application of its own while somebody types.
  if (isBroken || (before !== undefined && referenced.some(isNowhere))) referenced = [...referenced, ...(before ?? [])];
  else known.set(file, referenced);
  return {
    path,
    file,
    component: kustomization.kind === 'Component',
    folders: referenced.filter((target) => folders.has(target)),
    files: referenced.filter((target) => !folders.has(target)),
  };
}

/** Items of lists in a text that is no YAML: what it may build on is nobody else's to call a leaf. */
function mentioned(text: string): string[] {
  return [...text.matchAll(/^\s*-\s+["']?([^\s"'#:]+)/gm)].map((match) => match[1] ?? '');
}

/** Text of a file as far as the look of it needs; what cannot be read has no look, and its reader says why later. */
async function readText(tree: FileTree, file: string, signal: AbortSignal | undefined): Promise<string> {
  const bytes = await tree.read(file, signal);
  return bytes === undefined ? '' : new TextDecoder().decode(bytes);
}
