import * as vscode from 'vscode';
import type { Disposable } from '../core/emitter.ts';
import { documentScheme } from './contributions.ts';
import { Disposables } from './disposables.ts';
import { isManifestLike } from './workspaceWatch.ts';

/** Somebody who looks elsewhere for a moment should not find everything loading again. */
const graceMilliseconds = 30_000;

/**
 * Whether anything in the window shows findings: one of the views, or an editor of a manifest or of an object. Nothing is contacted or
 * watched while nothing does (design §6).
 */
export class Activity implements Disposable {
  readonly #owned = new Disposables();
  readonly #isViewVisible: () => boolean;
  readonly #onDidChange: (active: boolean) => void;
  #active = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    views: readonly { visible: boolean; onDidChangeVisibility: vscode.Event<unknown> }[],
    onDidChange: (active: boolean) => void,
  ) {
    this.#isViewVisible = () => views.some((view) => view.visible);
    this.#onDidChange = onDidChange;
    for (const view of views) this.#owned.add(view.onDidChangeVisibility(() => this.#check()));
    this.#owned.add(vscode.window.onDidChangeVisibleTextEditors(() => this.#check()));
    this.#owned.add(vscode.workspace.onDidOpenTextDocument(() => this.#check()));
  }

  /** Looks at the window as it is; the first look is the caller's. */
  check(): void {
    this.#check();
  }

  /** A command needs findings although nothing shows them yet. */
  wake(): void {
    this.#set(true);
    this.#check();
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#owned.dispose();
  }

  #check(): void {
    const shown = this.#isViewVisible() || vscode.window.visibleTextEditors.some(({ document }) => shows(document));
    clearTimeout(this.#timer);
    if (shown) this.#set(true);
    else if (this.#active) this.#timer = setTimeout(() => this.#set(false), graceMilliseconds);
  }

  #set(active: boolean): void {
    if (this.#active === active) return;
    this.#active = active;
    this.#onDidChange(active);
  }
}

function shows(document: vscode.TextDocument): boolean {
  return document.uri.scheme === documentScheme || (document.uri.scheme === 'file' && isManifestLike(document));
}
