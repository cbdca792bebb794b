import type { FileTree } from './fileTree.ts';

export interface Commit {
  id: string;
  subject: string;
  author: string;
  /** RFC 3339 */
  at: string;
}

export interface BlameLine {
  commit: Commit;
  /** The line is not committed yet. */
  uncommitted: boolean;
}

/** What Plumbline needs of a Git repository. Throws GitError. Reads take no optional locks. */
export interface GitRepository {
  /** Absolute path of the working tree's root. */
  readonly root: string;
  head(signal?: AbortSignal): Promise<{ commit: string; branch?: string } | undefined>;
  /** Full commit id, or undefined where the revision is not in this clone. */
  resolve(revision: string, signal?: AbortSignal): Promise<string | undefined>;
  remotes(signal?: AbortSignal): Promise<{ name: string; url: string }[]>;
  /** Commits reachable from `to` and not from `from`, newest first; only those that touch `paths` where given. */
  log(options: {
    from?: string;
    to: string;
    paths?: readonly string[];
    limit?: number;
    signal?: AbortSignal;
  }): Promise<Commit[]>;
  /** The commit that last set a line (from 1) of a file in the working tree. */
  blame(path: string, line: number, signal?: AbortSignal): Promise<BlameLine | undefined>;
  /** Files of the working tree: tracked and untracked, without ignored ones. */
  workingTree(): FileTree;
  /** Files of a commit, raw blobs in a private folder until disposed (design §3.1). */
  tree(commit: string, options?: { below?: readonly string[]; signal?: AbortSignal }): Promise<FileTree>;
}
