import { access, constants, copyFile, rm, stat, utimes } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { GitError } from '../../ports/gitError.ts';
import type { FileStatus } from '../../ports/gitRepository.ts';
import { makePrivateFolder } from '../files/privateFolder.ts';
import type { GitCommand } from './gitCommand.ts';

/** States in which Git itself refuses to commit some files only. */
const operations = ['MERGE_HEAD', 'CHERRY_PICK_HEAD', 'REVERT_HEAD', 'rebase-merge', 'rebase-apply'];
const hooks = ['pre-commit', 'prepare-commit-msg', 'commit-msg'];
/** Hooks run linters and builds, and a signing key may ask for a touch. */
const commitTimeout = 600_000;

/**
 * Commits some files by an index of its own, so that whatever else is staged stays staged and is not committed. A partly staged
 * file is committed as staged; any other as it is in the working tree. Returns the new commit's id. Throws GitError.
 */
export async function commitFiles(
  git: GitCommand,
  files: readonly FileStatus[],
  message: string,
  signal?: AbortSignal,
): Promise<string> {
  if (files.length === 0) {
    throw new GitError('nothing-to-commit', 'nothing of the chosen files differs from the last commit');
  }
  await refuseUnfinished(git, files, signal);
  const folder = await makePrivateFolder('index');
  try {
    const index = join(folder.path, 'index');
    const env = { GIT_INDEX_FILE: index };
    await copyIndex(await gitPath(git, 'index', signal), index);
    const head = await git.run(['rev-parse', '--verify', '--quiet', 'HEAD'], { signal }).catch(() => '');
    await git.run(head === '' ? ['read-tree', '--empty'] : ['read-tree', '--reset', 'HEAD'], { env, signal });

    const partly = files.filter((file) => file.staged && file.unstaged);
    const whole = files.filter((file) => !partly.includes(file)).map((file) => file.path);
    if (partly.length > 0) await copyStaged(git, partly, env, signal);
    if (whole.length > 0) {
      // `--all` records files that are gone as well.
      const stdin = whole.join('\0');
      await git.run(['--literal-pathspecs', 'add', '--all', '--pathspec-from-file=-', '--pathspec-file-nul'], {
        stdin,
        env,
        signal,
      });
    }
    await runCommit(git, message, env, signal);
    // The user's index gets what was committed (a hook may have changed it), and keeps all else.
    const paths = files.map((file) => file.path).join('\0');
    await git.run(['--literal-pathspecs', 'reset', '-q', '--pathspec-from-file=-', '--pathspec-file-nul'], {
      stdin: paths,
    });
    return (await git.run(['rev-parse', 'HEAD'])).trim();
  } finally {
    await folder.remove();
  }
}

/**
 * Git's own index serves as start, because it knows which files are unchanged without reading them. Its time is part of that knowledge:
 * a file written in the same second as the index is looked into, so a copy that seemed younger would hide a change of equal length.
 */
async function copyIndex(from: string, to: string): Promise<void> {
  try {
    await copyFile(from, to);
    const { mtimeMs } = await stat(from);
    const second = Math.floor(mtimeMs / 1000);
    await utimes(to, second, second);
  } catch {
    // A repository without an index yet starts with an empty one.
    await rm(to, { force: true });
  }
}

async function runCommit(
  git: GitCommand,
  message: string,
  env: Record<string, string>,
  signal?: AbortSignal,
): Promise<void> {
  try {
    await git.run(['commit', '--quiet', '--file=-'], {
      stdin: message,
      env,
      signal,
      timeoutMilliseconds: commitTimeout,
      doing: 'commit',
    });
  } catch (error) {
    if (!GitError.is(error, 'failed')) throw error;
    if (error.detail === '' || error.detail.includes('failed to write commit object')) await refuseUnsigned(git, error);
    const hook = await firstHook(git, hooks);
    if (hook === undefined) throw error;
    throw new GitError('hook-failed', `the hook ${hook} refused the commit`, {
      detail: error.detail,
      remedy: 'Do what the hook asks for, then commit again.',
      cause: error,
    });
  }
}

/** Git says nothing when the signing program ends before it was given the commit. */
async function refuseUnsigned(git: GitCommand, error: GitError): Promise<void> {
  const signs = await git.run(['config', '--type=bool', '--get', 'commit.gpgsign']).catch(() => '');
  if (signs.trim() !== 'true') return;
  throw new GitError('signing-failed', 'commit: the commit could not be signed', {
    detail: error.detail,
    remedy: 'Check user.signingkey and that the signing program can reach the key, or unset commit.gpgsign.',
    cause: error,
  });
}

async function copyStaged(
  git: GitCommand,
  files: readonly FileStatus[],
  env: Record<string, string>,
  signal?: AbortSignal,
): Promise<void> {
  const staged = await git.run(
    ['--literal-pathspecs', 'ls-files', '-z', '--stage', '--', ...files.map((file) => file.path)],
    {
      signal,
    },
  );
  const present = new Set<string>();
  for (const record of staged.split('\0')) if (record !== '') present.add(record.slice(record.indexOf('\t') + 1));
  // What is staged as a removal has no entry; mode 0 takes it out.
  const removed = files.filter((file) => !present.has(file.path)).map((file) => `0 ${'0'.repeat(40)}\t${file.path}\0`);
  await git.run(['update-index', '-z', '--index-info'], { stdin: staged + removed.join(''), env, signal });
}

async function refuseUnfinished(git: GitCommand, files: readonly FileStatus[], signal?: AbortSignal): Promise<void> {
  const unmerged = files.find((file) => file.change === 'unmerged');
  if (unmerged !== undefined) {
    throw new GitError('failed', `commit: ${unmerged.path} has merge conflicts`, {
      remedy: 'Resolve the conflicts first.',
    });
  }
  for (const name of operations) {
    if (!(await exists(await gitPath(git, name, signal)))) continue;
    throw new GitError('failed', 'commit: a merge, rebase or cherry-pick is not finished', {
      remedy: 'Finish or abort it, then commit again.',
    });
  }
}

/** The first of the named hooks that Git would run, or undefined. */
export async function firstHook(git: GitCommand, names: readonly string[]): Promise<string | undefined> {
  const folder = await gitPath(git, 'hooks');
  for (const name of names) if (await exists(join(folder, name), constants.X_OK)) return name;
  return undefined;
}

async function gitPath(git: GitCommand, name: string, signal?: AbortSignal): Promise<string> {
  return resolve(git.directory, (await git.run(['rev-parse', '--git-path', name], { signal })).trim());
}

async function exists(path: string, mode = constants.F_OK): Promise<boolean> {
  return access(path, mode).then(
    () => true,
    () => false,
  );
}
