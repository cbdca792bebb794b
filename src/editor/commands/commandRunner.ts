import * as vscode from 'vscode';
import type { Disposable } from '../../core/emitter.ts';
import type { Log } from '../../ports/log.ts';
import { type CommandId, commandIds } from '../contributions.ts';
import { Disposables } from '../disposables.ts';
import { redactCredentials } from '../log/redactedLog.ts';

export type Handler = (...args: unknown[]) => unknown;

/**
 * Registers all commands. Handlers only throw: this is the one place that logs and shows what went wrong, once, with a next step.
 * Cancelling is no error.
 */
export function registerCommands(handlers: Readonly<Record<CommandId, Handler>>, log: Log): Disposable {
  const owned = new Disposables();
  for (const [id, handler] of Object.entries(handlers) as [CommandId, Handler][]) {
    owned.add(
      vscode.commands.registerCommand(id, async (...args: unknown[]) => {
        try {
          return await handler(...args);
        } catch (error) {
          if (isCancellation(error)) return undefined;
          log.error(`${id} failed`, error);
          // Not awaited: a command has ended when its work has, not when the user has read the message.
          void showError(error);
          return undefined;
        }
      }),
    );
  }
  return owned;
}

async function showError(error: unknown): Promise<void> {
  const message = error instanceof Error ? error.message : String(error);
  const remedy =
    error instanceof Error && 'remedy' in error && typeof error.remedy === 'string' ? ` ${error.remedy}` : '';
  const showLog = vscode.l10n.t('Show Log');
  const chosen = await vscode.window.showErrorMessage(redactCredentials(`Plumbline: ${message}${remedy}`), showLog);
  if (chosen === showLog) await vscode.commands.executeCommand(commandIds.showLog);
}

function isCancellation(error: unknown): boolean {
  return error instanceof vscode.CancellationError || (error instanceof Error && error.name === 'AbortError');
}
