import { remoteIdentity } from '../../core/delivery/remoteUrl.ts';
import { isBelow } from '../../core/repositoryPath.ts';
import type { Gate } from '../../core/report.ts';
import type { FileTree } from '../../ports/fileTree.ts';
import type { GitRepository } from '../../ports/gitRepository.ts';
import type { FluxDelivery } from '../applications/fluxApplications.ts';
import type { PreparedApplication } from '../drift/prepareComparison.ts';

/**
 * What of an application in view is not yet where its engine fetches: commits that were not pushed, edits that were not committed
 * (design §2, "gate"). Undefined where the engine can fetch all of it, or where the branch that it follows was never fetched here.
 */
export async function notPushedGate(
  prepared: PreparedApplication,
  delivery: FluxDelivery,
  tree: FileTree,
  repository: GitRepository,
  signal?: AbortSignal,
): Promise<Gate | undefined> {
  const branch = delivery.source?.ref.branch;
  if (delivery.source === undefined || branch === undefined) return undefined;
  const identity = remoteIdentity(delivery.source.url);
  const remote = (await repository.remotes(signal)).find((item) => remoteIdentity(item.url) === identity);
  if (remote === undefined) return undefined;
  const followed = `${remote.name}/${branch}`;
  if ((await repository.resolve(`refs/remotes/${followed}`, signal)) === undefined) return undefined;
  const { path } = prepared.application.source;
  const isWorkingTree = tree.revision === 'worktree';
  const commits = await repository.log({
    from: `refs/remotes/${followed}`,
    to: isWorkingTree ? 'HEAD' : tree.revision,
    // Below the folder as well as what was read, since a deleted file is read no more.
    paths: [...new Set([path === '' ? '.' : path, ...prepared.files])],
    ...(signal === undefined ? {} : { signal }),
  });
  const edited = isWorkingTree ? await editedFiles(prepared, repository, signal) : [];
  if (commits.length === 0 && edited.length === 0) return undefined;
  const said = [
    ...(edited.length === 0 ? [] : [`${counted(edited.length, 'file')} with edits not committed`]),
    ...(commits.length === 0 ? [] : [`${counted(commits.length, 'commit')} not pushed to ${followed}`]),
  ];
  return {
    kind: 'not-pushed',
    message: `${said.join(', ')}: Flux does not see this yet.`,
    remedy: edited.length === 0 ? 'Push first.' : 'Commit and push first.',
  };
}

async function editedFiles(
  prepared: PreparedApplication,
  repository: GitRepository,
  signal: AbortSignal | undefined,
): Promise<string[]> {
  const { files } = await repository.status(signal);
  const read = new Set(prepared.files);
  return files
    .map((file) => file.path)
    .filter((path) => read.has(path) || isBelow(path, prepared.application.source.path));
}

function counted(count: number, what: string): string {
  return `${String(count)} ${what}${count === 1 ? '' : 's'}`;
}
