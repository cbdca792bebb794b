import { createVSIX } from '@vscode/vsce';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const manifest = {
  name: 'probe',
  publisher: 'rig',
  version: '0.0.1',
  license: 'UNLICENSED',
  engines: { vscode: '^1.105.0' },
  main: './main.cjs',
  activationEvents: ['onStartupFinished'],
  contributes: {
    commands: [
      { command: 'probe.greet', title: 'Greet', category: 'Probe', icon: '$(smiley)' },
      { command: 'probe.ask', title: 'Ask', category: 'Probe' },
      { command: 'probe.confirm', title: 'Confirm', category: 'Probe' },
      { command: 'probe.panel', title: 'Open Panel', category: 'Probe' },
      { command: 'probe.markInMenu', title: 'Mark in Menu', category: 'Probe' },
      { command: 'probe.mark', title: 'Mark', category: 'Probe', icon: '$(check)' },
    ],
    menus: {
      'view/title': [{ command: 'probe.greet', when: 'view == probe.things', group: 'navigation' }],
      'view/item/context': [
        { command: 'probe.mark', when: 'view == probe.things', group: 'inline' },
        { command: 'probe.markInMenu', when: 'view == probe.things' },
      ],
    },
    viewsContainers: { activitybar: [{ id: 'probe', title: 'Probe', icon: 'icon.svg' }] },
    views: {
      probe: [
        { id: 'probe.things', name: 'Things' },
        { id: 'probe.nothing', name: 'Nothing' },
      ],
    },
    viewsWelcome: [{ view: 'probe.nothing', contents: 'There is nothing.\n[Greet Me](command:probe.greet)' }],
  },
};

// Plain JavaScript as a user's machine would load it: the rig is what is under test here, not a build.
const main = `
const vscode = require('vscode');

exports.activate = (context) => {
  const leaf = (label, description) => ({ label, description });
  const roots = [
    { label: 'web', description: 'drifted · 1 field', icon: 'warning', children: [leaf('replicas', 'Git 3 → live 5')] },
    ...Array.from({ length: 100 }, (_, index) => leaf('item ' + index, 'in sync')),
  ];
  const things = vscode.window.createTreeView('probe.things', {
    treeDataProvider: {
      getChildren: (node) => (node ? node.children : roots),
      getTreeItem: (node) => {
        const item = new vscode.TreeItem(node.label, node.children ? 2 : 0);
        item.description = node.description;
        if (node.icon) item.iconPath = new vscode.ThemeIcon(node.icon, new vscode.ThemeColor('charts.orange'));
        return item;
      },
    },
  });
  things.message = 'Two lines of it';
  things.badge = { value: 7, tooltip: '7 things' };

  const folder = vscode.workspace.workspaceFolders[0].uri;
  const diagnostics = vscode.languages.createDiagnosticCollection('probe');
  const drift = new vscode.Diagnostic(new vscode.Range(1, 0, 1, 8), 'live is 5', vscode.DiagnosticSeverity.Warning);
  drift.source = 'probe';
  drift.code = 'drifted';
  diagnostics.set(vscode.Uri.joinPath(folder, 'deployment.yaml'), [drift]);

  const status = vscode.window.createStatusBarItem('probe.status', vscode.StatusBarAlignment.Left, 100);
  status.text = '$(lock) prod: 1 drifted';
  status.backgroundColor = new vscode.ThemeColor('statusBarItem.warningBackground');
  status.command = 'probe.greet';
  status.show();

  const say = (text) => vscode.window.showInformationMessage(text);
  context.subscriptions.push(
    things, diagnostics, status,
    vscode.window.createTreeView('probe.nothing', { treeDataProvider: { getChildren: () => [], getTreeItem: (node) => node } }),
    vscode.languages.registerHoverProvider('yaml', { provideHover: () => new vscode.Hover('desired **3**') }),
    vscode.languages.registerCodeActionsProvider('yaml', {
      provideCodeActions: (document, range) => {
        const action = new vscode.CodeAction('Write live value into Git', vscode.CodeActionKind.QuickFix);
        action.edit = new vscode.WorkspaceEdit();
        action.edit.replace(document.uri, new vscode.Range(1, 10, 1, 11), '5');
        action.diagnostics = [drift];
        return range.start.line === 1 ? [action] : [];
      },
    }),
    vscode.commands.registerCommand('probe.greet', async () => {
      const chosen = await vscode.window.showInformationMessage('Hello ' + (process.env.PROBE_NAME || 'nobody'), 'Again', 'Stop');
      if (chosen) vscode.window.showWarningMessage('Chosen: ' + chosen);
    }),
    vscode.commands.registerCommand('probe.ask', async () => {
      const items = [{ label: 'one', description: 'first' }, { label: 'two', detail: 'the second of two' }];
      const item = await vscode.window.showQuickPick(items, { title: 'Pick One', placeHolder: 'a number' });
      const name = await vscode.window.showInputBox({ prompt: 'Name it' });
      say('Asked: ' + item.label + ' ' + name);
    }),
    vscode.commands.registerCommand('probe.confirm', async () => {
      const options = { modal: true, detail: '1 create · 2 configure' };
      say('Answered: ' + (await vscode.window.showWarningMessage('Sync podinfo to prod?', options, 'Sync', 'Show Plan')));
    }),
    vscode.commands.registerCommand('probe.mark', (node) => say('Marked: ' + node.label)),
    vscode.commands.registerCommand('probe.markInMenu', (node) => say('Marked: ' + node.label)),
    vscode.commands.registerCommand('probe.panel', () => {
      const panel = vscode.window.createWebviewPanel('probe', 'Panel', vscode.ViewColumn.One, { enableScripts: true });
      panel.webview.onDidReceiveMessage((message) => panel.webview.postMessage('answer to ' + message));
      panel.webview.html = [
        '<meta http-equiv="Content-Security-Policy" content="default-src \\'none\\'; script-src \\'nonce-n0\\'">',
        '<output>waiting</output><script nonce="n0">addEventListener("message", (event) => ',
        '{ document.querySelector("output").textContent = event.data; }); acquireVsCodeApi().postMessage("question");</script>',
      ].join('');
    }),
  );
};
`;

const icon = '<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24"><circle cx="12" cy="12" r="8"/></svg>';

/** Writes a small extension that uses each surface that the rig can read, and a workspace for it. */
export async function makeProbe(folder: string): Promise<{ extension: string; workspace: string; vsix: string }> {
  const extension = join(folder, 'extension');
  const workspace = join(folder, 'workspace');
  const vsix = join(folder, 'probe.vsix');
  await mkdir(extension);
  await mkdir(workspace);
  await writeFile(join(extension, 'package.json'), JSON.stringify(manifest));
  await writeFile(join(extension, 'main.cjs'), main);
  await writeFile(join(extension, 'icon.svg'), icon);
  await writeFile(join(extension, 'README.md'), '# Probe\n\nAn extension to try the test rig on.\n');
  await writeFile(join(workspace, 'deployment.yaml'), 'kind: Deployment\nreplicas: 3\n');
  await createVSIX({
    cwd: extension,
    packagePath: vsix,
    dependencies: false,
    allowMissingRepository: true,
    skipLicense: true,
  });
  return { extension, workspace, vsix };
}
