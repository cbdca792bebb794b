import { realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { joinPath } from '../../core/repositoryPath.ts';
import type { FileTree } from '../../ports/fileTree.ts';
import { GitError } from '../../ports/gitError.ts';
import type { BlameLine, Commit, GitRepository, RepositoryStatus } from '../../ports/gitRepository.ts';
import type { ProcessRunner } from '../../ports/processRunner.ts';
import { insideRepository } from '../files/insideRepository.ts';
import { blameLines } from './blame.ts';
import { BlobStore } from './blobStore.ts';
import { commitFiles, firstHook } from './commitFiles.ts';
import { commitTree } from './commitTree.ts';
import { GitCommand } from './gitCommand.ts';
import { withoutCredentials } from './gitErrors.ts';
import { GitReader } from './gitReader.ts';
import { logFormat, parseLog } from './history.ts';
import { parseStatus } from './status.ts';
import { StateFingerprint } from './stateFingerprint.ts';
import { parseTreeEntries } from './treeEntries.ts';
import { workingTree } from './workingTree.ts';

const networkTimeout = 300_000;

/**
 * The repository that holds a folder. Throws GitError `not-a-repository`, `unsafe-ownership` or `missing-binary`.
 */
export async function openRepository(
  directory: string,
  runner: ProcessRunner,
  signal?: AbortSignal,
): Promise<GitRepository> {
  const found = await new GitReader(directory).read(['rev-parse', '--show-toplevel'], signal);
  return new LocalRepository(await realpath(found.replace(/\r?\n$/, '')), runner);
}

class LocalRepository implements GitRepository {
  readonly root: string;
  readonly #reader: GitReader;
  readonly #git: GitCommand;
  readonly #blobs: BlobStore;
  readonly #state: StateFingerprint;

  constructor(root: string, runner: ProcessRunner) {
    this.root = root;
    this.#reader = new GitReader(root);
    this.#git = new GitCommand(root, runner);
    this.#blobs = new BlobStore(this.#git);
    this.#state = new StateFingerprint(root, this.#reader);
  }

  fingerprint(signal?: AbortSignal): Promise<string> {
    return this.#state.read(signal);
  }

  async head(signal?: AbortSignal): Promise<{ commit: string; branch?: string } | undefined> {
    const [commit, branch] = await Promise.all([this.resolve('HEAD', signal), this.#branch(signal)]);
    if (commit === undefined) return undefined;
    return { commit, ...(branch === undefined ? {} : { branch }) };
  }

  async resolve(revision: string, signal?: AbortSignal): Promise<string | undefined> {
    // A revision comes from clusters too (`lastAppliedRevision`), so it must never be read as an option.
    if (revision === '' || revision.startsWith('-') || /[\0\n]/.test(revision)) return undefined;
    try {
      const id = (await this.#reader.read(['rev-parse', '--verify', '--quiet', `${revision}^{commit}`], signal)).trim();
      // A full id is taken on trust by rev-parse only with its object at hand, thanks to `^{commit}`.
      return id === '' ? undefined : id;
    } catch (error) {
      if (GitError.is(error, 'missing-revision') || GitError.is(error, 'failed')) return undefined;
      throw error;
    }
  }

  async remotes(signal?: AbortSignal): Promise<{ name: string; url: string }[]> {
    const output = await this.#reader.read(['config', '-z', '--get-regexp', '^remote\\..*\\.url$'], signal);
    const remotes = new Map<string, string>();
    for (const record of output.split('\0')) {
      const lineEnd = record.indexOf('\n');
      if (lineEnd === -1) continue;
      const name = record.slice('remote.'.length, lineEnd - '.url'.length);
      if (!remotes.has(name)) remotes.set(name, withoutCredentials(record.slice(lineEnd + 1)));
    }
    return [...remotes].map(([name, url]) => ({ name, url }));
  }

  async log(options: {
    from?: string;
    to: string;
    paths?: readonly string[];
    limit?: number;
    signal?: AbortSignal;
  }): Promise<Commit[]> {
    const to = await this.#need(options.to, options.signal);
    const from = options.from === undefined ? [] : [`^${await this.#need(options.from, options.signal)}`];
    const limit = options.limit === undefined ? [] : [`--max-count=${options.limit}`];
    const paths = options.paths?.filter((path) => path !== '' && path !== '.') ?? [];
    // No path at all means no limit; an empty one means the root, which is all of them as well.
    const pathspec = paths.length === 0 || paths.length < (options.paths?.length ?? 0) ? [] : paths;
    const output = await this.#reader.read(
      ['--literal-pathspecs', 'log', '-z', logFormat, ...limit, to, ...from, '--', ...pathspec],
      options.signal,
    );
    return parseLog(output);
  }

  async blame(
    path: string,
    options: { lines: readonly number[]; contents?: Uint8Array; signal?: AbortSignal },
  ): Promise<Map<number, BlameLine>> {
    return blameLines(this.#git, this.#inside(path), options.lines, options);
  }

  workingTree(): FileTree {
    return workingTree(this.root, this.#reader);
  }

  async tree(commit: string, options: { below?: readonly string[]; signal?: AbortSignal } = {}): Promise<FileTree> {
    const id = await this.#need(commit, options.signal);
    const below = (options.below ?? []).filter((path) => path !== '' && path !== '.');
    const limit = below.length === 0 || below.length < (options.below?.length ?? 0) ? [] : ['--', ...below];
    const args = ['--literal-pathspecs', 'ls-tree', '-r', '-z', '-l', '--full-tree', id, ...limit];
    const { entries, refused } = parseTreeEntries(await this.#reader.read(args, options.signal));
    return commitTree(id, entries, refused, this.#blobs, options.signal);
  }

  async status(signal?: AbortSignal): Promise<RepositoryStatus> {
    const [output, branch] = await Promise.all([
      // A rename would name the new path alone, and a commit of that would keep the old file.
      this.#reader.read(['status', '--porcelain=v2', '-z', '--untracked-files=all', '--no-renames'], signal),
      this.#branch(signal),
    ]);
    const upstream = branch === undefined ? undefined : await this.#upstream(branch, signal);
    return {
      files: parseStatus(output),
      ...(branch === undefined ? {} : { branch }),
      ...(upstream === undefined ? {} : { upstream }),
    };
  }

  async commit(options: { paths: readonly string[]; message: string; signal?: AbortSignal }): Promise<string> {
    const wanted = new Set(options.paths.map((path) => this.#inside(path)));
    const { files } = await this.status(options.signal);
    const chosen = files.filter((file) => wanted.has(file.path));
    return commitFiles(this.#git, chosen, options.message, options.signal);
  }

  async push(options: { remote?: string; signal?: AbortSignal } = {}): Promise<{ remote: string; branch: string }> {
    const branch = await this.#branch(options.signal);
    if (branch === undefined) {
      throw new GitError('detached', 'push: HEAD is not on a branch', {
        remedy: 'Create or check out a branch first.',
      });
    }
    const upstream = await this.#upstream(branch, options.signal);
    const remote = options.remote ?? upstream?.remote;
    if (remote === undefined) {
      throw new GitError('no-upstream', `push: the branch ${branch} has no upstream`, {
        remedy: 'Name the remote to push to.',
      });
    }
    this.#refuseOption(remote);
    const target = upstream?.remote === remote ? upstream.branch : branch;
    const setUpstream = upstream === undefined ? ['--set-upstream'] : [];
    // Not --porcelain: that would put the rejection on standard output, without the reason in words.
    const args = ['push', ...setUpstream, remote, `refs/heads/${branch}:refs/heads/${target}`];
    try {
      await this.#git.run(args, {
        signal: options.signal,
        timeoutMilliseconds: networkTimeout,
        doing: `push to ${remote}`,
      });
    } catch (error) {
      if (!GitError.is(error, 'failed')) throw error;
      const hook = await firstHook(this.#git, ['pre-push']);
      if (hook === undefined) throw error;
      throw new GitError('hook-failed', `push: the hook ${hook} refused it`, {
        detail: error.detail,
        remedy: 'Do what the hook asks for, then push again.',
        cause: error,
      });
    }
    return { remote, branch: target };
  }

  async fetch(options: { remote?: string; signal?: AbortSignal } = {}): Promise<void> {
    const remote = options.remote ?? 'origin';
    this.#refuseOption(remote);
    await this.#git.run(['fetch', '--quiet', '--prune', remote], {
      signal: options.signal,
      timeoutMilliseconds: networkTimeout,
      doing: `fetch from ${remote}`,
    });
  }

  async restore(options: {
    commit: string;
    paths: readonly string[];
    made?: readonly string[];
    signal?: AbortSignal;
  }): Promise<string[]> {
    // Without a path Git would take all of them.
    if (options.paths.length === 0) return [];
    const commit = await this.#need(options.commit, options.signal);
    const paths = options.paths.map((path) => this.#inside(path) || '.');
    const output = await this.#git.run(
      ['--literal-pathspecs', 'diff', '--name-only', '--no-renames', '-z', commit, '--', ...paths],
      { signal: options.signal },
    );
    const changed = output.split('\0').filter((path) => path !== '');
    if (changed.length > 0) {
      await this.#git.run(
        [
          '--literal-pathspecs',
          'restore',
          `--source=${commit}`,
          '--worktree',
          '--pathspec-from-file=-',
          '--pathspec-file-nul',
        ],
        { stdin: changed.join('\0'), signal: options.signal, doing: 'restore' },
      );
    }
    return [...changed, ...(await this.#removeUntracked(options.made ?? [], options.signal))];
  }

  /** Of the given files, those that Git does not know. */
  async #removeUntracked(paths: readonly string[], signal: AbortSignal | undefined): Promise<string[]> {
    const inner = paths.map((path) => this.#inside(path)).filter((path) => path !== '');
    if (inner.length === 0) return [];
    const output = await this.#git.run(['--literal-pathspecs', 'ls-files', '-z', '--others', '--', ...inner], {
      signal,
    });
    const untracked = output.split('\0').filter((path) => inner.includes(path));
    for (const path of untracked) {
      const place = await insideRepository(this.root, path);
      if (place.kind === 'inside') await rm(join(this.root, path), { force: true });
    }
    return untracked;
  }

  async createBranch(name: string, signal?: AbortSignal): Promise<void> {
    this.#refuseOption(name);
    await this.#git.run(['switch', '--quiet', '--create', name], { signal, doing: `create the branch ${name}` });
  }

  async dispose(): Promise<void> {
    await this.#blobs.dispose();
  }

  async #branch(signal?: AbortSignal): Promise<string | undefined> {
    const branch = (await this.#reader.read(['symbolic-ref', '--quiet', '--short', 'HEAD'], signal)).trim();
    return branch === '' ? undefined : branch;
  }

  async #upstream(branch: string, signal?: AbortSignal): Promise<RepositoryStatus['upstream']> {
    const format = '--format=%(upstream:remotename)%00%(upstream:remoteref)%00%(upstream:track)';
    const output = await this.#reader.read(['for-each-ref', format, `refs/heads/${branch}`], signal);
    const [remote = '', ref = '', track = ''] = output.trim().split('\0');
    if (remote === '' || ref === '') return undefined;
    const count = (word: string): number => Number(new RegExp(`${word} (\\d+)`).exec(track)?.[1] ?? 0);
    return { remote, branch: ref.replace('refs/heads/', ''), ahead: count('ahead'), behind: count('behind') };
  }

  async #need(revision: string, signal?: AbortSignal): Promise<string> {
    const commit = await this.resolve(revision, signal);
    if (commit !== undefined) return commit;
    throw new GitError('missing-revision', `the revision ${revision} is not in this clone`, {
      remedy: 'Fetch it; a shallow clone needs git fetch --unshallow.',
    });
  }

  #inside(path: string): string {
    const inner = joinPath('', path);
    if (inner !== undefined) return inner;
    throw new GitError('outside-repository', `${path} is outside of the repository`);
  }

  #refuseOption(argument: string): void {
    if (argument.startsWith('-')) throw new GitError('failed', `${argument} is no name of a remote or branch`);
  }
}
