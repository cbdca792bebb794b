import type { Locator, Page } from 'playwright-core';
import { readElements } from './elements.ts';
import { eventually, patience, readable } from './text.ts';
import type { QuickInput } from './quickInput.ts';

/** A row of the Problems panel. */
export interface ProblemRow {
  /** Name of the file, without its folder. */
  readonly file: string;
  readonly severity: 'error' | 'warning' | 'info';
  readonly message: string;
  /** Who reported it, with the code in brackets if there is one: `plumbline(drifted)`. */
  readonly source: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
}

/** The Problems panel. */
export class ProblemsPanel {
  private readonly quickInput: QuickInput;
  private readonly panel: Locator;

  constructor(page: Page, quickInput: QuickInput) {
    this.quickInput = quickInput;
    this.panel = page.locator('.markers-panel');
  }

  /** Brings the panel into view. */
  async open(): Promise<void> {
    if (await this.panel.isVisible()) return;
    await this.quickInput.runCommand('Problems: Focus on Problems View');
    await this.panel.waitFor({ state: 'visible', timeout: patience });
  }

  /** Rows in view, once there are any that satisfy. Related information is left out. */
  async rowsWhen(satisfies: (rows: ProblemRow[]) => boolean, timeoutMs = patience): Promise<ProblemRow[]> {
    await this.open();
    return eventually('rows of the Problems panel', () => this.rows(), satisfies, timeoutMs);
  }

  /** Rows in view. */
  async rows(): Promise<ProblemRow[]> {
    await this.open();
    const found = await readElements(this.panel.locator('.monaco-list-row'), {
      level: { of: { attribute: 'aria-level' } },
      file: { in: '.resource-label-container .label-name', of: 'text' },
      // While the light bulb takes the icon's place, only the class of its container tells the severity.
      severity: { in: '.marker-icon', of: 'class' },
      message: { in: '.marker-message', of: 'text', every: true },
      source: { in: '.marker-source', of: 'text' },
      code: { in: '.marker-code', of: 'text' },
      position: { in: '.marker-line', of: 'text' },
    });
    const rows: ProblemRow[] = [];
    let file = '';
    for (const row of found) {
      if (row.level === '1') file = readable(row.file ?? '');
      const position = /(\d+)\D+(\d+)/.exec(row.position ?? '');
      if (row.level !== '2' || !position) continue;
      rows.push({
        file,
        severity: row.severity?.includes('error') ? 'error' : row.severity?.includes('warning') ? 'warning' : 'info',
        message: readable(row.message ?? ''),
        source: readable(`${row.source ?? ''}${row.code === undefined ? '' : `(${readable(row.code)})`}`),
        line: Number(position[1]),
        column: Number(position[2]),
      });
    }
    return rows;
  }
}
