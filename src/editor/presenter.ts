import * as vscode from 'vscode';
import type { Disposable } from '../core/emitter.ts';
import type { GitRepository } from '../ports/gitRepository.ts';
import type { Log } from '../ports/log.ts';
import { contextKeys } from './contributions.ts';
import { CommittedLines } from './diagnostics/committedLines.ts';
import { DriftDiagnostics } from './diagnostics/driftDiagnostics.ts';
import { Disposables } from './disposables.ts';
import type { ManifestDocuments } from './documents/manifestDocuments.ts';
import { FileFindings, fileUri } from './languageFeatures/fileFindings.ts';
import type { CommitsController } from './commits/commitsController.ts';
import type { CommitsViewProvider } from './commits/commitsView.ts';
import type { DriftController } from './sessions/driftController.ts';
import type { SandboxHost } from './sessions/sandboxHost.ts';
import type { Permissions } from './permission/permissions.ts';
import type { Settings } from './settings/settings.ts';
import { StatusBarItem } from './statusBarItem.ts';
import type { DriftViewProvider } from './views/driftView.ts';
import { findingDiagnostics, isUnplaced, lineFindings, problemDiagnostics } from './views/model/diagnostics.ts';
import type { Wording } from '../core/explain/wording.ts';

/** A storm of events becomes at most this many pictures: fast enough to be live, slow enough to read. */
const frameMilliseconds = 50;
/** `14 min ago` grows old. */
const tickMilliseconds = 60_000;

export interface PresenterParts {
  controller: DriftController;
  view: DriftViewProvider;
  commits: CommitsController;
  commitsView: CommitsViewProvider;
  documents: ManifestDocuments;
  settings: Settings;
  sandbox: SandboxHost;
  permissions: Permissions;
  readonly wording: () => Wording;
  log: Log;
}

/** Brings every surface in line with the controller's findings. */
export class Presenter implements Disposable {
  readonly #parts: PresenterParts;
  readonly #owned = new Disposables();
  readonly #statusBar = this.#owned.add(new StatusBarItem());
  readonly #diagnostics = this.#owned.add(new DriftDiagnostics('plumbline'));
  /** Apart from findings, so that what is wrong with a line moves none of them. */
  readonly #problems = this.#owned.add(new DriftDiagnostics('plumbline-problems'));
  readonly #committed = new CommittedLines();
  readonly #keys = new Map<string, unknown>();
  #findings = new FileFindings([]);
  #frame: NodeJS.Timeout | undefined;
  #round = 0;

  constructor(parts: PresenterParts) {
    this.#parts = parts;
    this.#owned.add(parts.controller.onDidChange(() => this.schedule()));
    this.#owned.add(parts.commits.onDidChange(() => this.schedule()));
    const ticking = setInterval(() => {
      if (parts.view.visible || parts.commitsView.visible) this.schedule();
    }, tickMilliseconds);
    this.#owned.add({ dispose: () => clearInterval(ticking) });
  }

  /** What stands on the lines of files at the moment. */
  get findings(): FileFindings {
    return this.#findings;
  }

  /** Which lines are committed may have changed. */
  filesChanged(): void {
    this.#committed.clear();
    this.schedule();
  }

  schedule(): void {
    if (this.#owned.disposed) return;
    this.#frame ??= setTimeout(() => {
      this.#frame = undefined;
      this.#present();
    }, frameMilliseconds);
  }

  dispose(): void {
    clearTimeout(this.#frame);
    this.#owned.dispose();
  }

  #present(): void {
    const { controller, view, commits, commitsView, documents, settings, sandbox, permissions, wording } = this.#parts;
    const { state, context, views } = controller;
    const words = wording();
    this.#setKey(contextKeys.state, state);
    this.#setKey(contextKeys.sandbox, sandbox.running !== undefined);
    this.#setKey(contextKeys.commits, commits.state);
    view.update();
    commitsView.update();
    const isSandbox = context !== undefined && sandbox.running?.context === context;
    const isProtected = context !== undefined && permissions.isProtected(context);
    this.#statusBar.update({ state, context, sandbox: isSandbox, isProtected, views }, settings.statusBar, words);
    documents.update();
    void this.#presentDiagnostics().catch((error: unknown) => this.#parts.log.error('Diagnostics failed', error));
  }

  /** Whether lines are committed takes Git a moment; a later round wins over an earlier one. */
  async #presentDiagnostics(): Promise<void> {
    const { controller, settings, wording } = this.#parts;
    const round = ++this.#round;
    const all = lineFindings(controller.views);
    const placed = all.filter((finding) => !isUnplaced(finding));
    const unplaced = new Set(
      all.filter(isUnplaced).map(({ root, location }) => fileUri(root, location.file).toString()),
    );
    this.#findings = new FileFindings(placed);
    const repositories = new Map<string, GitRepository | undefined>();
    for (const folder of await controller.openedFolders()) repositories.set(folder.root, folder.repository);
    const shown = await this.#committed.withoutUncommitted(placed, (root) => repositories.get(root));
    if (round !== this.#round || this.#owned.disposed) return;
    const findings = findingDiagnostics(shown, (kind) => settings.severity(kind), wording());
    this.#diagnostics.update(findings, unplaced);
    this.#problems.update(problemDiagnostics(controller.views, settings.severity('problems')));
  }

  #setKey(key: string, value: unknown): void {
    if (this.#keys.get(key) === value) return;
    this.#keys.set(key, value);
    void vscode.commands.executeCommand('setContext', key, value);
  }
}
