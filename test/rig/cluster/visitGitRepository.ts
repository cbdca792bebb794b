import { join } from 'node:path';
import { fetchRevision, readTree } from './gitFetch.ts';
import { VisitFailed, type GitRepositoryObject, type Visit } from './sourceObjects.ts';
import { tarball } from './tarball.ts';

/** Where the clone of a GitRepository lies; charts are packed from it. */
export function cloneFolder(root: string, namespace: string, name: string): string {
  return join(root, 'clones', namespace, name);
}

/** Fetches, and archives the commit when it, or what is left out of it, is not the one of before. */
export async function visitGitRepository(
  object: GitRepositoryObject,
  root: string,
  signal: AbortSignal,
): Promise<Visit> {
  const { metadata, spec, status } = object;
  const folder = cloneFolder(root, metadata.namespace, metadata.name);
  try {
    const revision = await fetchRevision(folder, spec.url, spec.ref ?? {}, signal);
    const current = status?.artifact;
    const same = current?.revision === revision.text && status?.observedIgnore === spec.ignore;
    return {
      artifact:
        current !== undefined && same
          ? current
          : {
              file: `${revision.sha}.tar.gz`,
              revision: revision.text,
              data: tarball(await readTree(folder, revision.sha, spec.ignore, signal)),
            },
      ready: { reason: 'Succeeded', message: `stored artifact for revision '${revision.text}'` },
      status: { observedIgnore: spec.ignore ?? null },
    };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new VisitFailed('GitOperationFailed', `failed to checkout and determine revision: ${message}`, error);
  }
}
