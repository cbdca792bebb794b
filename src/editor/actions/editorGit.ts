import * as vscode from 'vscode';
import { GitError, type GitErrorReason } from '../../ports/gitError.ts';
import type { GitRepository } from '../../ports/gitRepository.ts';
import type { Log } from '../../ports/log.ts';
import type { GitWriter } from '../../services/rollback/commitAndPush.ts';
import { redactCredentials } from '../log/redactedLog.ts';
import type { EditorRepository, GitExtension } from './gitExtension.ts';

/**
 * Commits and pushes through VS Code's own Git extension where it has the repository, so that its credentials, its prompts and its locks
 * serve (design §4, Git). A commit goes through it only where what is staged is exactly what was chosen; any other choice is committed
 * by Plumbline's own port, which leaves the index as it is.
 */
export async function editorGitWriter(repository: GitRepository, log: Log): Promise<GitWriter> {
  const editors = await editorRepository(repository.root);
  if (editors === undefined) return repository;
  return {
    async commit(options) {
      await editors.status();
      if (!isExactlyStaged(editors, options.paths)) {
        const commit = await repository.commit(options);
        // Its Source Control view need not wait for its own look at the files.
        await editors.status();
        return commit;
      }
      log.info(`Committing what is staged through the editor's Git`);
      await translated('commit', () => editors.commit(options.message));
      const head = await repository.head();
      if (head === undefined) throw new GitError('failed', 'The commit was made, but HEAD cannot be read.');
      return head.commit;
    },
    async push({ remote } = {}) {
      await editors.status();
      const { HEAD: head, remotes } = editors.state;
      const branch = head?.name;
      if (branch === undefined) return repository.push(remote === undefined ? {} : { remote });
      const to = head?.upstream?.remote ?? remote ?? remotes[0]?.name;
      if (to === undefined) {
        throw new GitError('no-upstream', 'There is no remote to push to.', {
          remedy: 'Add one with `git remote add`.',
        });
      }
      const upstream = head?.upstream?.name;
      const name = upstream === undefined || upstream === branch ? branch : `${branch}:${upstream}`;
      log.info(`Pushing ${branch} to ${to} through the editor's Git`);
      await translated('push', () => editors.push(to, name, upstream === undefined));
      return { remote: to, branch: upstream ?? branch };
    },
  };
}

async function editorRepository(root: string): Promise<EditorRepository | undefined> {
  const extension = vscode.extensions.getExtension<GitExtension>('vscode.git');
  if (extension === undefined) return undefined;
  const git = await Promise.resolve(extension.activate()).catch(() => undefined);
  if (git?.enabled !== true) return undefined;
  const found = git.getAPI(1).getRepository(vscode.Uri.file(root));
  // The nearest repository above a folder is not always the folder's own.
  return found !== null && samePath(found.rootUri.fsPath, root) ? found : undefined;
}

function isExactlyStaged({ rootUri, state }: EditorRepository, paths: readonly string[]): boolean {
  if (state.mergeChanges.length > 0 || state.indexChanges.length !== paths.length) return false;
  const start = `${rootUri.path.replace(/\/$/, '')}/`;
  return state.indexChanges.every(({ uri, status }) => {
    if (status > 2 || !uri.path.startsWith(start)) return false;
    return paths.includes(uri.path.slice(start.length));
  });
}

const reasons: Readonly<Record<string, GitErrorReason>> = {
  PushRejected: 'rejected',
  ForcePushWithLeaseRejected: 'rejected',
  AuthenticationFailed: 'unauthorized',
  PermissionDenied: 'unauthorized',
  RemoteConnectionError: 'unreachable',
  CantAccessRemote: 'unreachable',
  RepositoryNotFound: 'unreachable',
  NoUpstreamBranch: 'no-upstream',
  RepositoryIsLocked: 'locked',
  NoUserNameConfigured: 'identity-unknown',
  NoUserEmailConfigured: 'identity-unknown',
  GpgSignFailed: 'signing-failed',
};

const remedies: Partial<Record<GitErrorReason, string>> = {
  rejected: 'Pull first.',
  unauthorized: 'Sign in to the remote, then try again.',
  unreachable: 'Check the network and the URL of the remote.',
  locked: 'Wait until the other Git program has ended, then try again.',
  'identity-unknown': 'Set user.name and user.email.',
};

/** What the editor's Git throws, as the error that services know. */
async function translated(what: 'commit' | 'push', work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const { gitErrorCode, stderr } = (error ?? {}) as { gitErrorCode?: unknown; stderr?: unknown };
    const detail = redactCredentials(typeof stderr === 'string' ? stderr : error instanceof Error ? error.message : '');
    const known = typeof gitErrorCode === 'string' ? reasons[gitErrorCode] : undefined;
    const reason = known ?? (/hook/i.test(detail) ? 'hook-failed' : 'failed');
    const message = what === 'push' ? 'The push did not succeed.' : 'The commit was not made.';
    const remedy = remedies[reason];
    throw new GitError(reason, message, {
      detail: lastLines(detail),
      cause: error,
      ...(remedy === undefined ? {} : { remedy }),
    });
  }
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-5).join('\n');
}

function samePath(a: string, b: string): boolean {
  const plain = (path: string): string => path.replaceAll('\\', '/').replace(/\/$/, '');
  return plain(a) === plain(b);
}
