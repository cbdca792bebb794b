import type { Application } from '../../core/delivery/application.ts';
import { remoteIdentity } from '../../core/delivery/remoteUrl.ts';
import { engineName } from '../../core/explain/findings.ts';
import { english } from '../../core/explain/wording.ts';
import { isBelow } from '../../core/repositoryPath.ts';
import type { Gate } from '../../core/report.ts';
import type { FileTree } from '../../ports/fileTree.ts';
import type { GitRepository } from '../../ports/gitRepository.ts';

/** An application, and where its engine fetches it from. */
export interface PushedSource {
  application: Application;
  /** What its render read. */
  files: readonly string[];
  url: string;
  branch: string;
}

/**
 * What of applications in view is not yet where their engine fetches: commits that were not pushed, edits that were not committed
 * (design §2, "gate"). Remembers what Git said for as long as HEAD, refs, index and the files in question stay the same: then a
 * report starts no program.
 */
export class PushGates {
  readonly #repository: GitRepository;
  #state = '';
  readonly #answers = new Map<string, { key: string; answer: Promise<unknown> }>();

  constructor(repository: GitRepository) {
    this.#repository = repository;
  }

  /**
   * By application id. None where the engine can fetch all of it, or where the branch that it follows was never fetched here.
   * `listed` are the tree's files, which the caller has at hand.
   */
  async gatesOf(
    sources: readonly PushedSource[],
    tree: FileTree,
    listed: readonly string[],
    signal?: AbortSignal,
  ): Promise<Map<string, Gate>> {
    const gates = new Map<string, Gate>();
    if (sources.length === 0) return gates;
    await this.#forgetOld(signal);
    const edited = tree.revision === 'worktree' ? await this.#edited(sources, tree, listed, signal) : [];
    for (const source of sources) {
      const gate = await this.#gateOf(source, edited, tree, signal);
      if (gate !== undefined) gates.set(source.application.id, gate);
    }
    return gates;
  }

  async #gateOf(
    source: PushedSource,
    editedFiles: readonly string[],
    tree: FileTree,
    signal: AbortSignal | undefined,
  ): Promise<Gate | undefined> {
    const { application, files, url, branch } = source;
    const identity = remoteIdentity(url);
    const remotes = await this.#once('remotes', '', () => this.#repository.remotes(signal));
    const remote = remotes.find((item) => remoteIdentity(item.url) === identity);
    if (remote === undefined) return undefined;
    const name = `${remote.name}/${branch}`;
    const from = `refs/remotes/${name}`;
    if ((await this.#once(from, '', () => this.#repository.resolve(from, signal))) === undefined) return undefined;
    const { path } = application.source;
    const to = tree.revision === 'worktree' ? 'HEAD' : tree.revision;
    // Below the folder as well as what was read, since a deleted file is read no more.
    const paths = [...new Set([path === '' ? '.' : path, ...files])];
    const commits = await this.#once(`commits ${application.id}`, JSON.stringify([from, to, paths]), () =>
      this.#repository.log({ from, to, paths, ...(signal === undefined ? {} : { signal }) }),
    );
    const read = new Set(files);
    const edited = editedFiles.filter((file) => read.has(file) || isBelow(file, path));
    if (commits.length === 0 && edited.length === 0) return undefined;
    const said = [
      ...(edited.length === 0 ? [] : [`${counted(edited.length, 'file')} with edits not committed`]),
      ...(commits.length === 0 ? [] : [`${counted(commits.length, 'commit')} not pushed to ${name}`]),
    ];
    return {
      kind: 'not-pushed',
      message: `${said.join(', ')}: ${engineName(application.engine, english)} does not see this yet.`,
      remedy: edited.length === 0 ? 'Push first.' : 'Commit and push first.',
    };
  }

  /** Files with edits; asked of Git again only when a file of the applications came, went or changed. */
  async #edited(
    sources: readonly PushedSource[],
    tree: FileTree,
    listed: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<readonly string[]> {
    const read = new Set(sources.flatMap((source) => source.files));
    const paths = [...new Set(sources.map((source) => source.application.source.path))];
    const watched = listed.filter((file) => read.has(file) || paths.some((path) => isBelow(file, path)));
    const prints = await Promise.all(watched.map((file) => tree.fingerprint(file)));
    const key = JSON.stringify([watched, prints]);
    const status = await this.#once('status', key, () => this.#repository.status(signal));
    return status.files.map((file) => file.path);
  }

  async #forgetOld(signal: AbortSignal | undefined): Promise<void> {
    const state = await this.#repository.fingerprint(signal);
    if (state !== this.#state) this.#answers.clear();
    this.#state = state;
  }

  /** One answer is kept for each name. What failed or was cancelled is asked again. */
  #once<T>(name: string, key: string, ask: () => Promise<T>): Promise<T> {
    const known = this.#answers.get(name);
    if (known?.key === key) return known.answer as Promise<T>;
    const answer = ask().catch((error: unknown) => {
      if (this.#answers.get(name)?.answer === answer) this.#answers.delete(name);
      throw error;
    });
    this.#answers.set(name, { key, answer });
    return answer;
  }
}

function counted(count: number, what: string): string {
  return `${String(count)} ${what}${count === 1 ? '' : 's'}`;
}
