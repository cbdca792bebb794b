import assert from 'node:assert/strict';
import type { Notification } from '../rig/editor/pages/messages.ts';
import { eventually } from '../rig/editor/pages/text.ts';
import type { Workbench } from '../rig/editor/pages/workbench.ts';
import { rowTextsWhen } from './rowText.ts';
import { screenshot } from './screenshot.ts';

const patience = 60_000;

/** A window in which things are changed: what it asks, and how that ends. */
export class ActionWindow {
  readonly window: Workbench;

  constructor(window: Workbench) {
    this.window = window;
  }

  /** The modal dialog, its detail line by line. */
  async modal(): Promise<{ message: string; lines: string[]; buttons: readonly string[] }> {
    try {
      await this.window.page.locator('.monaco-dialog-box').waitFor({ state: 'visible', timeout: patience });
    } catch (error) {
      // What stands there instead of the dialog says why.
      await this.screenshot('no-dialog');
      throw error;
    }
    const { message, buttons } = await this.window.messages.modal();
    const detail = await this.window.page.locator('.monaco-dialog-box .dialog-message-detail').innerText();
    return { message, lines: detail.split('\n'), buttons };
  }

  /** Presses a button of the modal dialog, whatever it says. */
  async confirm(button: string): Promise<void> {
    await this.modal();
    await this.window.messages.pressInModal(button);
  }

  /** Expects a dialog word by word and presses one of its buttons; `picture` names a screenshot of it. */
  async answer(
    expected: { message: string; lines: (string | RegExp)[]; buttons: string[] },
    button: string,
    picture?: string,
  ): Promise<void> {
    const { message, lines, buttons } = await this.modal();
    if (picture !== undefined) await this.screenshot(picture);
    assert.equal(message, expected.message);
    const same = (line: string, index: number): boolean => {
      const wanted = expected.lines[index];
      return wanted instanceof RegExp ? wanted.test(line) : wanted === line;
    };
    assert.ok(
      lines.length === expected.lines.length && lines.every(same),
      `the dialog says\n${lines.join('\n')}\ninstead of\n${expected.lines.join('\n')}`,
    );
    // The dialog of a browser puts the main button first, that of a desktop last.
    assert.deepEqual(buttons.toSorted(), [...expected.buttons, 'Cancel'].toSorted());
    await this.window.messages.pressInModal(button);
  }

  /** The notification that an action ends with. */
  ending(text: string): Promise<Notification> {
    return this.window.messages.notification(text, patience);
  }

  /** What the notification of a running action says, once it says this. */
  async progress(title: string, text: string): Promise<string> {
    const shown = await eventually(
      `progress of ${title}`,
      () => this.window.messages.notifications(),
      (found) => found.some((item) => item.text.includes(title) && item.text.includes(text)),
      patience,
    );
    return shown.find((item) => item.text.includes(title))?.text ?? '';
  }

  async rowsWhen(satisfies: (rows: string[]) => boolean): Promise<string[]> {
    return rowTextsWhen(this.window.treeView('Drift'), satisfies, patience);
  }

  /** Starts Commit and Sync from the row of an application, with none of the notifications before; answers what was offered. */
  async commitAndSync(application: string, message: string): Promise<string[]> {
    await this.window.messages.clear();
    await this.window.treeView('Drift').chooseInMenu(application, 'Commit and Sync');
    return this.commit(message);
  }

  /** Files and message of Commit and Sync; answers what was offered. */
  async commit(message: string): Promise<string[]> {
    const { quickInput } = this.window;
    await eventually(
      'the files',
      () => quickInput.title(),
      (title) => title?.endsWith(': files') ?? false,
      patience,
    );
    const files = (await quickInput.items()).map(({ label, description }) => `${label} ${description ?? ''}`.trim());
    await quickInput.accept();
    await eventually(
      'the message',
      () => quickInput.title(),
      (title) => title?.endsWith(': message') ?? false,
    );
    await quickInput.type(message);
    await quickInput.accept();
    return files;
  }

  async screenshot(name: string): Promise<void> {
    await screenshot(this.window, name);
  }
}
