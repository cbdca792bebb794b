/** Why a path that a revision holds cannot be read as a file. */
export type Withheld = 'submodule' | 'outside-repository' | 'too-large';

/**
 * Files of a repository as they are in one revision or in the working tree (unsaved editors included where the editor gives it).
 * Paths are from the repository's root, with forward slashes; none can leave it.
 */
export interface FileTree {
  /** `worktree` or a full commit id. */
  readonly revision: string;
  /** Folder on disk under which these very files can be read by a renderer. Undefined where there is none (virtual workspaces). */
  readonly directory: string | undefined;
  /** All files below a folder (default: all), sorted; ignored and `.git` files left out. */
  list(below?: string, signal?: AbortSignal): Promise<string[]>;
  /** Undefined where the file does not exist. Bytes, since not every file is text. */
  read(path: string, signal?: AbortSignal): Promise<Uint8Array | undefined>;
  /** The id that Git gives to the content; undefined where the file does not exist. Cheap when nothing changed. */
  fingerprint(path: string): Promise<string | undefined>;
  /** Why there is nothing to read at a path that the revision has, or below it; undefined where nothing stands in the way. */
  withheld(path: string): Promise<Withheld | undefined>;
  /** Removes what was made for it. */
  dispose(): Promise<void>;
}
