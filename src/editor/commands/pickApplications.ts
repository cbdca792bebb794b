import * as vscode from 'vscode';
import { engineName } from '../../core/explain/findings.ts';
import type { EngineName } from '../../core/report.ts';

interface ApplicationItem extends vscode.QuickPickItem {
  id: string;
}

/**
 * Lets the user say which applications belong to the chosen cluster, and keeps it in the workspace's settings. All of them is the same
 * as no choice: then new ones are compared as well.
 */
export async function pickApplications(
  found: readonly { id: string; name: string; engine: EngineName; path: string }[],
): Promise<void> {
  if (found.length === 0) throw new Error(vscode.l10n.t('No application is known yet. Show the Drift view first.'));
  const settings = vscode.workspace.getConfiguration('plumbline');
  const chosen = new Set(settings.get<string[]>('applications') ?? []);
  const items = [...found]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((application): ApplicationItem => ({
      id: application.id,
      label: application.name,
      description: engineName(application.engine, vscode.l10n.t),
      ...(application.path === application.name ? {} : { detail: application.path }),
      picked: chosen.size === 0 || chosen.has(application.id),
    }));
  const picked = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t('Select Applications'),
    placeHolder: vscode.l10n.t('Those that the chosen cluster should hold'),
    canPickMany: true,
  });
  if (picked === undefined) return;
  const ids = picked.length === items.length ? undefined : picked.map((item) => item.id);
  await settings.update('applications', ids, vscode.ConfigurationTarget.Workspace);
}
