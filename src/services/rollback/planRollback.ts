import type { FileTree } from '../../ports/fileTree.ts';
import type { GitRepository } from '../../ports/gitRepository.ts';
import type { PreparedApplication } from '../drift/prepareComparison.ts';

/** What a rollback will do to the repository, before anything is done. */
export interface RollbackPlan {
  commit: string;
  /** Files of the application, as of now or as of then: these are restored, no others. */
  paths: string[];
  /** Other applications that read some of those files: they change as well. */
  shared: { application: string; files: string[] }[];
  /** Files among them with uncommitted changes, which a restore would lose. */
  dirty: string[];
}

/**
 * Finds which files a rollback of one application restores: its own sources, as they are read now and as they were read in the chosen
 * revision. `renderFiles` tells what the application reads in a tree.
 */
export async function planRollback(
  application: PreparedApplication,
  others: readonly PreparedApplication[],
  repository: GitRepository,
  commit: string,
  renderFiles: (tree: FileTree) => Promise<readonly string[]>,
  signal?: AbortSignal,
): Promise<RollbackPlan> {
  const then = await repository.tree(commit, signal === undefined ? {} : { signal });
  try {
    const paths = [...new Set([...application.files, ...(await renderFiles(then))])].sort();
    const changed = await changedSince(paths, repository.workingTree(), then);
    const shared = others
      .map((other) => ({
        application: other.application.id,
        files: other.files.filter((file) => changed.includes(file)),
      }))
      .filter((other) => other.files.length > 0);
    const { files } = await repository.status(signal);
    const dirty = files.map((file) => file.path).filter((path) => paths.includes(path));
    return { commit, paths: changed, shared, dirty };
  } finally {
    await then.dispose();
  }
}

/** Files whose content now differs from then; those that are equal need no restoring and bother nobody. */
async function changedSince(paths: readonly string[], now: FileTree, then: FileTree): Promise<string[]> {
  const changed: string[] = [];
  for (const path of paths) {
    const [current, former] = await Promise.all([now.fingerprint(path), then.fingerprint(path)]);
    if (current !== former) changed.push(path);
  }
  return changed;
}
