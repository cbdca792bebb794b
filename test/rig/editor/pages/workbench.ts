import type { FrameLocator, Page } from 'playwright-core';
import { RigError } from '../rigError.ts';
import { Messages } from './messages.ts';
import { ProblemsPanel } from './problemsPanel.ts';
import { QuickInput } from './quickInput.ts';
import { StatusBar } from './statusBar.ts';
import { eventually, optionalText, patience } from './text.ts';
import { TextEditor } from './textEditor.ts';
import { TreeView } from './treeView.ts';

/** A window of VS Code, as a person uses it. Made by `Editor.open`. */
export class Workbench {
  /** For what the page objects do not offer. */
  readonly page: Page;
  readonly quickInput: QuickInput;
  readonly messages: Messages;
  readonly problems: ProblemsPanel;
  readonly statusBar: StatusBar;
  readonly textEditor: TextEditor;

  private constructor(page: Page) {
    this.page = page;
    this.quickInput = new QuickInput(page);
    this.messages = new Messages(page, this.quickInput);
    this.problems = new ProblemsPanel(page, this.quickInput);
    this.statusBar = new StatusBar(page);
    this.textEditor = new TextEditor(page, this.quickInput);
  }

  /**
   * Waits until the workbench answers.
   *
   * @throws RigError workbenchFailed
   */
  static async whenReady(page: Page): Promise<Workbench> {
    try {
      // Shown last, when the extension host is connected and contributions are read.
      await page.locator('.monaco-workbench .part.statusbar .statusbar-item').first().waitFor({ timeout: 90_000 });
    } catch (ex) {
      const text = (
        await page
          .locator('body')
          .innerText()
          .catch(() => '')
      ).slice(0, 500);
      throw new RigError(
        'workbenchFailed',
        `VS Code's window did not appear within 90 s: ${text}`,
        "See the server's output.",
        { cause: ex },
      );
    }
    return new Workbench(page);
  }

  /** Runs a command by its full title, such as `Plumbline: Refresh`. */
  async runCommand(title: string): Promise<void> {
    await this.quickInput.runCommand(title);
  }

  /** Shows a container of the activity bar by its title. */
  async openContainer(title: string): Promise<void> {
    const tab = this.page.locator('.part.activitybar').getByRole('tab', { name: title });
    await tab.waitFor({ timeout: patience });
    // A click on the container in view hides it.
    if ((await tab.getAttribute('aria-selected')) !== 'true') await tab.click({ timeout: patience });
  }

  /** The number on a container's icon; undefined when there is none. */
  async badge(title: string): Promise<string | undefined> {
    const tab = this.page.locator('.part.activitybar').getByRole('tab', { name: title });
    return optionalText(tab.locator('.badge-content'));
  }

  /** Waits until the badge is this; it is drawn a moment after the rows. */
  async badgeIs(title: string, count: string | undefined): Promise<void> {
    await eventually(
      `the badge ${String(count)} on ${title}`,
      () => this.badge(title),
      (found) => found === count,
    );
  }

  /** A tree view of the container in view, by its name. */
  treeView(name: string): TreeView {
    return new TreeView(this.page, name);
  }

  /** The content of the webview in view: the only one, or the n-th from 0. */
  webview(index = 0): FrameLocator {
    return this.page.locator('iframe.webview').nth(index).contentFrame().frameLocator('#active-frame');
  }

  /** Trusts the folder of a window that was started with `trust: 'restricted'`. */
  async trustWorkspace(): Promise<void> {
    await this.statusBar.press('status.workspaceTrust');
    const editor = this.page.locator('.workspace-trust-editor');
    await editor.locator('.monaco-button', { hasText: 'Trust' }).first().click({ timeout: patience });
    await editor.and(this.page.locator('.trusted')).waitFor({ timeout: patience });
    // It is shown as a dialog over the window, which the browser's Ctrl+W must not be asked to close.
    await this.page
      .locator('.monaco-modal-editor-block')
      .getByRole('button', { name: /^Close/ })
      .click({ timeout: patience });
    await editor.waitFor({ state: 'hidden', timeout: patience });
  }

  /** Writes a PNG of the window. */
  async screenshot(path: string): Promise<void> {
    await this.page.screenshot({ path, animations: 'disabled' });
  }
}
