import * as vscode from 'vscode';
import type { ObjectStatus } from '../../core/report.ts';
import { documentScheme } from '../contributions.ts';
import { statusIcons, statusWord } from './model/statusLooks.ts';

const letters: Partial<Record<string, string>> = {
  conflict: '!',
  drifted: 'D',
  missing: 'M',
  pending: 'P',
  create: 'A',
  extra: 'X',
};

/** Colours and letters of rows, by their status. The letter says without colour what the colour says. */
export class RowDecorations implements vscode.FileDecorationProvider {
  provideFileDecoration(uri: vscode.Uri): vscode.FileDecoration | undefined {
    if (uri.scheme !== `${documentScheme}-row`) return undefined;
    const status = uri.path.slice(1);
    const letter = letters[status];
    if (letter === undefined) return undefined;
    const known = status as ObjectStatus;
    const { color } = statusIcons[known];
    const tooltip = statusWord(known, vscode.l10n.t);
    return new vscode.FileDecoration(letter, tooltip, color === undefined ? undefined : new vscode.ThemeColor(color));
  }
}
