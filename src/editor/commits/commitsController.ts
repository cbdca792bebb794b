import { type Disposable, Emitter } from '../../core/emitter.ts';
import type { ObjectKey } from '../../core/kube/objectKey.ts';
import type { Location } from '../../core/location.ts';
import { Rerun } from '../../core/rerun.ts';
import type { ApplicationReport } from '../../core/report.ts';
import type { CommitsSession, CommitsSessionOptions, CommitsSnapshot } from '../../services/commits/commitsSession.ts';
import type { PlanSettings } from '../../services/commits/commitPlans.ts';
import type { PlanState } from '../../services/commits/planQueue.ts';
import type { DriftSettings } from '../../services/drift/driftSettings.ts';
import type { DriftController } from '../sessions/driftController.ts';
import type { EditorParts } from '../sessions/editorParts.ts';
import { isHistory, relativeTo } from '../sessions/folderPaths.ts';
import type { CommitsBundle } from './commitsBundle.ts';
import type { RevisionTarget } from './model/commitNode.ts';

/** One application on one context of one repository. */
export interface ApplicationTarget {
  root: string;
  context: string;
  application: string;
}

/** What the Commits view is in, beside the states of the Drift view; the first two have a welcome text. */
export type CommitsState = 'noRepository' | 'noApplication' | 'loading' | 'ready';

/** What a session offers here; CommitsSession, or a script in tests. */
export type Session = Omit<CommitsSession, 'application'>;

type Bundle = Omit<CommitsBundle, 'createSession'> & { createSession: (options: CommitsSessionOptions) => Session };

export interface CommitsControllerOptions {
  drift: Pick<DriftController, 'views' | 'running' | 'onDidChange'>;
  parts: Pick<EditorParts, 'renderers' | 'clock' | 'log'>;
  readonly settings: () => DriftSettings;
  /** Absolute paths of unsaved editors. */
  readonly unsaved: () => ReadonlyMap<string, string>;
  /** The choice of an earlier window. */
  remembered: string | undefined;
  readonly remember: (application: string) => void;
  /** Loaded when the view is first shown. */
  readonly load: () => Promise<Bundle>;
}

interface Current extends ApplicationTarget {
  session: Session;
  subscription: Disposable;
}

/**
 * Keeps the commits of one chosen application while the view shows them, on top of what the session of drift knows. Without a choice it
 * is the first application that has findings, else the first.
 */
export class CommitsController implements Disposable {
  readonly #options: CommitsControllerOptions;
  readonly #didChange = new Emitter<undefined>();
  readonly #didStart = new Emitter<Promise<void>>();
  readonly #subscription: Disposable;
  #chosen: ApplicationTarget | undefined;
  #remembered: string | undefined;
  #current: Current | undefined;
  #bundle: Bundle | undefined;
  #visible = false;
  #state: CommitsState = 'loading';
  readonly #alignment = new Rerun(() => this.#align());
  #disposed = false;

  readonly onDidChange = this.#didChange.event;
  /** Work has begun that takes until the promise settles; it never rejects. */
  readonly onDidStart = this.#didStart.event;

  constructor(options: CommitsControllerOptions) {
    this.#options = options;
    this.#remembered = options.remembered;
    this.#subscription = options.drift.onDidChange(() => {
      if (this.#visible) void this.#alignment.request();
    });
  }

  /** Undefined before the view is first shown with something to show. */
  get bundle(): Bundle | undefined {
    return this.#bundle;
  }

  get state(): CommitsState {
    return this.#state;
  }

  /** The application in view. */
  get target(): ApplicationTarget | undefined {
    return this.#current;
  }

  get snapshot(): CommitsSnapshot | undefined {
    return this.#state === 'ready' ? this.#current?.session.snapshot : undefined;
  }

  get error(): Error | undefined {
    return this.#current?.session.error;
  }

  /** The application in view as the session of drift reports it. */
  get report(): ApplicationReport | undefined {
    return this.#current === undefined ? undefined : this.#reportOf(this.#current);
  }

  /** All that could be chosen. */
  get applications(): (ApplicationTarget & { report: ApplicationReport })[] {
    return this.#options.drift.views.flatMap(({ root, context, snapshot }) =>
      snapshot.report.applications.map((report) => ({ root, context, application: report.id, report })),
    );
  }

  /** While the view is hidden nothing is watched, planned or asked. */
  setVisible(visible: boolean): void {
    if (this.#visible === visible) return;
    this.#visible = visible;
    if (visible) void this.#alignment.request();
    else this.#current?.session.pause();
  }

  /** Shows the commits of another application. Settles when it is known what they are, if the view is visible. */
  choose(target: ApplicationTarget): Promise<void> {
    const { root, context, application } = target;
    this.#chosen = { root, context, application };
    this.#remembered = undefined;
    this.#options.remember(application);
    return this.#alignment.request();
  }

  /** Absolute paths of files that changed, on disk or in an editor. */
  filesChanged(paths: readonly string[]): void {
    const current = this.#current;
    if (current === undefined) return;
    const unsaved = this.#options.unsaved();
    const inside = (path: string): boolean =>
      isHistory(current.root, path) || (!unsaved.has(path) && relativeTo(current.root, path) !== undefined);
    if (paths.some(inside)) current.session.historyChanged();
  }

  /** Looks at everything anew: after an action, or when the user asks. */
  async refresh(): Promise<void> {
    await this.#current?.session.refresh();
  }

  /** Plans a row that is shown unfolded. */
  want(revision: string): void {
    this.#current?.session.want(revision);
  }

  /** Reads older commits, or more of them. */
  async loadOlder(): Promise<void> {
    await this.#current?.session.loadOlder();
  }

  /** The plan of a row once it is known; undefined where there is none to be had. */
  async planOf(target: RevisionTarget, signal: AbortSignal): Promise<PlanState | undefined> {
    if (!isSame(this.#current, target)) await this.choose(target);
    const session = this.#current?.session;
    return session === undefined || !isSame(this.#current, target)
      ? undefined
      : session.planOf(target.revision, signal);
  }

  /** An object of a row's plan before and after it, unmasked: whoever shows it masks it. */
  planned(target: RevisionTarget, key: ObjectKey): ReturnType<CommitsSession['planned']> {
    return isSame(this.#current, target) ? this.#current?.session.planned(target.revision, key) : undefined;
  }

  /** The line of the working tree that decides what a step changes first. */
  async locate(target: RevisionTarget, signal?: AbortSignal): Promise<Location | undefined> {
    const { key, revision } = target;
    if (key === undefined || !isSame(this.#current, target)) return undefined;
    return this.#current?.session.locate(revision, key, signal);
  }

  dispose(): void {
    this.#disposed = true;
    this.#subscription.dispose();
    this.#end();
    this.#didChange.dispose();
    this.#didStart.dispose();
  }

  async #align(): Promise<void> {
    if (this.#disposed) return;
    try {
      await this.#alignNow();
    } catch (error) {
      this.#options.parts.log.error('The Commits view could not be brought up to date', error);
    }
  }

  async #alignNow(): Promise<void> {
    const target = this.#wanted();
    if (target === undefined) {
      this.#end();
      this.#publish(this.#options.drift.views.some(isAnswered) ? 'noApplication' : 'loading');
      return;
    }
    const running = this.#options.drift.running(target.root, target.context);
    // While nothing is watched what was known stays in view.
    if (running === undefined || !this.#visible) return;
    const { repository } = running.folder;
    if (repository === undefined) {
      this.#end();
      this.#publish('noRepository');
      return;
    }
    if (!isSame(this.#current, target)) {
      this.#end();
      this.#publish('loading');
      this.#bundle ??= await this.#options.load();
      const session = this.#bundle.createSession({
        application: target.application,
        repository,
        known: () => this.#options.drift.running(target.root, target.context)?.session.known(target.application),
        tree: running.tree,
        unsaved: () => new Set(this.#options.drift.running(target.root, target.context)?.unsaved().keys()),
        settings: () => this.#planSettings(),
        clock: this.#options.parts.clock,
        log: this.#options.parts.log,
      });
      if (this.#disposed) {
        session.dispose();
        return;
      }
      const subscription = session.onDidChange(() => this.#publishKnown());
      this.#current = { ...target, session, subscription };
    }
    const session = this.#current?.session;
    if (session === undefined) return;
    if (session.isRunning) {
      session.findingsChanged();
    } else {
      const looking = session.resume();
      this.#didStart.fire(looking.catch(() => undefined));
      await looking;
    }
    // It may have been hidden meanwhile.
    if (!this.#isVisible()) session.pause();
    this.#publishKnown();
  }

  #isVisible(): boolean {
    return this.#visible;
  }

  #wanted(): ApplicationTarget | undefined {
    const all = this.applications;
    const chosen = this.#chosen;
    const kept = chosen === undefined ? this.#current : chosen;
    const same = all.find((item) => isSame(item, kept));
    if (same !== undefined) return same;
    const remembered = all.find((item) => item.application === (this.#remembered ?? kept?.application));
    if (remembered !== undefined) return remembered;
    // Before the first answer a better one may still come.
    if (!this.#options.drift.views.every(isAnswered)) return undefined;
    return all.find(({ report }) => report.objects.some((object) => object.status !== 'synced')) ?? all[0];
  }

  #planSettings(): PlanSettings {
    const { skipKinds, namespace } = this.#options.settings();
    const { renderers } = this.#options.parts;
    return { renderers, skipKinds, ...(namespace === undefined ? {} : { namespace }) };
  }

  #reportOf(target: ApplicationTarget): ApplicationReport | undefined {
    return this.applications.find((item) => isSame(item, target))?.report;
  }

  #end(): void {
    this.#current?.subscription.dispose();
    this.#current?.session.dispose();
    this.#current = undefined;
  }

  #publishKnown(): void {
    const session = this.#current?.session;
    this.#publish(session?.snapshot !== undefined || session?.error !== undefined ? 'ready' : 'loading');
  }

  #publish(state: CommitsState): void {
    this.#state = state;
    if (!this.#disposed) this.#didChange.fire(undefined);
  }
}

function isSame(a: ApplicationTarget | undefined, b: ApplicationTarget | undefined): boolean {
  return a?.root === b?.root && a?.context === b?.context && a?.application === b?.application;
}

function isAnswered(view: DriftController['views'][number]): boolean {
  return view.snapshot.state !== 'loading';
}
