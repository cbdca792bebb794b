import * as vscode from 'vscode';
import { describeKey } from '../../core/kube/objectKey.ts';
import { type ObjectRef, keyOfReport } from '../sessions/objectRef.ts';
import type { DriftView } from '../sessions/viewState.ts';
import { statusIcons, statusWord } from '../views/model/statusLooks.ts';

interface ObjectItem extends vscode.QuickPickItem {
  ref: ObjectRef;
}

/** Lets the user choose an object that is live. Undefined when they leave it. */
export async function pickObject(views: readonly DriftView[]): Promise<ObjectRef | undefined> {
  const items: ObjectItem[] = [];
  for (const view of views) {
    for (const application of view.snapshot.report.applications) {
      for (const object of application.objects) {
        if (object.status === 'missing' || object.status === 'create' || object.status === 'unknown') continue;
        items.push({
          label: `$(${statusIcons[object.status].id}) ${describeKey(object)}`,
          description: `${application.name} · ${statusWord(object.status, vscode.l10n.t)}`,
          ref: { root: view.root, context: view.context, application: application.id, key: keyOfReport(object) },
        });
      }
    }
  }
  if (items.length === 0) throw new Error(vscode.l10n.t('No live object is known yet. Select a cluster, or refresh.'));
  const picked = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t('Open Live Manifest'),
    placeHolder: vscode.l10n.t('The object to open as it is in {0}', views[0]?.context ?? ''),
    matchOnDescription: true,
  });
  return picked?.ref;
}
