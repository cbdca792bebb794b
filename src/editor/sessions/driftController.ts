import type { Problem } from '../../core/problem.ts';
import { type Disposable, Emitter } from '../../core/emitter.ts';
import { Rerun } from '../../core/rerun.ts';
import type { ApplicationReport, EngineName, ObjectReport } from '../../core/report.ts';
import { keyText } from '../../core/kube/objectKey.ts';
import { findApplications } from '../../services/applications/findApplications.ts';
import type { DriftSnapshot, ObjectSides } from '../../services/drift/driftSession.ts';
import type { EditorParts, OpenedFolder } from './editorParts.ts';
import { FolderSet } from './folderSet.ts';
import { type ObjectRef, keyOfReport } from './objectRef.ts';
import { type RunningSession, type Session, SessionSet, type SessionSetOptions } from './sessionSet.ts';
import { type DriftView, type ViewState, stateOf } from './viewState.ts';

export interface ControllerOptions extends Omit<SessionSetOptions, 'parts'> {
  parts: Pick<EditorParts, 'renderers' | 'jq' | 'gunzip' | 'clock' | 'log' | 'openFolder'>;
}

/** What the window is about, as the editor tells it. */
export interface Situation {
  /** Folders on disk. */
  folders: readonly string[];
  trusted: boolean;
  /** The context that the user chose for this workspace. */
  context: string | undefined;
  /** A view or an editor shows findings. While false nothing is contacted and nothing watched. */
  active: boolean;
}

/**
 * Keeps one session per repository and chosen context while something shows it, and the last findings afterwards. Knows no editor:
 * told what the situation is, it brings the sessions in line, one change after the other.
 */
export class DriftController implements Disposable {
  readonly #options: ControllerOptions;
  readonly #didChange = new Emitter<undefined>();
  readonly #didStart = new Emitter<Promise<void>>();
  readonly #controller = new AbortController();
  readonly #folders: FolderSet;
  readonly #sessions: SessionSet;
  #views: DriftView[] = [];
  #state: ViewState = 'idle';
  #problems: readonly Problem[] = [];
  #situation: Situation = { folders: [], trusted: false, context: undefined, active: false };
  readonly #alignment = new Rerun(() => this.#align());

  /** State or findings have changed. */
  readonly onDidChange = this.#didChange.event;
  /** Work has begun that takes until the promise settles; it never rejects. */
  readonly onDidStart = this.#didStart.event;

  constructor(options: ControllerOptions) {
    this.#options = options;
    this.#folders = new FolderSet(options.parts.openFolder);
    this.#sessions = new SessionSet(options, (root, session) => this.#take(root, session));
  }

  get state(): ViewState {
    return this.#state;
  }

  get context(): string | undefined {
    return this.#situation.context;
  }

  get views(): readonly DriftView[] {
    return this.#views;
  }

  /** Folders that could not be opened and, while no context is chosen, what is wrong with the kubeconfig. */
  get problems(): readonly Problem[] {
    return this.#problems;
  }

  /** Repositories that were opened, with the folder's own tree. */
  openedFolders(): Promise<OpenedFolder[]> {
    return this.#folders.opened();
  }

  /** Settles when sessions are in line with the situation; their first answers come later. */
  update(change: Partial<Situation>): Promise<void> {
    const context = this.#situation.context;
    this.#situation = { ...this.#situation, ...change };
    // Findings of another cluster must not stand a moment under this one's name.
    if (this.#situation.context !== context) this.#endAll(true);
    return this.#alignment.request();
  }

  /** Forgets clients and sessions, as after a changed kubeconfig or setting; findings stay in view until new ones come. */
  async restart(): Promise<void> {
    this.#endAll(false);
    await this.#alignment.request();
  }

  /** Looks at everything anew, as after a change that the extension made itself; what is in view stays until the answer. */
  refresh(): Promise<void> {
    return this.#sessions.refresh();
  }

  /** Absolute paths of files that changed, on disk or in an editor. */
  async filesChanged(paths: readonly string[]): Promise<void> {
    await this.#sessions.filesChanged(paths);
    // A first manifest may have come.
    if (this.#sessions.size === 0 && this.#state === 'noManifests') await this.#alignment.request();
  }

  /** Applications that there are to compare, with or without a chosen context: those of the folders and those of the cluster. */
  async applications(): Promise<{ id: string; name: string; engine: EngineName; path: string }[]> {
    const found = new Map<string, { id: string; name: string; engine: EngineName; path: string }>();
    for (const folder of await this.openedFolders()) {
      for (const { id, name, engine, source } of await findApplications(folder.tree, folder.below)) {
        found.set(id, { id, name, engine, path: source.path });
      }
    }
    for (const { id, name, engine, source } of this.#views.flatMap((view) => view.snapshot.report.applications)) {
      found.set(id, { id, name, engine, path: source.path });
    }
    return [...found.values()];
  }

  /** Settles when the session that knows an object has answered, or there is none, or after the given time. */
  async answered(ref: ObjectRef, milliseconds = 15_000): Promise<void> {
    await this.#alignment.settled();
    const isWaiting = (): boolean => this.#sessions.find(ref.root, ref.context)?.session.snapshot.state === 'loading';
    if (!isWaiting()) return;
    await new Promise<void>((resolve) => {
      const finish = (): void => {
        clearTimeout(timer);
        subscription.dispose();
        resolve();
      };
      const timer = setTimeout(finish, milliseconds);
      const subscription = this.onDidChange(() => {
        if (!isWaiting()) finish();
      });
    });
  }

  /** Both sides of an object, unmasked: whoever shows them masks them. Empty while nothing watches. */
  objects(ref: ObjectRef): ObjectSides {
    return this.#sessions.find(ref.root, ref.context)?.session.objects(ref.application, ref.key) ?? {};
  }

  /** The session of a repository on a context, while one runs, with its folder and the texts of it that are not saved. */
  running(
    root: string,
    context: string,
  ): (RunningSession & { unsaved: () => ReadonlyMap<string, string> }) | undefined {
    const running = this.#sessions.find(root, context);
    if (running === undefined) return undefined;
    return { ...running, unsaved: () => this.#sessions.unsavedIn(running.folder) };
  }

  /** The report of an object; undefined when it is no longer in view. */
  find(ref: ObjectRef): { view: DriftView; application: ApplicationReport; object: ObjectReport } | undefined {
    const view = this.#views.find((candidate) => candidate.root === ref.root && candidate.context === ref.context);
    const application = view?.snapshot.report.applications.find((candidate) => candidate.id === ref.application);
    const wanted = keyText(ref.key);
    const object = application?.objects.find((candidate) => keyText(keyOfReport(candidate)) === wanted);
    return view && application && object ? { view, application, object } : undefined;
  }

  dispose(): void {
    this.#controller.abort();
    this.#endAll(true);
    this.#folders.dispose();
    this.#didChange.dispose();
    this.#didStart.dispose();
  }

  async #align(): Promise<void> {
    try {
      await this.#alignNow(this.#situation);
    } catch (error) {
      if (!this.#controller.signal.aborted) {
        this.#options.parts.log.error('The Drift view could not be brought up to date', error);
      }
    }
  }

  async #alignNow(situation: Situation): Promise<void> {
    this.#controller.signal.throwIfAborted();
    if (situation.folders.length === 0) {
      this.#rest('noFolder');
      return;
    }
    if (!situation.trusted) {
      this.#rest('untrusted');
      return;
    }
    if (!situation.active) {
      this.#endAll(false);
      this.#publish(this.#state);
      return;
    }
    if (this.#state === 'idle') this.#publish('loading');
    const { folders, problems } = await this.#folders.open(situation.folders);
    this.#problems = problems;
    if (folders.length === 0) {
      this.#rest('ready');
      return;
    }
    if (situation.context === undefined) {
      this.#rest(await this.#stateWithoutContext(folders));
      return;
    }
    const started = this.#sessions.align(folders, situation.context);
    for (const work of started) this.#track(work);
    this.#views = this.#views.filter((view) => this.#sessions.find(view.root, view.context) !== undefined);
    this.#publish(stateOf(this.#views));
  }

  /** Nothing to compare: no session runs, no finding is shown. */
  #rest(state: ViewState): void {
    this.#endAll(true);
    this.#publish(state);
  }

  async #stateWithoutContext(folders: readonly OpenedFolder[]): Promise<ViewState> {
    const signal = this.#controller.signal;
    const found = await Promise.all(folders.map((folder) => findApplications(folder.tree, folder.below, signal)));
    if (found.every((applications) => applications.length === 0)) return 'noManifests';
    const { contexts, problems } = await this.#options.clusters.contexts();
    this.#problems = [...this.#problems, ...problems];
    return contexts.length === 0 ? 'noKubeconfig' : 'noCluster';
  }

  #take(root: string, session: Session): void {
    const { context, snapshot } = session;
    const index = this.#views.findIndex((view) => view.root === root && view.context === context);
    const known = this.#views[index];
    // What was known stays in view until the first answer of the new session.
    if (known !== undefined && snapshot.state === 'loading') return;
    if (known === undefined || known.paused || known.snapshot.state !== snapshot.state)
      this.#report(root, context, snapshot);
    const view: DriftView = { root, context, snapshot, paused: false };
    this.#views = known === undefined ? [...this.#views, view] : this.#views.with(index, view);
    this.#publish(stateOf(this.#views));
  }

  /** One line per change of state, not per event: a log is read after the fact. */
  #report(root: string, context: string, snapshot: DriftSnapshot): void {
    const { log } = this.#options.parts;
    const { summary, problems, applications } = snapshot.report;
    if (snapshot.state === 'stale') log.warn(`${root} on ${context}: stale: ${snapshot.error?.message ?? 'unknown'}`);
    if (snapshot.state !== 'ready') return;
    log.info(
      `${root} on ${context}: ${applications.length} applications, ${summary.objects} objects, ${summary.drifted} drifted, ` +
        `${summary.conflict} in conflict, ${summary.missing} missing, ${summary.pending + summary.create} pending`,
    );
    for (const problem of problems) log.warn(`${problem.code}: ${problem.message}`);
  }

  #endAll(forget: boolean): void {
    this.#sessions.endAll();
    if (forget) this.#views = [];
    else {
      this.#views = this.#views
        .filter((view) => view.snapshot.state !== 'loading')
        .map((view) => ({ ...view, paused: true }));
    }
  }

  #track(work: Promise<unknown>): void {
    this.#didStart.fire(
      work.then(
        () => undefined,
        () => undefined,
      ),
    );
  }

  #publish(state: ViewState): void {
    this.#state = state;
    if (!this.#controller.signal.aborted) this.#didChange.fire(undefined);
  }
}
