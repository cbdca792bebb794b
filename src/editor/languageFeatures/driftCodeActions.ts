import * as vscode from 'vscode';
import { describeKey } from '../../core/kube/objectKey.ts';
import { commandIds } from '../contributions.ts';
import type { LineFinding } from '../views/model/diagnostics.ts';
import type { FileFindings } from './fileFindings.ts';

/** What can be done about a finding from its line. */
export class DriftCodeActions implements vscode.CodeActionProvider {
  static readonly kinds: readonly vscode.CodeActionKind[] = [vscode.CodeActionKind.QuickFix];
  readonly #findings: () => FileFindings;

  constructor(findings: () => FileFindings) {
    this.#findings = findings;
  }

  provideCodeActions(
    document: vscode.TextDocument,
    range: vscode.Range,
    context: vscode.CodeActionContext,
  ): vscode.CodeAction[] {
    const found = this.#findings().at(document.uri, range);
    const several = new Set(found.map((finding) => describeKey(finding.object))).size > 1;
    const diagnostics = context.diagnostics.filter((diagnostic) => diagnostic.source === 'plumbline');
    const seen = new Set<string>();
    return found.flatMap((finding) => {
      const id = `${finding.view.context}\n${finding.application.id}\n${describeKey(finding.object)}`;
      if (seen.has(id)) return [];
      seen.add(id);
      const actions = [action(vscode.l10n.t('Open diff'), commandIds.openDiff, finding, several)];
      if (finding.object.status !== 'missing' && finding.object.status !== 'create') {
        actions.push(action(vscode.l10n.t('Open live manifest'), commandIds.openLiveManifest, finding, several));
      }
      for (const item of actions) item.diagnostics = [...diagnostics];
      return actions;
    });
  }
}

function action(title: string, command: string, finding: LineFinding, several: boolean): vscode.CodeAction {
  const text = several ? vscode.l10n.t('{0} of {1}', title, describeKey(finding.object)) : title;
  const result = new vscode.CodeAction(text, vscode.CodeActionKind.QuickFix);
  result.command = { command, title: text, arguments: [finding.ref] };
  return result;
}
