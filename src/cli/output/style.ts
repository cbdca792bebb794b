import { styleText } from 'node:util';
import type { ObjectStatus } from '../../core/report.ts';

type Paint = (text: string) => string;

/** How a terminal shows things: colour only where there is one, symbols always (no state by colour alone). */
export interface Style {
  /** Columns available; Infinity where the output is piped. */
  width: number;
  bold: Paint;
  dim: Paint;
  warn: Paint;
  error: Paint;
  info: Paint;
  good: Paint;
}

const plain: Paint = (text) => text;

export function terminalStyle(color: boolean, width: number): Style {
  if (!color) return { width, bold: plain, dim: plain, warn: plain, error: plain, info: plain, good: plain };
  return {
    width,
    bold: (text) => styleText('bold', text, { validateStream: false }),
    dim: (text) => styleText('dim', text, { validateStream: false }),
    warn: (text) => styleText('yellow', text, { validateStream: false }),
    error: (text) => styleText('red', text, { validateStream: false }),
    info: (text) => styleText('cyan', text, { validateStream: false }),
    good: (text) => styleText('green', text, { validateStream: false }),
  };
}

export const statusSymbol: Record<ObjectStatus, string> = {
  conflict: '✖',
  drifted: '⚠',
  missing: '⊘',
  pending: '●',
  create: '+',
  extra: '−',
  unknown: '?',
  synced: '✓',
};

export function statusColor(style: Style, status: ObjectStatus): Paint {
  switch (status) {
    case 'conflict':
    case 'missing':
      return style.error;
    case 'drifted':
    case 'extra':
      return style.warn;
    case 'pending':
    case 'create':
      return style.info;
    case 'synced':
      return style.good;
    case 'unknown':
      return style.dim;
  }
}
