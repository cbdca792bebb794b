import type { Locator, Page } from 'playwright-core';
import { codicon, readElements } from './elements.ts';
import { eventually, patience, visibleText } from './text.ts';

/** An item of the status bar. */
export interface StatusBarItem {
  readonly text: string;
  /** Names of the codicons in it, which `text` leaves out. */
  readonly icons: readonly string[];
  readonly ariaLabel: string;
  readonly background: 'none' | 'warning' | 'error';
}

/** The status bar. */
export class StatusBar {
  private readonly items: Locator;

  constructor(page: Page) {
    this.items = page.locator('.part.statusbar .statusbar-item');
  }

  /** The item whose id ends with this (VS Code puts the extension's id in front), once its text satisfies. */
  async item(
    id: string,
    satisfies: (text: string) => boolean = () => true,
    timeoutMs = patience,
  ): Promise<StatusBarItem> {
    const item = this.locator(id);
    await item.waitFor({ timeout: timeoutMs });
    await eventually(`status bar item ${id}`, () => visibleText(item), satisfies, timeoutMs);
    const className = (await item.getAttribute('class')) ?? '';
    const icons = await readElements(item.locator('.codicon'), { classes: { of: 'class' } });
    return {
      text: await visibleText(item),
      icons: icons.map(({ classes }) => codicon(classes) ?? ''),
      ariaLabel: (await item.getAttribute('aria-label')) ?? '',
      background: className.includes('warning-kind') ? 'warning' : className.includes('error-kind') ? 'error' : 'none',
    };
  }

  /** Runs the item's command. */
  async press(id: string): Promise<void> {
    await this.locator(id).locator('a').click({ timeout: patience });
  }

  private locator(id: string): Locator {
    return this.items.and(this.items.page().locator(`[id$=${JSON.stringify(id)}]`)).first();
  }
}
