import type { Locator, Page } from 'playwright-core';
import { codicon, readElements } from './elements.ts';
import { eventually, optionalText, patience, readable } from './text.ts';

/** A row of a tree view, as a person reads it. */
export interface TreeRow {
  readonly label: string;
  readonly description: string;
  /** 1 for the roots. */
  readonly level: number;
  /** Undefined for leaves. */
  readonly expanded: boolean | undefined;
  /** Name of the codicon, such as `warning`; undefined for none or an image. */
  readonly icon: string | undefined;
  /** What a screen reader says. */
  readonly ariaLabel: string;
}

/** One tree view of the side bar. */
export class TreeView {
  /** The pane with header, message and tree. */
  readonly pane: Locator;
  private readonly page: Page;
  private readonly name: string;

  constructor(page: Page, name: string) {
    this.page = page;
    this.name = name;
    // A view with a description has it in its label: "Drift - prod-eu Section".
    const labels = [`="${name} Section"`, `^="${name} - "`].map((label) => `.pane-header[aria-label${label}]`);
    this.pane = page.locator('.pane').filter({ has: page.locator(labels.join(', ')) });
  }

  /** Rows in the order shown, unfolded ones only. Scrolls, because rows out of view do not exist. */
  async rows(): Promise<TreeRow[]> {
    const list = this.pane.locator('.monaco-list').first();
    if (!(await list.isVisible())) return [];

    const found = new Map<number, TreeRow>();
    let inView = await readRows(list);
    while (inView[0] && inView[0].index > 0) inView = await this.scroll(list, 'up', inView);
    const scrolled = !inView.some(({ last }) => last);
    for (;;) {
      for (const { index, row } of inView) found.set(index, row);
      const before = inView;
      if (before.length === 0 || before.some(({ last }) => last)) break;
      inView = await this.scroll(list, 'down', before);
    }
    while (scrolled && inView[0] && inView[0].index > 0) inView = await this.scroll(list, 'up', inView);
    return [...found].sort(([a], [b]) => a - b).map(([, row]) => row);
  }

  /** Rows once they satisfy; a view is filled some time after it is shown. */
  async rowsWhen(satisfies: (rows: TreeRow[]) => boolean, timeoutMs = patience): Promise<TreeRow[]> {
    return eventually(`rows of the view ${this.name}`, () => this.rows(), satisfies, timeoutMs);
  }

  /** The text that the view shows above its tree; undefined when there is none. */
  async message(): Promise<string | undefined> {
    return optionalText(this.pane.locator('.tree-explorer-viewlet-tree-view > .message:not(.hide)'));
  }

  /** The dim text beside the view's title; undefined when there is none. */
  async description(): Promise<string | undefined> {
    const label = await this.pane.locator('.pane-header').getAttribute('aria-label');
    return /^.*? - (.*) Section$/.exec(label ?? '')?.[1];
  }

  /** The welcome text of an empty view, one entry per line or button; empty when rows are shown. */
  async welcome(): Promise<string[]> {
    const parts = this.pane.locator('.welcome-view-content > *');
    return (await parts.allTextContents()).map(readable).filter((text) => text !== '');
  }

  /** Presses a button of the welcome text. */
  async pressWelcome(button: string): Promise<void> {
    await this.pane.locator('.welcome-view-content .monaco-button', { hasText: button }).click({ timeout: patience });
  }

  /** Scrolls the row with exactly this label into view; the first, if there are several. */
  async row(label: string): Promise<Locator> {
    const name = this.page
      .locator('.monaco-icon-label')
      .and(this.page.locator(`[aria-label=${JSON.stringify(label)}]`));
    const row = this.pane.locator('.monaco-list-row').filter({ has: name }).first();
    if (await row.isVisible()) return row;

    await this.rowsWhen((rows) => rows.some((found) => found.label === label));
    const list = this.pane.locator('.monaco-list').first();
    let inView = await readRows(list);
    while (!inView.some((found) => found.row.label === label)) inView = await this.scroll(list, 'down', inView);
    return row;
  }

  /** Selects a row, which runs its command. */
  async select(label: string): Promise<void> {
    await (await this.row(label)).click({ timeout: patience });
  }

  /** Unfolds or folds a row. */
  async toggle(label: string): Promise<void> {
    await (await this.row(label)).locator('.monaco-tl-twistie').click({ timeout: patience });
  }

  /** Presses an inline icon of a row by its title. */
  async pressInline(label: string, action: string): Promise<void> {
    const row = await this.row(label);
    await row.hover({ timeout: patience });
    await row
      .locator('.action-label')
      .and(this.page.getByRole('button', { name: action }))
      .click({ timeout: patience });
  }

  /** Chooses an entry of a row's context menu. */
  async chooseInMenu(label: string, entry: string): Promise<void> {
    await (await this.row(label)).click({ button: 'right', timeout: patience });
    const item = this.page.locator('.monaco-menu').getByRole('menuitem', { name: entry, exact: true });
    await item.waitFor({ timeout: patience });
    // A menu heeds the mouse only some 100 ms after it opens, lest the click that opened it also chooses.
    await this.page.waitForTimeout(200);
    await item.click({ timeout: patience });
    await item.waitFor({ state: 'hidden', timeout: patience });
  }

  /** Presses an icon of the view's title bar by its title. */
  async pressTitle(action: string): Promise<void> {
    await this.pane.hover({ timeout: patience });
    // A container of one view has no header of its own: then the actions stand in the title of the side bar.
    const inPane = this.pane.locator('.pane-header .actions').getByRole('button', { name: action });
    const inTitle = this.page.locator('.part.sidebar .composite.title').getByRole('button', { name: action });
    await inPane.or(inTitle).first().click({ timeout: patience });
  }

  /** Scrolls almost a page down, or far up, and gives the rows then in view. */
  private async scroll(list: Locator, direction: 'down' | 'up', before: readonly RowInView[]): Promise<RowInView[]> {
    const box = await list.boundingBox();
    if (!box) return [];
    // Made in the page, because the browser's own events say one notch of 50 pixels however far the wheel is turned.
    const notches = direction === 'up' ? -10_000 : Math.max(22, box.height - 44) / 50;
    await list
      .locator('.monaco-list-rows')
      .dispatchEvent('wheel', { wheelDeltaY: notches * -120, bubbles: true, cancelable: true });
    return eventually(
      `the view ${this.name} to scroll`,
      () => readRows(list),
      (rows) => rows[0]?.index !== before[0]?.index || rows.at(-1)?.index !== before.at(-1)?.index,
      3_000,
    );
  }
}

interface RowInView {
  readonly index: number;
  /** No row follows it. */
  readonly last: boolean;
  readonly row: TreeRow;
}

async function readRows(list: Locator): Promise<RowInView[]> {
  const rows = await readElements(list.locator('.monaco-list-row'), {
    index: { of: { attribute: 'data-index' } },
    last: { of: { attribute: 'data-last-element' } },
    label: { in: '.label-name', of: 'text' },
    description: { in: '.label-description', of: 'text' },
    level: { of: { attribute: 'aria-level' } },
    expanded: { of: { attribute: 'aria-expanded' } },
    icon: { in: '.custom-view-tree-node-item-icon', of: 'class' },
    ariaLabel: { of: { attribute: 'aria-label' } },
  });
  return (
    rows
      .map(({ index, last, label, description, level, expanded, icon, ariaLabel }) => ({
        index: Number(index),
        last: last === 'true',
        row: {
          label: readable(label ?? ''),
          description: readable(description ?? ''),
          level: Number(level),
          expanded: expanded === undefined ? undefined : expanded === 'true',
          icon: codicon(icon),
          ariaLabel: readable(ariaLabel ?? ''),
        },
      }))
      // Elements are recycled while scrolling, so their order in the document is not that on the screen.
      .sort((a, b) => a.index - b.index)
  );
}
