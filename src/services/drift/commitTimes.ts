import type { Location } from '../../core/location.ts';
import { mapLimited } from '../../core/mapLimited.ts';
import type { FileTree } from '../../ports/fileTree.ts';
import { GitError } from '../../ports/gitError.ts';
import type { BlameLine, GitRepository } from '../../ports/gitRepository.ts';

/** Later than every commit: a line that is not committed yet is newer than whatever was applied. */
const notCommittedYet = '9999-12-31T23:59:59Z';
/** Runs of Git at once. */
const filesAtOnce = 4;

/** What Git said of the lines of one file, as long as the file has this content. */
interface KnownFile {
  fingerprint: string;
  times: Map<number, string | undefined>;
}

/**
 * When the lines that decide values were last committed: the time test of design §2.1. Only lines of the working tree are known; outside of
 * a repository there is no time, and then nothing is guessed. Git is asked once per file for all lines that are not known of its content
 * at the revision that is checked out.
 */
export class CommitTimes {
  readonly #repository: GitRepository | undefined;
  #state: string | undefined;
  #known = new Map<string, KnownFile>();

  constructor(repository: GitRepository | undefined) {
    this.#repository = repository;
  }

  /** RFC 3339 for each location, or undefined where Git cannot tell. */
  async timesOf(locations: readonly Location[], tree: FileTree, signal?: AbortSignal): Promise<(string | undefined)[]> {
    const repository = this.#repository;
    if (repository === undefined || tree.revision !== 'worktree' || locations.length === 0) {
      return locations.map(() => undefined);
    }
    const state = await repository.fingerprint(signal);
    if (state !== this.#state) this.#known = new Map();
    this.#state = state;
    const known = this.#known;
    const files = [...new Set(locations.map(({ file }) => file))];
    const learn = async (file: string): Promise<void> => {
      const lines = locations.flatMap((location) => (location.file === file ? (location.line ?? []) : []));
      await this.#learn(repository, { file, lines, known, tree }, signal);
    };
    await mapLimited(files, filesAtOnce, learn, signal);
    return locations.map(({ file, line }) => (line === undefined ? undefined : known.get(file)?.times.get(line)));
  }

  /** Asks for what is not known of a file yet. What was cut short is asked again next time. */
  async #learn(
    repository: GitRepository,
    {
      file,
      lines,
      known,
      tree,
    }: { file: string; lines: readonly number[]; known: Map<string, KnownFile>; tree: FileTree },
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const fingerprint = (await tree.fingerprint(file)) ?? '';
    const before = known.get(file);
    const entry =
      before?.fingerprint === fingerprint ? before : { fingerprint, times: new Map<number, string | undefined>() };
    known.set(file, entry);
    const open = lines.filter((line) => !entry.times.has(line));
    if (open.length === 0) return;
    // An editor may hold another text than the disk; the lines are those of the text that was read.
    const contents = await tree.read(file, signal);
    if (contents === undefined) return;
    const blamed = await blame(repository, file, {
      lines: open,
      contents,
      ...(signal === undefined ? {} : { signal }),
    });
    for (const line of open) entry.times.set(line, timeOf(blamed.get(line)));
  }
}

async function blame(
  repository: GitRepository,
  file: string,
  options: Parameters<GitRepository['blame']>[1],
): Promise<ReadonlyMap<number, BlameLine>> {
  try {
    return await repository.blame(file, options);
  } catch (error) {
    if (GitError.is(error)) return new Map();
    throw error;
  }
}

function timeOf(line: BlameLine | undefined): string | undefined {
  return line?.uncommitted === true ? notCommittedYet : line?.commit?.at;
}
