import type { FileStatus, GitRepository } from '../../ports/gitRepository.ts';
import { isBelow } from '../../core/repositoryPath.ts';
import type { PreparedApplication } from '../drift/prepareComparison.ts';
import type { ActionScope } from './actionScope.ts';

/**
 * The changed files that concern an application: those that it reads, those in its folder, and those that are gone and that it read as
 * of HEAD, wherever they were.
 */
export async function changedFilesOf(
  { application, files: read }: PreparedApplication,
  changed: readonly FileStatus[],
  scope: Pick<ActionScope, 'render'>,
  repository: Pick<GitRepository, 'tree'>,
  signal?: AbortSignal,
): Promise<FileStatus[]> {
  const isItsOwn = ({ path }: FileStatus): boolean => read.includes(path) || isBelow(path, application.source.path);
  const isElsewhere = (file: FileStatus): boolean => file.change === 'deleted' && !isItsOwn(file);
  // Rendering HEAD takes a moment, and only a deletion outside of the folder needs it.
  const before = changed.some(isElsewhere) ? await filesAtHead(application, scope, repository, signal) : [];
  return changed.filter((file) => isItsOwn(file) || (isElsewhere(file) && before.includes(file.path)));
}

async function filesAtHead(
  application: PreparedApplication['application'],
  scope: Pick<ActionScope, 'render'>,
  repository: Pick<GitRepository, 'tree'>,
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  const head = await repository.tree('HEAD', signal === undefined ? {} : { signal });
  try {
    return (await scope.render(application, head)).files;
  } finally {
    await head.dispose();
  }
}
