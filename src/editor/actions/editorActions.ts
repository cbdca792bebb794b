import * as vscode from 'vscode';
import type { Log } from '../../ports/log.ts';
import { commandIds } from '../contributions.ts';
import { redactCredentials } from '../log/redactedLog.ts';
import { LineIndex } from '../../core/text/lineIndex.ts';
import { fileUri } from '../languageFeatures/fileFindings.ts';
import { unsavedTexts } from '../workspaceWatch.ts';
import type { ActionParts, ActionTarget } from './actionParts.ts';
import type { Ending, NextStep } from './model/outcomeText.ts';

/** The parts of actions that are the editor's own. */
export const editorActions: Pick<ActionParts, 'during' | 'tell' | 'unsaved' | 'save' | 'edit'> = {
  during: (title, work) =>
    Promise.resolve(
      vscode.window.withProgress(
        { location: vscode.ProgressLocation.Notification, title, cancellable: true },
        (progress, token) => {
          const controller = new AbortController();
          token.onCancellationRequested(() => controller.abort());
          return work((message) => progress.report({ message: redactCredentials(message) }), controller.signal);
        },
      ),
    ),

  async tell({ severity, text, next }: Ending): Promise<NextStep | undefined> {
    const message = redactCredentials(text);
    const buttons = next.map((step) => ({ title: nextTitle(step), step }));
    const pressed =
      severity === 'error'
        ? await vscode.window.showErrorMessage(message, ...buttons)
        : severity === 'warning'
          ? await vscode.window.showWarningMessage(message, ...buttons)
          : await vscode.window.showInformationMessage(message, ...buttons);
    return pressed?.step;
  },

  unsaved: (root) =>
    new Map(
      [...unsavedBelow(root)].map(([path, text]) => [path.slice(root.length + 1).replaceAll('\\', '/'), text] as const),
    ),

  async save(root) {
    const paths = unsavedBelow(root);
    const documents = vscode.workspace.textDocuments.filter((document) => paths.has(document.uri.fsPath));
    const saved = await Promise.all(documents.map((document) => document.save()));
    return saved.every((isSaved) => isSaved);
  },

  async edit(root, file, before, edits) {
    const uri = fileUri(root, file);
    const document = await vscode.workspace.openTextDocument(uri);
    if (!sameText(document.getText(), before)) return false;
    const index = new LineIndex(before);
    const bom = before.startsWith('\uFEFF') ? 1 : 0;
    const position = (offset: number): vscode.Position => {
      const { line, column } = index.positionAt(offset);
      return new vscode.Position(line - 1, Math.max(0, column - 1 - (line === 1 ? bom : 0)));
    };
    const change = new vscode.WorkspaceEdit();
    for (const { span, newText } of edits) {
      change.replace(uri, new vscode.Range(position(span.start), position(span.end)), newText);
    }
    if (!(await vscode.workspace.applyEdit(change))) return false;
    const at = position(edits[0]?.span.start ?? 0);
    await vscode.window.showTextDocument(document, { selection: new vscode.Range(at, at), preview: false });
    return true;
  },
};

/** A document has neither the mark of its encoding nor, where lines end in several ways, all of them. */
function sameText(a: string, b: string): boolean {
  const plain = (text: string): string => text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
  return plain(a) === plain(b);
}

function unsavedBelow(root: string): Map<string, string> {
  const start = `${root.replaceAll('\\', '/').replace(/\/$/, '')}/`;
  return new Map([...unsavedTexts()].filter(([path]) => path.replaceAll('\\', '/').startsWith(start)));
}

function nextTitle(step: NextStep): string {
  const { t } = vscode.l10n;
  switch (step) {
    case 'showLog':
      return t('Show Log');
    case 'showCommits':
      return t('Show Commits');
    case 'retry':
      return t('Retry');
    case 'rollBack':
      return t('Roll Back');
    case 'resume':
      return t('Resume');
    case 'commitAndSync':
      return t('Commit and Sync');
    case 'showPlan':
      return t('Show Plan');
  }
}

/** Runs the command that a button stands for. */
export async function followEditor(next: NextStep, target: ActionTarget, log: Log): Promise<void> {
  const commands: Partial<Record<NextStep, string>> = {
    showLog: commandIds.showLog,
    showCommits: commandIds.showCommits,
    showPlan: commandIds.previewReconcile,
    rollBack: commandIds.rollBack,
    resume: commandIds.resume,
    commitAndSync: commandIds.commitAndSync,
  };
  const command = commands[next];
  if (command === undefined) log.warn(`Nothing follows ${next}`);
  else await vscode.commands.executeCommand(command, target);
}
