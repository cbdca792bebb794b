import { relative, resolve, sep } from 'node:path';
import type { FileTree } from '../ports/fileTree.ts';
import { GitError } from '../ports/gitError.ts';
import type { GitRepository } from '../ports/gitRepository.ts';

/** The folder that a command works on: files of a repository, or of a plain folder where there is none. */
export interface OpenedSource {
  tree: FileTree;
  repository: GitRepository | undefined;
  /** The folder from the tree's root; the root is the empty string. */
  below: string;
}

/** How a folder is opened; handed in by the composition root. */
export interface SourceOpener {
  repository(directory: string, signal?: AbortSignal): Promise<GitRepository>;
  plain(directory: string): Promise<FileTree>;
}

/** Opens a folder at a revision: `worktree`, or one that Git knows. Throws GitError where the revision is not in this clone. */
export async function openSource(
  opener: SourceOpener,
  directory: string,
  desired: string,
  signal?: AbortSignal,
): Promise<OpenedSource> {
  const folder = resolve(directory);
  let repository: GitRepository;
  try {
    repository = await opener.repository(folder, signal);
  } catch (error) {
    if (!GitError.is(error, 'not-a-repository') || desired !== 'worktree') throw error;
    return { tree: await opener.plain(folder), repository: undefined, below: '' };
  }
  const below = relative(repository.root, folder).split(sep).join('/');
  if (desired === 'worktree') return { tree: repository.workingTree(), repository, below };
  const commit = await repository.resolve(desired, signal);
  if (commit === undefined) {
    throw new GitError('missing-revision', `${desired} is not a revision of this clone`, {
      remedy: 'Fetch it first; a shallow clone lacks older ones (git fetch --unshallow).',
    });
  }
  const tree = await repository.tree(commit, signal === undefined ? {} : { signal });
  return { tree, repository, below };
}
