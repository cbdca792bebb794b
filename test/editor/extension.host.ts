import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as vscode from 'vscode';
import type { PlumblineApi } from '../../src/editor/plumbline.ts';
import { commandIds } from '../../src/editor/contributions.ts';
import { hostTest } from '../rig/editor/host/hostTest.ts';

// Runs inside the extension host, beside the extension; started by extension.test.ts on the shop repository.

const extension = (): vscode.Extension<PlumblineApi> => {
  const found = vscode.extensions.getExtension<PlumblineApi>('plumbline.plumbline-gitops');
  assert.ok(found, 'the extension is installed');
  return found;
};
const shop = (): string => vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '';
const fileOf = (path: string): vscode.Uri => vscode.Uri.file(join(shop(), path));
let kubeconfig = '';

/** Runs a program without blocking: the sandbox answers in this very process. */
const run = async (program: string, ...args: string[]): Promise<string> =>
  (await promisify(execFile)(program, args, { encoding: 'utf8' })).stdout;
const kubectl = (...args: string[]): Promise<string> =>
  run(process.env['PLUMBLINE_KUBECTL'] ?? 'kubectl', '--kubeconfig', kubeconfig, ...args);
const git = (...args: string[]): Promise<string> => run('git', '-C', shop(), ...args);

/** Waits until a look at the window satisfies. */
async function until<T>(what: string, look: () => T, satisfies: (value: T) => boolean): Promise<T> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const value = look();
    if (satisfies(value)) return value;
    if (Date.now() > deadline) throw new Error(`Waited for ${what}; the last was ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function plumblineDiagnostics(path: string): vscode.Diagnostic[] {
  return vscode.languages.getDiagnostics(fileOf(path)).filter((found) => found.source === 'plumbline');
}

hostTest('it activates, says how long that took, and contacts nothing', async () => {
  const started = performance.now();
  const api = await extension().activate();
  console.log(`activation took ${(performance.now() - started).toFixed(1)} ms with its loading`);
  assert.equal(api.version, 1);
  assert.equal(api.context, undefined);
  assert.deepEqual(api.reports, []);
});

hostTest('every command that package.json has is registered, and no other', async () => {
  const registered = (await vscode.commands.getCommands(true)).filter((id) => id.startsWith('plumbline.'));
  // The editor itself adds commands for views: `plumbline.drift.focus` and the like.
  const own = registered.filter((id) => !/^plumbline\.(drift|commits)\./.test(id));
  assert.deepEqual(own.sort(), Object.values(commandIds).sort());
});

hostTest('the sandbox is started and chosen by its command, and its port is open on loopback', async () => {
  await vscode.commands.executeCommand(commandIds.startSandbox);
  const { exports } = extension();
  await until(
    'the sandbox',
    () => exports.context,
    (context) => context === 'plumbline-sandbox',
  );
  kubeconfig = globSync(join(process.env['HOME'] ?? '/nowhere', '**/sandbox/kubeconfig'))[0] ?? '';
  assert.match(readFileSync(kubeconfig, 'utf8'), /server: "?https:\/\/127\.0\.0\.1:\d+/);
  await until(
    'the first report',
    () => exports.reports[0]?.summary.create,
    (count) => count === 6,
  );
});

hostTest('findings become diagnostics on their lines, with a code that links to what it means', async () => {
  await kubectl('apply', '-f', join(shop(), 'platform'));
  await kubectl('apply', '-k', join(shop(), 'overlays/prod'));
  await kubectl('scale', 'deployment/web', '--replicas=7', '--namespace=shop');
  const [found] = await until(
    'the diagnostic',
    () => plumblineDiagnostics('base/deployment.yaml'),
    ([first]) => first?.message.includes('live is 7') ?? false,
  );
  assert.ok(found);
  assert.equal(found.severity, vscode.DiagnosticSeverity.Warning);
  assert.equal(found.range.start.line, 5);
  assert.deepEqual(typeof found.code === 'object' && found.code.value, 'drifted');
  assert.equal(
    found.relatedInformation?.[0]?.message,
    'spec.replicas: Deployment shop/web of overlays/prod in plumbline-sandbox',
  );
});

hostTest('a changed setting counts at once', async (context) => {
  const settings = vscode.workspace.getConfiguration('plumbline');
  context.after(() => settings.update('diagnostics.drifted', undefined, vscode.ConfigurationTarget.Global));
  const severity = (): vscode.DiagnosticSeverity | undefined =>
    plumblineDiagnostics('base/deployment.yaml')[0]?.severity;
  await settings.update('diagnostics.drifted', 'error', vscode.ConfigurationTarget.Global);
  await until('an error', severity, (found) => found === vscode.DiagnosticSeverity.Error);
  await settings.update('diagnostics.drifted', 'off', vscode.ConfigurationTarget.Global);
  await until('no diagnostic', severity, (found) => found === undefined);
});

hostTest('a workspace cannot allow itself to change a cluster, nor lift a protection', async () => {
  const settings = vscode.workspace.getConfiguration('plumbline');
  for (const [name, value] of [
    ['writableContexts', { 'plumbline-sandbox': '*' }],
    ['protectedContexts', []],
  ] as const) {
    await assert.rejects(async () => settings.update(name, value, vscode.ConfigurationTarget.Workspace), name);
  }
});

hostTest('kinds that are skipped are gone without a reload, and come back', async () => {
  const settings = vscode.workspace.getConfiguration('plumbline');
  const kinds = (): string[] =>
    extension().exports.reports[0]?.applications.flatMap((item) => item.objects.map((object) => object.kind)) ?? [];
  await settings.update('skipKinds', ['deployment'], vscode.ConfigurationTarget.Global);
  await until('objects without the Deployment', kinds, (found) => found.length > 0 && !found.includes('Deployment'));
  await settings.update('skipKinds', undefined, vscode.ConfigurationTarget.Global);
  await until('the Deployment', kinds, (found) => found.includes('Deployment'));
});

hostTest(
  'a renderer that is not there costs its applications only, and is found once it is named right',
  async (context) => {
    const settings = vscode.workspace.getConfiguration('plumbline');
    const missing = (): string[] =>
      extension().exports.reports[0]?.problems.flatMap((problem) =>
        problem.code === 'missing-binary' ? [problem.application ?? ''] : [],
      ) ?? [];
    context.after(() => settings.update('kustomizePath', undefined, vscode.ConfigurationTarget.Global));
    await settings.update('kustomizePath', '/nowhere/kustomize', vscode.ConfigurationTarget.Global);
    assert.deepEqual(await until('the problem', missing, (found) => found.length > 0), ['overlays/prod']);
    assert.equal(statusOf('ResourceQuota'), 'synced');
    await settings.update('kustomizePath', undefined, vscode.ConfigurationTarget.Global);
    await until('no problem', missing, (found) => found.length === 0);
  },
);

hostTest('live manifests are read-only documents of their own language, with secrets masked', async (context) => {
  context.after(() => vscode.commands.executeCommand('workbench.action.closeAllEditors'));
  const [report] = extension().exports.reports;
  const application = report?.applications.find((item) => item.objects.some((object) => object.kind === 'Secret'));
  assert.ok(application);
  const key = { group: '', kind: 'Secret', namespace: 'shop', name: 'database' };
  const ref = { root: shop(), context: 'plumbline-sandbox', application: application.id, key };
  await vscode.commands.executeCommand(commandIds.refresh);
  await until(
    'the Secret',
    () => statusOf('Secret'),
    (status) => status === 'synced',
  );
  await vscode.commands.executeCommand(commandIds.openLiveManifest, ref);
  const document = vscode.window.activeTextEditor?.document;
  assert.equal(document?.languageId, 'plumbline-manifest');
  assert.equal(document.uri.scheme, 'plumbline');
  assert.match(document.getText(), /password: .*\*\*\*/);
  assert.ok(!document.getText().includes(Buffer.from('in-git-only').toString('base64')));
});

hostTest('what is pending on a line that is not committed has no diagnostic; committed it has one', async (context) => {
  const file = fileOf('base/config.yaml');
  const before = readFileSync(file.fsPath, 'utf8');
  context.after(async () => {
    await vscode.workspace.fs.writeFile(file, new TextEncoder().encode(before));
    await git('commit', '--quiet', '--all', '--message', 'Back');
  });
  await vscode.workspace.fs.writeFile(file, new TextEncoder().encode(before.replace('hello', 'good day')));
  await until(
    'the finding',
    () => statusOf('ConfigMap'),
    (status) => status === 'pending',
  );
  // The diagnostics come a moment after the report.
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  assert.deepEqual(plumblineDiagnostics('base/config.yaml'), []);
  await git('commit', '--quiet', '--all', '--message', 'Greet well');
  await vscode.commands.executeCommand(commandIds.refresh);
  const [found] = await until(
    'the diagnostic',
    () => plumblineDiagnostics('base/config.yaml'),
    (all) => all.length === 1,
  );
  assert.equal(found?.severity, vscode.DiagnosticSeverity.Information);
});

hostTest('a command without its object says so once, and does not throw at its caller', async () => {
  const ref = {
    root: '/none',
    context: 'none',
    application: 'none',
    key: { group: '', kind: 'Pod', namespace: '', name: 'gone' },
  };
  assert.equal(await vscode.commands.executeCommand(commandIds.openDiff, ref), undefined);
});

hostTest('when the extension ends, its sandbox ends with it', async () => {
  const port = Number(/https:\/\/127\.0\.0\.1:(\d+)/.exec(readFileSync(kubeconfig, 'utf8'))?.[1]);
  assert.equal(await answers(port), true);
  // The host calls this on shutdown; the same module object serves here.
  const main = join(extension().extensionPath, 'dist', 'extension.cjs');
  const loaded = createRequire(main)(main) as { deactivate(): Promise<void> };
  await loaded.deactivate();
  assert.equal(await answers(port), false);
  assert.deepEqual(plumblineDiagnostics('base/deployment.yaml'), []);
  const left = (await vscode.commands.getCommands(true)).filter((id) => Object.values<string>(commandIds).includes(id));
  assert.deepEqual(left, []);
});

function statusOf(kind: string): string | undefined {
  const objects = extension().exports.reports[0]?.applications.flatMap((item) => item.objects);
  return objects?.find((object) => object.kind === kind)?.status;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
