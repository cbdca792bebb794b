import * as vscode from 'vscode';
import { describeKey } from '../../core/kube/objectKey.ts';
import { isIgnorable, isRestorable, isWritable } from '../actions/model/restorable.ts';
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
    const actions = found.flatMap((finding) => {
      const id = `${finding.view.context}\n${finding.application.id}\n${describeKey(finding.object)}`;
      const isFirst = !seen.has(id);
      seen.add(id);
      const own = changingActions(finding, several);
      // What is about the whole object is offered once.
      if (isFirst) return [...own, ...openingActions(finding, several)];
      return own.filter((item) => item.command?.command !== commandIds.restore);
    });
    for (const item of actions) item.diagnostics = [...diagnostics];
    return actions;
  }
}

function openingActions(finding: LineFinding, several: boolean): vscode.CodeAction[] {
  const { status } = finding.object;
  const diff = action(vscode.l10n.t('Open diff'), commandIds.openDiff, finding, several);
  if (status === 'missing' || status === 'create') return [diff];
  return [diff, action(vscode.l10n.t('Open live manifest'), commandIds.openLiveManifest, finding, several)];
}

/** What brings Git and cluster together again, the one way or the other (design §1). */
function changingActions(finding: LineFinding, several: boolean): vscode.CodeAction[] {
  const { application, object, change } = finding;
  const actions: vscode.CodeAction[] = [];
  if (change !== undefined && isWritable(change)) {
    actions.push(action(vscode.l10n.t('Write live value into Git'), commandIds.writeLiveValue, finding, several));
  }
  const cluster = change === undefined || change.status === 'drifted' || change.status === 'conflict';
  if (cluster && isRestorable(application.engine, object)) {
    actions.push(action(vscode.l10n.t("Restore Git's value in the cluster"), commandIds.restore, finding, several));
  }
  if (change !== undefined && isIgnorable(change)) {
    actions.push(action(vscode.l10n.t('Ignore this difference'), commandIds.ignoreDifference, finding, several));
  }
  return actions;
}

function action(title: string, command: string, finding: LineFinding, several: boolean): vscode.CodeAction {
  const text = several ? vscode.l10n.t('{0} of {1}', title, describeKey(finding.object)) : title;
  const result = new vscode.CodeAction(text, vscode.CodeActionKind.QuickFix);
  result.command = { command, title: text, arguments: [finding.ref] };
  return result;
}
