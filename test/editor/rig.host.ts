import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { hostTest } from '../rig/editor/host/hostTest.ts';

// Runs inside the extension host, beside the probe of probeExtension.ts; started by rig.test.ts.

hostTest('the extension under test is there and activates', async () => {
  await vscode.extensions.getExtension('rig.probe')?.activate();
  assert.ok((await vscode.commands.getCommands()).includes('probe.greet'));
});

hostTest('its environment is the one given, without a kubeconfig of this person', () => {
  assert.equal(process.env['PROBE_NAME'], 'Ada');
  assert.equal(process.env['KUBECONFIG'], undefined);
});

hostTest('a clean-up runs after its test', async (context) => {
  const document = await vscode.workspace.openTextDocument({ content: 'kind: Pod' });
  context.after(() => vscode.commands.executeCommand('workbench.action.closeAllEditors'));
  await vscode.window.showTextDocument(document);
  assert.equal(vscode.window.activeTextEditor?.document.getText(), 'kind: Pod');
});

hostTest('fails on purpose', () => {
  assert.equal(vscode.window.activeTextEditor, undefined);
  console.log('a line of the log');
  assert.fail('as it should');
});
