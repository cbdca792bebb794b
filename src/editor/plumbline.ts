import * as vscode from 'vscode';
import type { Event } from '../core/emitter.ts';
import type { DriftReport } from '../core/report.ts';
import { Activity } from './activity.ts';
import { CommitsController } from './commits/commitsController.ts';
import { CommitsViewProvider } from './commits/commitsView.ts';
import { registerCommands } from './commands/commandRunner.ts';
import { commandHandlers } from './commands/handlers.ts';
import { commandIds } from './contributions.ts';
import { Disposables } from './disposables.ts';
import { ManifestDocuments } from './documents/manifestDocuments.ts';
import { DriftCodeActions } from './languageFeatures/driftCodeActions.ts';
import { DriftHover } from './languageFeatures/driftHover.ts';
import { redactedLog } from './log/redactedLog.ts';
import { pause } from '../services/actions/pause.ts';
import { ActionJournal } from './actions/actionJournal.ts';
import type { ActionParts } from './actions/actionParts.ts';
import { editorActions, followEditor } from './actions/editorActions.ts';
import { editorGitWriter } from './actions/editorGit.ts';
import { editorPrompts } from './actions/editorPrompts.ts';
import { GuardedClusters } from './permission/guardedClusters.ts';
import { Permissions } from './permission/permissions.ts';
import { Presenter } from './presenter.ts';
import { DriftController } from './sessions/driftController.ts';
import type { Session } from './sessions/sessionSet.ts';
import type { EditorParts } from './sessions/editorParts.ts';
import { JoinedClusters } from './sessions/joinedClusters.ts';
import { SandboxHost } from './sessions/sandboxHost.ts';
import type { DriftSessionOptions } from '../services/drift/driftSession.ts';
import { type ProgramSettings, Settings } from './settings/settings.ts';
import { DriftViewProvider } from './views/driftView.ts';
import { RowDecorations } from './views/rowDecorations.ts';
import type { ViewState } from './sessions/viewState.ts';
import type { Wording } from '../core/explain/wording.ts';
import { WorkspaceWatch, unsavedTexts } from './workspaceWatch.ts';

/** What the extension exports: for other extensions, and for tests that run beside it. */
export interface PlumblineApi {
  version: 1;
  /** The chosen context, or undefined. */
  readonly context: string | undefined;
  readonly state: ViewState;
  /** The reports in view, one per repository; without secret values. */
  readonly reports: readonly DriftReport[];
  readonly onDidChange: Event<undefined>;
}

/** What adapters are built from. */
export interface PartsInput {
  /** Read at each use, so that a changed setting counts at once. */
  readonly programs: () => ProgramSettings;
  log: EditorParts['log'];
  /** Folder of this workspace for what outlives the window. */
  storage: string;
}

export type PartsFactory = (input: PartsInput) => EditorParts;

const chosenContextKey = 'plumbline.context';
const commitsOfKey = 'plumbline.commitsOf';

/** Everything that the extension shows, wired up. Starts nothing and reads no file before a view or a manifest is shown. */
export class Plumbline {
  readonly api: PlumblineApi;
  readonly #owned = new Disposables();
  readonly #sandbox: SandboxHost;

  constructor(
    context: vscode.ExtensionContext,
    createParts: PartsFactory,
    createSession?: (options: DriftSessionOptions) => Session,
  ) {
    const output = this.#owned.add(vscode.window.createOutputChannel('Plumbline', { log: true }));
    const log = redactedLog(output);
    const settings = new Settings();
    const storage = (context.storageUri ?? context.globalStorageUri).fsPath;
    const parts = createParts({ programs: () => settings.programs(), log, storage });
    const sandbox = (this.#sandbox = this.#owned.add(new SandboxHost(() => parts.startSandbox())));
    const permissions = new Permissions({
      prompts: editorPrompts,
      rules: () => settings.contextRules(),
      allow: (name, server) => settings.allowContext(name, server),
      isSandbox: (name) => name === sandbox.running?.context,
      isTrusted: () => vscode.workspace.isTrusted,
      t: vscode.l10n.t,
    });
    const joined = new JoinedClusters(parts.clusters, () => sandbox.running);
    const clusters = new GuardedClusters(joined, (name, server) => permissions.mayChange(name, server));
    const wording = (): Wording => ({ t: vscode.l10n.t, now: parts.clock.now() });

    const controller = this.#owned.add(
      new DriftController({
        parts,
        clusters,
        settings: () => settings.drift(),
        unsaved: unsavedTexts,
        ...(createSession === undefined ? {} : { createSession }),
      }),
    );
    const view = this.#owned.add(new DriftViewProvider(controller, wording));
    const commits = this.#owned.add(
      new CommitsController({
        drift: controller,
        parts,
        settings: () => settings.drift(),
        unsaved: unsavedTexts,
        remembered: context.workspaceState.get<string>(commitsOfKey),
        remember: (application) => void context.workspaceState.update(commitsOfKey, application),
        load: async () => (await import('./commits/commitsBundle.ts')).commitsBundle,
      }),
    );
    const commitsView = this.#owned.add(new CommitsViewProvider(commits, wording));
    this.#owned.add(view.onDidSelectApplication((target) => void commits.choose(target)));
    const documents = this.#owned.add(new ManifestDocuments(controller, commits));
    const presenter = this.#owned.add(
      new Presenter({
        controller,
        view,
        commits,
        commitsView,
        documents,
        settings,
        sandbox,
        permissions,
        wording,
        log,
      }),
    );
    const activity = this.#owned.add(new Activity([view, commitsView], (active) => void controller.update({ active })));

    const choose = async (chosen: string): Promise<void> => {
      // The sandbox ends with the window; to choose it again would be to choose nothing.
      const kept = chosen === sandbox.running?.context ? undefined : chosen;
      await context.workspaceState.update(chosenContextKey, kept);
      activity.wake();
      await controller.update({ context: chosen });
    };
    const actions: ActionParts = {
      ...editorActions,
      prompts: editorPrompts,
      permissions,
      clusters,
      journal: new ActionJournal(context.workspaceState),
      renderers: parts.renderers,
      clock: parts.clock,
      sleep: pause,
      log,
      toolVersion: versionOf(context.extension.packageJSON),
      settings: () => settings.drift(),
      folders: () => controller.openedFolders(),
      views: () => controller.views,
      showInView: (text) => view.showProgress(text),
      writerFor: (repository) => editorGitWriter(repository, log),
      objects: ({ root, context: name, application }, key) =>
        controller.objects({ root, context: name, application, key }),
      addIgnoreRule: (rule) => settings.addIgnoreRule(rule),
      refresh: async () => {
        await controller.refresh();
        await commits.refresh();
      },
      follow: (next, target) => followEditor(next, target, log),
      t: vscode.l10n.t,
    };
    this.#owned.add(
      registerCommands(
        commandHandlers({
          actions,
          controller,
          clusters,
          view,
          documents,
          commits,
          commitsView,
          sandbox,
          output,
          findings: () => presenter.findings,
          choose,
          forget: () => presenter.filesChanged(),
          wake: () => activity.wake(),
        }),
        log,
      ),
    );
    const files: vscode.DocumentSelector = { scheme: 'file' };
    const findings = (): Presenter['findings'] => presenter.findings;
    this.#owned.add(vscode.languages.registerHoverProvider(files, new DriftHover(findings, wording)));
    this.#owned.add(
      vscode.languages.registerCodeActionsProvider(files, new DriftCodeActions(findings), {
        providedCodeActionKinds: DriftCodeActions.kinds,
      }),
    );
    this.#owned.add(vscode.window.registerFileDecorationProvider(new RowDecorations()));

    this.#watch(controller, commits, parts, clusters, settings, presenter, log);
    void controller.update({
      folders: foldersOnDisk(),
      trusted: vscode.workspace.isTrusted,
      context: context.workspaceState.get<string>(chosenContextKey),
    });
    activity.check();
    presenter.schedule();
    tellInterrupted(actions.journal, log);
    this.api = {
      version: 1,
      get context() {
        return controller.context;
      },
      get state() {
        return controller.state;
      },
      get reports() {
        return controller.views.map((shown) => shown.snapshot.report);
      },
      onDidChange: controller.onDidChange,
    };
  }

  /** Settles when nothing that was started runs any more. */
  async end(): Promise<void> {
    this.#owned.dispose();
    await this.#sandbox.end();
  }

  /** Everything outside that makes findings old. */
  #watch(
    controller: DriftController,
    commits: CommitsController,
    parts: EditorParts,
    clusters: GuardedClusters,
    settings: Settings,
    presenter: Presenter,
    log: EditorParts['log'],
  ): void {
    const failed = (error: unknown): void => log.error('A change could not be followed', error);
    this.#owned.add(
      new WorkspaceWatch((paths) => {
        presenter.filesChanged();
        controller.filesChanged(paths).catch(failed);
        commits.filesChanged(paths);
      }),
    );
    this.#owned.add(
      vscode.workspace.onDidChangeWorkspaceFolders(() => void controller.update({ folders: foldersOnDisk() })),
    );
    this.#owned.add(vscode.workspace.onDidGrantWorkspaceTrust(() => void controller.update({ trusted: true })));

    let kubeconfig = this.#owned.add(new Disposables());
    const watchKubeconfig = async (): Promise<void> => {
      kubeconfig.dispose();
      kubeconfig = this.#owned.add(new Disposables());
      const watching = kubeconfig;
      const { files } = await parts.clusters.contexts();
      watching.add(
        parts.watchKubeconfig(files, () => {
          log.info('The kubeconfig has changed');
          clusters.reset();
          controller.restart().catch(failed);
        }),
      );
    };
    // Reading the kubeconfig is no contact, but an untrusted workspace gets nothing at all.
    const whenTrusted = (): void => {
      if (vscode.workspace.isTrusted) watchKubeconfig().catch(failed);
    };
    whenTrusted();
    this.#owned.add(vscode.workspace.onDidGrantWorkspaceTrust(whenTrusted));

    this.#owned.add(
      settings.onDidChange((affects) => {
        if (affects('kubeconfig')) {
          clusters.reset();
          whenTrusted();
        }
        const compared = ['kubeconfig', 'kubectlPath', 'kustomizePath', 'helmPath', 'allowRemoteBases'] as const;
        const read = ['secrets', 'skipKinds', 'ignore', 'applications', 'namespace'] as const;
        if ([...compared, ...read].some(affects)) controller.restart().catch(failed);
        presenter.schedule();
      }),
    );
  }
}

/** What a reload of the window broke off: nothing is lost, and the views say where things stand. */
function tellInterrupted(journal: ActionJournal, log: EditorParts['log']): void {
  for (const { action, application, context, progress } of journal.takeInterrupted()) {
    const { t } = vscode.l10n;
    const done = progress === '' ? t('nothing was done yet') : progress;
    const text = t(
      '{0} of {1} on {2} was broken off when the window closed, after: {3}. Nothing is lost: the views say where things stand.',
      action,
      application,
      context,
      done,
    );
    log.warn(text);
    const show = t('Show Commits');
    void vscode.window.showWarningMessage(text, show).then(async (pressed) => {
      if (pressed === show) await vscode.commands.executeCommand(commandIds.showCommits);
    });
  }
}

function versionOf(manifest: unknown): string {
  const { version } = (manifest ?? {}) as { version?: unknown };
  return typeof version === 'string' ? version : 'unknown';
}

function foldersOnDisk(): string[] {
  return (vscode.workspace.workspaceFolders ?? [])
    .filter((folder) => folder.uri.scheme === 'file')
    .map((folder) => folder.uri.fsPath);
}
