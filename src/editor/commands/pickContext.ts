import * as vscode from 'vscode';
import type { ClusterProvider } from '../../ports/cluster.ts';
import { commandIds } from '../contributions.ts';

interface ContextItem extends vscode.QuickPickItem {
  context?: string;
  command?: string;
}

/** Lets the user choose a context; nothing is contacted by looking. Undefined when they leave it. */
export async function pickContext(
  clusters: ClusterProvider,
  chosen: string | undefined,
  sandbox: string | undefined,
): Promise<string | undefined> {
  const picked = await vscode.window.showQuickPick(contextItems(clusters, chosen, sandbox), {
    title: vscode.l10n.t('Select Cluster'),
    placeHolder: vscode.l10n.t('The context to compare this workspace with. Your kubeconfig is not changed.'),
    matchOnDescription: true,
    matchOnDetail: true,
  });
  if (picked?.command !== undefined) await vscode.commands.executeCommand(picked.command);
  return picked?.context;
}

async function contextItems(
  clusters: ClusterProvider,
  chosen: string | undefined,
  sandbox: string | undefined,
): Promise<ContextItem[]> {
  const { contexts, problems } = await clusters.contexts();
  const items: ContextItem[] = contexts.map((context) => ({
    label: context.name,
    description: [
      context.name === chosen ? vscode.l10n.t('chosen') : '',
      context.name === sandbox ? vscode.l10n.t('simulated cluster in this window') : '',
      context.current ? vscode.l10n.t('current context of the kubeconfig') : '',
    ]
      .filter((part) => part !== '')
      .join(' · '),
    detail: [context.server, context.namespace === undefined ? '' : vscode.l10n.t('namespace {0}', context.namespace)]
      .filter((part) => part !== '')
      .join(' · '),
    context: context.name,
  }));
  if (sandbox === undefined) {
    items.push(
      { label: '', kind: vscode.QuickPickItemKind.Separator },
      {
        label: `$(beaker) ${vscode.l10n.t('Start Sandbox Cluster')}`,
        description: vscode.l10n.t('a simulated cluster; needs nothing installed'),
        command: commandIds.startSandbox,
      },
    );
  }
  for (const problem of problems.filter((found) => found.code !== 'no-kubeconfig')) {
    items.push({
      label: `$(warning) ${problem.message}`,
      description: problem.remedy ?? '',
      command: commandIds.showLog,
    });
  }
  return items;
}
