import * as vscode from 'vscode';
import type { Disposable } from '../core/emitter.ts';
import { Disposables } from './disposables.ts';

/** Tools write several files at once, and people type faster than anything can be rendered. */
const settleMilliseconds = 250;
const manifestLanguages: ReadonlySet<string> = new Set(['yaml', 'helm', 'json', 'dockercompose', 'plumbline-manifest']);
const manifestFile = /\.(ya?ml|json|tpl)$/i;

/** Whether a document may hold what decides a manifest. */
export function isManifestLike(document: vscode.TextDocument): boolean {
  return manifestLanguages.has(document.languageId) || manifestFile.test(document.uri.path);
}

/** Texts of unsaved editors of manifests by absolute path. */
export function unsavedTexts(): Map<string, string> {
  const texts = new Map<string, string>();
  for (const document of vscode.workspace.textDocuments) {
    if (document.isDirty && document.uri.scheme === 'file' && isManifestLike(document)) {
      texts.set(document.uri.fsPath, document.getText());
    }
  }
  return texts;
}

/** Tells of files that changed, on disk or in an editor, by absolute path; many at once where they come together. */
export class WorkspaceWatch implements Disposable {
  readonly #owned = new Disposables();
  readonly #onDidChange: (paths: string[]) => void;
  #changed = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(onDidChange: (paths: string[]) => void) {
    this.#onDidChange = onDidChange;
    const watcher = this.#owned.add(vscode.workspace.createFileSystemWatcher('**/*'));
    const take = (uri: vscode.Uri): void => this.#take(uri);
    for (const event of [watcher.onDidChange, watcher.onDidCreate, watcher.onDidDelete]) this.#owned.add(event(take));
    this.#owned.add(
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (contentChanges.length > 0 && isManifestLike(document)) this.#take(document.uri);
      }),
    );
    // Closing without saving brings back what is on disk.
    this.#owned.add(
      vscode.workspace.onDidCloseTextDocument((document) => {
        if (isManifestLike(document)) this.#take(document.uri);
      }),
    );
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#owned.dispose();
  }

  #take(uri: vscode.Uri): void {
    if (uri.scheme !== 'file' || this.#owned.disposed) return;
    this.#changed.add(uri.fsPath);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const paths = [...this.#changed];
      this.#changed = new Set();
      this.#onDidChange(paths);
    }, settleMilliseconds);
  }
}
