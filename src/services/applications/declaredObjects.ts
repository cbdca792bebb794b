import { isArgoApplication } from '../../core/delivery/argocd/argoApplication.ts';
import { isFluxHelmRelease } from '../../core/delivery/flux/fluxHelmRelease.ts';
import { isFluxGitRepository } from '../../core/delivery/flux/fluxGitRepository.ts';
import { isFluxKustomization } from '../../core/delivery/flux/fluxKustomization.ts';
import type { KubeObject } from '../../core/kube/objectKey.ts';
import { kustomizationNames } from '../../core/kustomize/kustomization.ts';
import type { Location } from '../../core/location.ts';
import { readManifests } from '../../core/manifest/readManifests.ts';
import { baseName, folderOf, isBelow } from '../../core/repositoryPath.ts';
import { LineIndex } from '../../core/text/lineIndex.ts';
import type { FileTree } from '../../ports/fileTree.ts';
import { manifestFile, toolFolder } from './findApplications.ts';

/** An engine's object as a file of the repository declares it. */
export interface DeclaredObject {
  object: KubeObject;
  location: Location;
}

const mentionsEngine =
  /\b(?:helm\.toolkit\.fluxcd\.io|kustomize\.toolkit\.fluxcd\.io|source\.toolkit\.fluxcd\.io|argoproj\.io)\//;

/** What a file of some content declares never changes: trees of many commits share most of theirs. */
const known = new Map<string, readonly DeclaredObject[]>();
const mostKnown = 20_000;

/**
 * The Flux Kustomizations, HelmReleases, GitRepositories and Argo CD Applications that the listed files of a tree hold. What cannot be read is left to
 * whoever renders it.
 */
export async function readDeclaredObjects(
  tree: FileTree,
  listed: readonly string[],
  signal?: AbortSignal,
): Promise<DeclaredObject[]> {
  const names: readonly string[] = kustomizationNames;
  const charts = listed.filter((file) => baseName(file) === 'Chart.yaml').map(folderOf);
  // What stands in a chart is a template of such an object.
  const isTemplate = (file: string): boolean => charts.some((chart) => isBelow(file, chart));
  const declared: DeclaredObject[] = [];
  for (const file of listed) {
    signal?.throwIfAborted();
    if (!manifestFile.test(file) || names.includes(baseName(file)) || toolFolder.test(file) || isTemplate(file))
      continue;
    declared.push(...(await objectsOf(tree, file, signal)));
  }
  return declared;
}

async function objectsOf(tree: FileTree, file: string, signal?: AbortSignal): Promise<readonly DeclaredObject[]> {
  const id = `${file}\0${(await tree.fingerprint(file)) ?? ''}`;
  let objects = known.get(id);
  if (objects === undefined) {
    const bytes = await tree.read(file, signal);
    objects = bytes === undefined ? [] : readObjects(file, new TextDecoder().decode(bytes));
    known.set(id, objects);
    if (known.size > mostKnown) known.delete(known.keys().next().value ?? '');
  }
  return objects;
}

function readObjects(file: string, text: string): DeclaredObject[] {
  if (!mentionsEngine.test(text)) return [];
  const lines = new LineIndex(text);
  return readManifests(text, { profile: 'raw' }).documents.flatMap(({ object, span }) => {
    const isEngines =
      isFluxKustomization(object) ||
      isFluxHelmRelease(object) ||
      isFluxGitRepository(object) ||
      isArgoApplication(object);
    if (!isEngines) return [];
    const { line } = lines.positionAt(span.start + firstLineOf(text.slice(span.start, span.end)));
    return [{ object, location: { file, line, via: 'manifest' } as const }];
  });
}

/** Where a document begins to say something: after its separator, comments and empty lines. */
function firstLineOf(document: string): number {
  return /^(?!---|\s*#|\s*$)/m.exec(document)?.index ?? 0;
}
