import * as vscode from 'vscode';
import { hoverCommands, hoverText } from '../views/model/hoverText.ts';
import type { Wording } from '../../core/explain/wording.ts';
import type { FileFindings } from './fileFindings.ts';

/** More findings than this on one line are counted, not shown. */
const shownFindings = 3;

/** What the cluster holds, on the line that decides it. */
export class DriftHover implements vscode.HoverProvider {
  readonly #findings: () => FileFindings;
  readonly #wording: () => Wording;

  constructor(findings: () => FileFindings, wording: () => Wording) {
    this.#findings = findings;
    this.#wording = wording;
  }

  provideHover(document: vscode.TextDocument, position: vscode.Position): vscode.Hover | undefined {
    const found = this.#findings().at(document.uri, new vscode.Range(position, position));
    if (found.length === 0) return undefined;
    const wording = this.#wording();
    const contents = found.slice(0, shownFindings).map((finding) => {
      const text = new vscode.MarkdownString(hoverText(finding, wording));
      text.supportHtml = false;
      text.isTrusted = { enabledCommands: [...hoverCommands] };
      return text;
    });
    const rest = found.length - shownFindings;
    if (rest > 0) contents.push(new vscode.MarkdownString(wording.t('{0} more on this line.', rest)));
    return new vscode.Hover(contents);
  }
}
