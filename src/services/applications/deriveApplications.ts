import type { Application } from '../../core/delivery/application.ts';
import type { SourceKind } from '../../core/report.ts';
import { folderOf, isBelow } from '../../core/repositoryPath.ts';

/** What a folder of the repository was found to be. Paths are from the root, which is the empty string. */
export interface SourceFolders {
  /** Folders with a kustomization file, and what each one builds on. */
  kustomizations: readonly KustomizationFolder[];
  /** Folders with a Chart.yaml. */
  charts: readonly { path: string; file: string; isLibrary: boolean }[];
  /** Files that hold manifests by their look, wherever they lie. */
  manifests: readonly string[];
}

export interface KustomizationFolder {
  path: string;
  file: string;
  /** A Component cannot be built by itself. */
  component: boolean;
  /** Folders of the repository that it refers to: resources, bases, components. */
  folders: readonly string[];
  /** Files of the repository that it refers to. */
  files: readonly string[];
}

/**
 * Applications that nobody declared: kustomizations that no other builds on, charts that no other chart holds, and the topmost
 * folders of manifests that neither of the two uses (design §2, "derived").
 */
export function deriveApplications(found: SourceFolders): Application[] {
  const usedFolders = new Set(found.kustomizations.flatMap((kustomization) => kustomization.folders));
  const usedFiles = new Set(found.kustomizations.flatMap((kustomization) => kustomization.files));
  const chartFolders = found.charts.map((chart) => chart.path);
  const inChart = (path: string): boolean => chartFolders.some((chart) => isBelow(path, chart));

  const buildable = found.kustomizations.filter((folder) => !folder.component && !inChart(folder.path));
  const leaves = buildable.filter((folder) => !usedFolders.has(folder.path));
  const kustomize = [
    ...leaves,
    ...oneOfEachCycle(found.kustomizations, leaves).filter((folder) => !inChart(folder.path)),
  ].map((folder) => application('kustomize', folder.path, folder.file));
  const helm = found.charts
    .filter(
      (chart) => !chart.isLibrary && !chartFolders.some((other) => other !== chart.path && isBelow(chart.path, other)),
    )
    .map((chart) => application('helm', chart.path, chart.file));

  const kustomizationFolders = found.kustomizations.map((folder) => folder.path);
  const loose = found.manifests.filter(
    (file) => !usedFiles.has(file) && !inChart(file) && !kustomizationFolders.includes(folderOf(file)),
  );
  const directory = topmost(loose.map(folderOf)).map((path) => application('directory', path, undefined));
  return [...kustomize, ...helm, ...directory].sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Folders that use each other have no leaf above them; one of them stands for all, so that its render tells of the cycle. */
function oneOfEachCycle(
  folders: readonly KustomizationFolder[],
  leaves: readonly KustomizationFolder[],
): KustomizationFolder[] {
  const byPath = new Map(folders.map((folder) => [folder.path, folder]));
  const usedBy = (start: KustomizationFolder): Set<string> => {
    const used = new Set(start.folders);
    // Paths that are added while it goes on are visited as well.
    for (const path of used) for (const next of byPath.get(path)?.folders ?? []) used.add(next);
    return used;
  };
  const known = new Set(leaves.flatMap((leaf) => [...usedBy(leaf)]));
  const chosen: KustomizationFolder[] = [];
  for (const folder of folders.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
    if (folder.component || known.has(folder.path)) continue;
    const used = usedBy(folder);
    if (!used.has(folder.path)) continue;
    chosen.push(folder);
    for (const path of used) known.add(path);
  }
  return chosen;
}

function application(kind: SourceKind, path: string, file: string | undefined): Application {
  return {
    id: path === '' ? '.' : path,
    name: path === '' ? '.' : path,
    engine: 'direct',
    foundIn: 'derived',
    source: { kind, path },
    destination: {},
    gates: [],
    ...(file === undefined ? {} : { declared: { file, via: 'manifest' } }),
  };
}

/** The folders that no other of them contains. The root never swallows the rest: a stray file there is its own application. */
function topmost(folders: readonly string[]): string[] {
  const distinct = [...new Set(folders)];
  return distinct.filter(
    (folder) => !distinct.some((other) => other !== folder && other !== '' && isBelow(folder, other)),
  );
}
