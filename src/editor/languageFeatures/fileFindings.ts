import * as vscode from 'vscode';
import type { Location } from '../../core/location.ts';
import type { LineFinding } from '../views/model/diagnostics.ts';

/** The file of a location, below the root of its repository. */
export function fileUri(root: string, file: string): vscode.Uri {
  return vscode.Uri.joinPath(vscode.Uri.file(root), file);
}

/** The range of a location, whose lines and columns count from 1. Without an end it reaches to the end of the line. */
export function rangeOf(location: Location): vscode.Range {
  const line = Math.max(0, (location.line ?? 1) - 1);
  const column = Math.max(0, (location.column ?? 1) - 1);
  if (location.line === undefined) return new vscode.Range(0, 0, 0, 0);
  if (location.endColumn === undefined) return new vscode.Range(line, column, line, Number.MAX_SAFE_INTEGER);
  return new vscode.Range(line, column, (location.endLine ?? location.line) - 1, location.endColumn - 1);
}

/** Findings by the file that decides them. */
export class FileFindings {
  readonly #byFile = new Map<string, LineFinding[]>();

  constructor(findings: readonly LineFinding[]) {
    for (const finding of findings) {
      const id = fileUri(finding.root, finding.location.file).toString();
      const known = this.#byFile.get(id);
      if (known === undefined) this.#byFile.set(id, [finding]);
      else known.push(finding);
    }
  }

  in(uri: vscode.Uri): readonly LineFinding[] {
    return this.#byFile.get(uri.toString()) ?? [];
  }

  /** Findings whose deciding lines a range touches. A block that is one value counts by its first line only. */
  at(uri: vscode.Uri, range: vscode.Range): LineFinding[] {
    return this.in(uri).filter((finding) => {
      const { start } = rangeOf(finding.location);
      return start.line >= range.start.line && start.line <= range.end.line;
    });
  }
}
