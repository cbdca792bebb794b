import type { Locator, Page } from 'playwright-core';
import { readElements } from './elements.ts';
import { eventually, patience, readable, visibleText } from './text.ts';
import type { QuickInput } from './quickInput.ts';

/** The text editor that has the focus. */
export class TextEditor {
  private readonly page: Page;
  private readonly quickInput: QuickInput;
  private readonly active: Locator;

  constructor(page: Page, quickInput: QuickInput) {
    this.page = page;
    this.quickInput = quickInput;
    this.active = page.locator('.editor-group-container.active .monaco-editor:visible').first();
  }

  /** Opens a file of the workspace with the cursor at a line (from 1) and column (from 1). */
  async open(path: string, line = 1, column = 1): Promise<void> {
    await this.quickInput.openFile(path, line);
    await this.active.waitFor({ timeout: patience });
    await this.page.keyboard.press('Home');
    for (let step = 1; step < column; step++) await this.page.keyboard.press('ArrowRight');
  }

  /** Titles of all open editors, in order. */
  async tabs(): Promise<string[]> {
    const tabs = await readElements(this.page.locator('.editor-group-container .tab'), {
      name: { of: { attribute: 'data-resource-name' } },
    });
    return tabs.map(({ name }) => name ?? '');
  }

  /** Text of the lines in view. */
  async visibleLines(): Promise<string[]> {
    const lines = await readElements(this.active.locator('.view-line'), {
      style: { of: { attribute: 'style' } },
      text: { of: 'text' },
    });
    // Elements are recycled while scrolling, so only their position tells the order.
    const top = (style = ''): number => Number(/top:\s*(-?[\d.]+)/.exec(style)?.[1] ?? 0);
    return lines.sort((a, b) => top(a.style) - top(b.style)).map(({ text }) => (text ?? '').replaceAll('\u00a0', ' '));
  }

  /** Waits until so many underlines of a severity are in view: diagnostics come some time after a file is opened. */
  async underlined(severity: 'error' | 'warning' | 'info', count: number, timeoutMs = patience): Promise<void> {
    await eventually(
      `${String(count)} underlines`,
      () => this.active.locator(`.squiggly-${severity}`).count(),
      (found) => found === count,
      timeoutMs,
    );
  }

  /** Text of the hover at the cursor, once it satisfies: providers answer one after the other, diagnostics first. */
  async hoverWhen(satisfies: (text: string) => boolean, timeoutMs = patience): Promise<string> {
    await this.quickInput.runCommand('Show or Focus Hover');
    const hover = this.page.locator('.monaco-editor .monaco-hover:not(.hidden) .monaco-hover-content').first();
    await hover.waitFor({ timeout: timeoutMs });
    return eventually('the hover', () => visibleText(hover), satisfies, timeoutMs);
  }

  /** Titles of the code actions at the cursor; the list stays open for {@link TextEditor.chooseCodeAction}. */
  async codeActions(): Promise<string[]> {
    await this.quickInput.runCommand('Quick Fix...');
    const rows = this.page.locator('.action-widget .monaco-list-row.action');
    await rows.first().waitFor({ timeout: patience });
    return (await rows.allTextContents()).map(readable);
  }

  /** Chooses one of {@link TextEditor.codeActions}. */
  async chooseCodeAction(title: string): Promise<void> {
    await this.page
      .locator('.action-widget .monaco-list-row.action', { hasText: title })
      .first()
      .click({ timeout: patience });
  }
}
