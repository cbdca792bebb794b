import type { Location } from '../../core/location.ts';
import type { FileTree } from '../../ports/fileTree.ts';
import type { GitRepository } from '../../ports/gitRepository.ts';
import { GitError } from '../../ports/gitError.ts';

/** Later than every commit: a line that is not committed yet is newer than whatever was applied. */
const notCommittedYet = '9999-12-31T23:59:59Z';

/**
 * When the line that decides a value was last committed: the time test of design §2.1. Only lines of the working tree are known;
 * outside of a repository there is no time, and then nothing is guessed.
 */
export class CommitTimes {
  readonly #repository: GitRepository | undefined;
  readonly #known = new Map<string, Promise<string | undefined>>();

  constructor(repository: GitRepository | undefined) {
    this.#repository = repository;
  }

  /** RFC 3339, or undefined where Git cannot tell. */
  async timeOf(location: Location, tree: FileTree, signal?: AbortSignal): Promise<string | undefined> {
    const repository = this.#repository;
    const { file, line } = location;
    if (repository === undefined || line === undefined || tree.revision !== 'worktree') return undefined;
    const id = `${file}\n${(await tree.fingerprint(file)) ?? ''}\n${line}`;
    let time = this.#known.get(id);
    if (time === undefined) {
      time = this.#ask(repository, file, line, signal);
      this.#known.set(id, time);
      // A blame that was cut short is asked again next time.
      time.catch(() => this.#known.delete(id));
    }
    return time;
  }

  async #ask(
    repository: GitRepository,
    file: string,
    line: number,
    signal: AbortSignal | undefined,
  ): Promise<string | undefined> {
    try {
      const blamed = await repository.blame(file, line, signal);
      if (blamed === undefined) return undefined;
      return blamed.uncommitted ? notCommittedYet : blamed.commit?.at;
    } catch (error) {
      if (GitError.is(error)) return undefined;
      throw error;
    }
  }
}
