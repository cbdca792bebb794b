import * as vscode from 'vscode';
import type { Log } from '../../ports/log.ts';
import { commandIds } from '../contributions.ts';
import { redactCredentials } from '../log/redactedLog.ts';
import { unsavedTexts } from '../workspaceWatch.ts';
import type { ActionParts, ActionTarget } from './actionParts.ts';
import type { Ending, NextStep } from './model/outcomeText.ts';

/** The parts of actions that are the editor's own. */
export const editorActions: Pick<ActionParts, 'during' | 'tell' | 'unsaved' | 'save'> = {
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

  unsaved: (root) => [...unsavedBelow(root).keys()].map((path) => path.slice(root.length + 1).replaceAll('\\', '/')),

  async save(root) {
    const paths = unsavedBelow(root);
    const documents = vscode.workspace.textDocuments.filter((document) => paths.has(document.uri.fsPath));
    const saved = await Promise.all(documents.map((document) => document.save()));
    return saved.every((isSaved) => isSaved);
  },
};

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
      return t('Show Drift');
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
    showCommits: commandIds.showDrift,
    rollBack: commandIds.rollBack,
    resume: commandIds.resume,
    commitAndSync: commandIds.commitAndSync,
  };
  const command = commands[next];
  if (command === undefined) log.warn(`Nothing follows ${next}`);
  else await vscode.commands.executeCommand(command, target);
}
