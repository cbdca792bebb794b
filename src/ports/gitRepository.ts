import type { FileTree } from './fileTree.ts';

export interface Commit {
  id: string;
  subject: string;
  author: string;
  /** When it came to be in this form (committer date), RFC 3339. */
  at: string;
}

export interface BlameLine {
  /** Undefined while the line is not committed. */
  commit: Commit | undefined;
  uncommitted: boolean;
}

/** What Plumbline needs of a Git repository. Throws GitError. Reads take no optional locks. */
export interface GitRepository {
  /** Absolute path of the working tree's root. */
  readonly root: string;
  head(signal?: AbortSignal): Promise<{ commit: string; branch?: string } | undefined>;
  /**
   * Changes when HEAD, a branch, a remote's branch, the index or the configuration did; equal while none did. Looks at a few files
   * and starts no program. The files of the working tree are not part of it.
   */
  fingerprint(signal?: AbortSignal): Promise<string>;
  /** Full commit id, or undefined where the revision is not in this clone. */
  resolve(revision: string, signal?: AbortSignal): Promise<string | undefined>;
  /** Fetch URLs as configured, credentials in them left out. */
  remotes(signal?: AbortSignal): Promise<{ name: string; url: string }[]>;
  /** Commits reachable from `to` and not from `from`, newest first; only those that touch `paths` where given. */
  log(options: {
    from?: string;
    to: string;
    paths?: readonly string[];
    limit?: number;
    signal?: AbortSignal;
  }): Promise<Commit[]>;
  /**
   * The commits that last set lines (from 1) of a file in the working tree, or of `contents` in its place; by line, without those that
   * it does not have. One run of Git, however many lines are asked for.
   */
  blame(
    path: string,
    options: { lines: readonly number[]; contents?: Uint8Array; signal?: AbortSignal },
  ): Promise<ReadonlyMap<number, BlameLine>>;
  /** Files of the working tree: tracked and untracked, without ignored ones. */
  workingTree(): FileTree;
  /**
   * Files of a commit, raw blobs in a private folder until disposed (design §3.1). `below` keeps it to some folders.
   * Throws GitError `missing-revision` where the commit is not in this clone.
   */
  tree(commit: string, options?: { below?: readonly string[]; signal?: AbortSignal }): Promise<FileTree>;
  status(signal?: AbortSignal): Promise<RepositoryStatus>;
  /**
   * Commits the chosen files and nothing else. A file that is partly staged is committed as staged; any other as it is in the
   * working tree. Hooks and signing are the user's own. Returns the new commit's id.
   * Throws GitError `nothing-to-commit`, `identity-unknown`, `hook-failed`, `signing-failed`, `locked`.
   */
  commit(options: { paths: readonly string[]; message: string; signal?: AbortSignal }): Promise<string>;
  /**
   * Pushes the current branch to its upstream, or to `remote` (setting the upstream) where it has none.
   * Throws GitError `rejected`, `unauthorized`, `unreachable`, `hook-failed`, `no-upstream`, `detached`.
   */
  push(options?: { remote?: string; signal?: AbortSignal }): Promise<{ remote: string; branch: string }>;
  /** Throws GitError `unauthorized`, `unreachable`. */
  fetch(options?: { remote?: string; signal?: AbortSignal }): Promise<void>;
  /**
   * Makes files (or all files below folders) in the working tree what they were in a commit; those that did not exist then are
   * removed. Nothing is staged, and files that Git does not know stay, but for those of `made`: files that the caller has made itself.
   * Returns the paths that changed.
   */
  restore(options: {
    commit: string;
    paths: readonly string[];
    made?: readonly string[];
    signal?: AbortSignal;
  }): Promise<string[]>;
  /** Creates a branch at HEAD and switches to it; files stay as they are. */
  createBranch(name: string, signal?: AbortSignal): Promise<void>;
  /** Removes what trees of commits left for each other to reuse. */
  dispose(): Promise<void>;
}

export interface RepositoryStatus {
  /** Undefined while HEAD is detached. */
  branch?: string;
  upstream?: { remote: string; branch: string; ahead: number; behind: number };
  files: FileStatus[];
}

export interface FileStatus {
  path: string;
  /** Something of it is staged for the next commit. */
  staged: boolean;
  /** Something of it differs between the index and the working tree; untracked files do. */
  unstaged: boolean;
  change: 'added' | 'modified' | 'deleted' | 'untracked' | 'unmerged';
}
