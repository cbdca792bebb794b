import type { Application } from '../../core/delivery/application.ts';
import { isBelow } from '../../core/repositoryPath.ts';
import type { Commit, FileStatus, GitRepository } from '../../ports/gitRepository.ts';
import { type CommitStages, readCommitStages, readOlderCommits } from './commitStages.ts';
import type { EngineState } from './engineState.ts';

/** Commits before those of which it is asked whether they are applied. */
export interface OlderCommits {
  commits: readonly Commit[];
  more: boolean;
}

const olderAtOnce = 20;

/** What Git says of one application's commits. Asked again only when a commit, a file or the engine has moved. */
export class CommitHistory {
  readonly #repository: GitRepository;
  readonly #unsaved: () => ReadonlySet<string>;
  /** Files outside of the application's folder that a render has read: commits that touch them are its own as well. */
  readonly #files = new Set<string>();
  #stages: { known: CommitStages; engine: string } | undefined;
  #place: { urls: string[]; branch: string | undefined } | undefined;
  #older: OlderCommits | undefined;
  #moves = 0;

  /** `unsaved` are paths from the root of files whose editors are not saved. */
  constructor(repository: GitRepository, unsaved: () => ReadonlySet<string>) {
    this.#repository = repository;
    this.#unsaved = unsaved;
  }

  /** Undefined until asked for. */
  get older(): OlderCommits | undefined {
    return this.#older;
  }

  /** HEAD, a branch, the index or a file has changed. */
  forget(): void {
    this.#stages = undefined;
    this.#place = undefined;
    this.#older = undefined;
    this.#moves += 1;
  }

  /** Takes over what a render has read; true where that makes other commits the application's own. */
  learnFiles(files: readonly string[], { source }: Application): boolean {
    const before = this.#files.size;
    for (const file of files) if (!isBelow(file, source.path)) this.#files.add(file);
    return this.#files.size > before;
  }

  /** URLs of the remotes, and the branch that is checked out. */
  async place(signal: AbortSignal): Promise<{ urls: string[]; branch: string | undefined }> {
    if (this.#place !== undefined) return this.#place;
    const asked = this.#moves;
    const [remotes, head] = await Promise.all([this.#repository.remotes(signal), this.#repository.head(signal)]);
    const place = { urls: remotes.map((remote) => remote.url), branch: head?.branch };
    if (asked === this.#moves) this.#place = place;
    return place;
  }

  async stages(application: Application, engine: EngineState, signal: AbortSignal): Promise<CommitStages> {
    const key = JSON.stringify([engine, this.#files.size]);
    if (this.#stages?.engine === key) return this.#withUnsaved(this.#stages.known, application);
    const asked = this.#moves;
    const question = { id: application.id, ...this.#questionOf(application) };
    const known = await readCommitStages(this.#repository, question, engine, signal);
    // A change that came while Git answered is not known yet.
    if (asked === this.#moves) this.#stages = { known, engine: key };
    return this.#withUnsaved(known, application);
  }

  /** Reads the next older commits, from a commit on. */
  async loadOlder(application: Application, from: string): Promise<void> {
    const count = (this.#older?.commits.length ?? 0) + olderAtOnce;
    // One more than is shown tells whether there are more.
    const commits = await readOlderCommits(this.#repository, this.#questionOf(application), from, count + 1);
    this.#older = { commits: commits.slice(0, count), more: commits.length > count };
  }

  #questionOf({ source }: Application): { path: string; files: string[] } {
    return { path: source.path, files: [...this.#files] };
  }

  /** What is typed and not saved is no less of the working tree. */
  #withUnsaved(stages: CommitStages, { source }: Application): CommitStages {
    const edited = new Map(stages.edited.map((file) => [file.path, file]));
    for (const path of this.#unsaved()) {
      if (!isBelow(path, source.path) && !this.#files.has(path)) continue;
      const unsaved: FileStatus = { path, staged: false, unstaged: true, change: 'modified' };
      edited.set(path, edited.get(path) ?? unsaved);
    }
    return { ...stages, edited: [...edited.values()] };
  }
}
