import * as vscode from 'vscode';
import type { Disposable } from '../core/emitter.ts';
import { commandIds } from './contributions.ts';
import { type StatusBarInput, statusBarText } from './views/model/statusBarText.ts';
import type { Wording } from '../core/explain/wording.ts';

/** The one item of the status bar: which cluster, and how it hangs. */
export class StatusBarItem implements Disposable {
  readonly #item: vscode.StatusBarItem;

  constructor() {
    this.#item = vscode.window.createStatusBarItem('plumbline.status', vscode.StatusBarAlignment.Left, 50);
    this.#item.name = 'Plumbline';
    this.#item.command = commandIds.showMenu;
  }

  update(input: StatusBarInput, shown: boolean, wording: Wording): void {
    const text = shown ? statusBarText(input, wording) : undefined;
    if (text === undefined) {
      this.#item.hide();
      return;
    }
    this.#item.text = text.text;
    this.#item.tooltip = new vscode.MarkdownString(text.tooltip);
    this.#item.backgroundColor = text.warning ? new vscode.ThemeColor('statusBarItem.warningBackground') : undefined;
    this.#item.accessibilityInformation = { label: text.spoken, role: 'button' };
    this.#item.show();
  }

  dispose(): void {
    this.#item.dispose();
  }
}
