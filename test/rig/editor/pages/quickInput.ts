import type { Locator, Page } from 'playwright-core';
import { readElements } from './elements.ts';
import { appears, eventually, optionalText, patience, readable } from './text.ts';

/** A row of a quick pick. */
export interface QuickItem {
  readonly label: string;
  /** Shown after the label, on the same line. */
  readonly description?: string;
  /** Shown below the label. */
  readonly detail?: string;
}

/** The box at the top of the window: command palette, quick picks and input boxes. One is open at a time. */
export class QuickInput {
  private readonly page: Page;
  private readonly widget: Locator;
  private readonly input: Locator;

  constructor(page: Page) {
    this.page = page;
    this.widget = page.locator('.quick-input-widget');
    this.input = this.widget.locator('.quick-input-filter input');
  }

  /** Runs a command by its full title in the palette, such as `Plumbline: Refresh`. */
  async runCommand(title: string): Promise<void> {
    const deadline = Date.now() + patience;
    for (;;) {
      await this.openWith('F1');
      await this.input.fill(`>${title}`);
      const found = await appears(this.row(title).first(), 1_500);
      if (found) break;
      if (Date.now() > deadline) {
        const offered = (await this.readItems()).map((item) => item.label);
        throw new Error(`The palette has no command "${title}". It offers: ${offered.join(', ')}`);
      }
      // The list is made when the palette opens: a command that is registered later needs a new one.
      await this.dismiss();
    }
    await this.row(title).first().click({ timeout: patience });
  }

  /** Whether the palette offers a command with this full title now. */
  async offersCommand(title: string): Promise<boolean> {
    await this.openWith('F1');
    await this.input.fill(`>${title}`);
    const offered = await appears(this.row(title).first(), 1_500);
    await this.dismiss();
    return offered;
  }

  /** Opens a file of the workspace by its name or path; with a line (from 1) the cursor goes there. */
  async openFile(path: string, line?: number): Promise<void> {
    await this.openWith('Control+P');
    const name = path.slice(path.lastIndexOf('/') + 1);
    await this.input.fill(line === undefined ? path : `${path}:${String(line)}`);
    await this.row(name).first().waitFor({ timeout: patience });
    await this.page.keyboard.press('Enter');
    await this.hidden();
  }

  /** Waits until a quick pick or input box is shown. */
  async shown(): Promise<void> {
    await this.input.waitFor({ state: 'visible', timeout: patience });
  }

  /** Waits until none is shown. */
  async hidden(): Promise<void> {
    await this.widget.waitFor({ state: 'hidden', timeout: patience });
  }

  /** Title bar, if the box has one. */
  async title(): Promise<string | undefined> {
    await this.shown();
    const title = this.widget.locator('.quick-input-title');
    return (await title.isVisible()) ? optionalText(title) : undefined;
  }

  /** Waits until a box with this title is shown; the box before it, such as the palette, may still be there. */
  async titled(title: string, timeoutMs = patience): Promise<void> {
    await eventually(
      `a box titled ${title}`,
      () => this.title(),
      (found) => found === title,
      timeoutMs,
    );
  }

  /** The line below the input: an input box's prompt, or what is wrong with what was typed. */
  async message(): Promise<string | undefined> {
    await this.shown();
    return optionalText(this.widget.locator('.quick-input-message'));
  }

  /** The grey text of the empty input. */
  async placeholder(): Promise<string | undefined> {
    await this.shown();
    return (await this.input.getAttribute('placeholder')) ?? undefined;
  }

  /** Rows in view, once there are any: a quick pick shows about 20 of a longer list. */
  async items(): Promise<QuickItem[]> {
    await this.shown();
    return eventually(
      'items in the quick pick',
      () => this.readItems(),
      (items) => items.length > 0,
    );
  }

  /** Chooses the row whose label is exactly this; in a pick of several it is ticked instead. */
  async choose(label: string): Promise<void> {
    await this.shown();
    await this.row(label).first().click({ timeout: patience });
  }

  /** Replaces the text of the input. */
  async type(text: string): Promise<void> {
    await this.shown();
    await this.input.fill(text);
  }

  /** Presses Enter. */
  async accept(): Promise<void> {
    await this.shown();
    await this.page.keyboard.press('Enter');
  }

  /** Presses Escape and waits until the box is gone. */
  async dismiss(): Promise<void> {
    await this.page.keyboard.press('Escape');
    await this.hidden();
  }

  /** Keys are lost while the workbench is busy with its start, so the key is pressed until the box is there. */
  private async openWith(key: string): Promise<void> {
    const deadline = Date.now() + patience;
    for (;;) {
      await this.page.keyboard.press(key);
      if (await appears(this.input, 1_500)) return;
      if (Date.now() > deadline)
        throw new Error(`${key} did not open the box at the top; is a modal dialog in the way?`);
    }
  }

  private row(label: string): Locator {
    return this.widget
      .locator('.monaco-list-row')
      .filter({ has: this.page.locator('.label-name', { hasText: exactly(label) }) });
  }

  private async readItems(): Promise<QuickItem[]> {
    const rows = await readElements(this.widget.locator('.monaco-list-row'), {
      label: { in: '.label-name', of: 'text' },
      description: { in: '.quick-input-list-row .label-description', of: 'text' },
      detail: { in: '.quick-input-list-label-meta .label-name', of: 'text' },
    });
    return rows.map(({ label, description, detail }) => ({
      label: readable(label ?? ''),
      ...(description === undefined ? {} : { description: readable(description) }),
      ...(detail === undefined ? {} : { detail: readable(detail) }),
    }));
  }
}

/** A pattern for exactly this text, whichever kind of space it is rendered with. */
function exactly(text: string): RegExp {
  const escaped = text
    .trim()
    .split(/\s+/)
    .map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^\\s*${escaped.join('[\\s\\u00a0]+')}\\s*$`);
}
