import type { Disposable } from '../../core/emitter.ts';
import type { ClusterProvider } from '../../ports/cluster.ts';
import type { FileTree } from '../../ports/fileTree.ts';
import { CommitTimes } from '../../services/drift/commitTimes.ts';
import { DriftSession, type DriftSessionOptions } from '../../services/drift/driftSession.ts';
import type { DriftSettings } from '../../services/drift/driftSettings.ts';
import type { EditorParts, OpenedFolder } from './editorParts.ts';
import { isHistory, relativeTo } from './folderPaths.ts';
import { unsavedTree } from './unsavedTree.ts';

/** What a session offers here; DriftSession, or a script in tests. */
export type Session = Pick<
  DriftSession,
  'context' | 'snapshot' | 'onDidChange' | 'refresh' | 'filesChanged' | 'objects' | 'known' | 'dispose'
>;

export interface SessionSetOptions {
  parts: Pick<EditorParts, 'renderers' | 'jq' | 'gunzip' | 'clock' | 'log'>;
  clusters: ClusterProvider;
  readonly settings: () => DriftSettings;
  /** Texts of unsaved editors by absolute path. */
  readonly unsaved: () => ReadonlyMap<string, string>;
  readonly createSession?: (options: DriftSessionOptions) => Session;
}

/** One that runs, and the folder that it compares. */
export interface RunningSession {
  folder: OpenedFolder;
  /** Its files, with the texts of unsaved editors. */
  tree: FileTree;
  session: Session;
}

interface Running extends RunningSession {
  subscription: Disposable;
}

/** The sessions that run, at most one per repository and context. */
export class SessionSet {
  readonly #options: SessionSetOptions;
  readonly #onDidChange: (root: string, session: Session) => void;
  readonly #running = new Map<string, Running>();

  /** `onDidChange` is called when a session starts and with each of its answers. */
  constructor(options: SessionSetOptions, onDidChange: (root: string, session: Session) => void) {
    this.#options = options;
    this.#onDidChange = onDidChange;
  }

  get size(): number {
    return this.#running.size;
  }

  find(root: string, context: string): RunningSession | undefined {
    return this.#running.get(sessionId(root, context));
  }

  /** Ends what is not wanted, starts what is missing; answers the first refreshes of what was started. */
  align(folders: readonly OpenedFolder[], context: string): Promise<void>[] {
    const wanted = new Map(folders.map((folder) => [sessionId(folder.root, context), folder]));
    for (const [id, running] of this.#running) if (!wanted.has(id)) this.#end(id, running);
    const started: Promise<void>[] = [];
    for (const [id, folder] of wanted) if (!this.#running.has(id)) started.push(this.#start(id, folder, context));
    return started;
  }

  /** All of them look at everything anew. */
  async refresh(): Promise<void> {
    await Promise.all([...this.#running.values()].map(({ session }) => session.refresh()));
  }

  /** Absolute paths of files that changed, on disk or in an editor. */
  async filesChanged(paths: readonly string[]): Promise<void> {
    const work: Promise<void>[] = [];
    for (const { folder, session } of this.#running.values()) {
      const inside = paths.map((path) => relativeTo(folder.root, path)).filter((path) => path !== undefined);
      if (inside.length > 0) work.push(session.filesChanged(inside));
    }
    for (const { folder, session } of this.#running.values()) {
      // A commit, a fetch or another branch: what Git declares, and since when, may be another thing.
      if (paths.some((path) => isHistory(folder.root, path))) work.push(session.refresh());
    }
    await Promise.all(work);
  }

  /** Texts of unsaved editors by path from a folder's root. */
  unsavedIn(folder: OpenedFolder): Map<string, string> {
    const inside = new Map<string, string>();
    for (const [path, text] of this.#options.unsaved()) {
      const relative = relativeTo(folder.root, path);
      if (relative !== undefined) inside.set(relative, text);
    }
    return inside;
  }

  endAll(): void {
    for (const [id, running] of this.#running) this.#end(id, running);
  }

  #start(id: string, folder: OpenedFolder, context: string): Promise<void> {
    const { renderers, jq, gunzip, clock, log } = this.#options.parts;
    const create = this.#options.createSession ?? ((options): Session => new DriftSession(options));
    const tree = unsavedTree(folder.tree, () => this.unsavedIn(folder));
    const session = create({
      context,
      clusters: this.#options.clusters,
      tree,
      ...(folder.below === '' ? {} : { below: folder.below }),
      renderers,
      repository: folder.repository,
      commitTimes: new CommitTimes(folder.repository),
      settings: () => this.#options.settings(),
      jq,
      gunzip,
      clock,
      log,
    });
    log.info(`Comparing ${folder.root} with ${context}`);
    const subscription = session.onDidChange(() => this.#onDidChange(folder.root, session));
    this.#running.set(id, { folder, tree, session, subscription });
    this.#onDidChange(folder.root, session);
    return session.refresh();
  }

  #end(id: string, running: Running): void {
    this.#options.parts.log.info(`No longer comparing ${running.folder.root} with ${running.session.context}`);
    running.subscription.dispose();
    running.session.dispose();
    this.#running.delete(id);
  }
}

function sessionId(root: string, context: string): string {
  return `${root}\n${context}`;
}
