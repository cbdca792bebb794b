import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Editor } from '../rig/editor/editor.ts';
import { eventually } from '../rig/editor/pages/text.ts';
import type { Workbench } from '../rig/editor/pages/workbench.ts';
import { type ShopWindow, openShop, sandboxKubeconfig } from './openWindow.ts';
import { runKubectl } from './packagedExtension.ts';
import { rowTextsWhen } from './rowText.ts';
import { screenshot } from './screenshot.ts';

const patience = 30_000;

describe('drift of the sandbox cluster, in a window with the packaged extension', () => {
  let shop: string;
  let editor: Editor;
  let window: Workbench;
  let close: ShopWindow['close'];
  let kubeconfig: string;
  const run = (...args: string[]): string => runKubectl(kubeconfig, ...args);
  const rowsWhen = (satisfies: (rows: string[]) => boolean): Promise<string[]> =>
    rowTextsWhen(window.treeView('Drift'), satisfies, patience);

  before(async () => {
    ({ shop, editor, window, close } = await openShop('drift'));
  });
  after(() => close());

  test('before a cluster is chosen the view says what to do', async () => {
    await window.openContainer('Plumbline');
    const welcome = await eventually(
      'the welcome text',
      () => window.treeView('Drift').welcome(),
      (parts) => parts.length > 1,
    );
    assert.deepEqual(welcome, [
      'No kubeconfig was found (KUBECONFIG, ~/.kube/config).',
      'Start Sandbox Cluster',
      'Settings',
    ]);
    await window.statusBar.item('plumbline.status', (text) => text === '⟂ no cluster');
    await screenshot(window, 'welcome');
  });

  test('the sandbox starts from the welcome text, and what Git declares is yet to be created', async () => {
    await window.treeView('Drift').pressWelcome('Start Sandbox Cluster');
    const rows = await rowsWhen((found) => found.length === 8);
    assert.deepEqual(rows, [
      'add overlays/prod | direct · worktree · 4 to be created',
      '  add ConfigMap settings | to be created',
      '  add Deployment web | to be created',
      '  add Secret database | to be created',
      '  add Service web | to be created',
      'add platform | direct · worktree · 2 to be created',
      '  add Namespace shop | to be created',
      '  add ResourceQuota quota | to be created',
    ]);
    kubeconfig = sandboxKubeconfig(editor);
    await window.statusBar.item('plumbline.status', (text) => text === '⟂ sandbox · 6 to be created');
  });

  test('what is applied with kubectl shows as in sync, by itself', async () => {
    run('apply', '-f', join(shop, 'platform'));
    run('apply', '-k', join(shop, 'overlays/prod'));
    await rowsWhen((rows) => rows.some((row) => row.startsWith('check platform')));
    await window.runCommand('Plumbline: Refresh');
    const rows = await rowsWhen((found) => found.some((row) => row.startsWith('check overlays/prod')));
    assert.equal(rows[0], 'check overlays/prod | direct · worktree · 4 in sync');
    const message = await eventually(
      'the message',
      () => window.treeView('Drift').message(),
      (text) => text !== undefined,
    );
    assert.equal(message, 'Everything in plumbline-sandbox hangs true: 6 objects in 2 applications.');
    await window.badgeIs('Plumbline', undefined);
    await window.problems.rowsWhen((found) => found.length === 0);
  });

  test('an edit in the cluster shows on its object and field, with who made it', async () => {
    run('scale', 'deployment/web', '--replicas=5', '--namespace=shop');
    run('set', 'image', 'deployment/web', 'web=registry.example/web:1.3.0', '--namespace=shop');
    run('patch', 'configmap/settings', '--namespace=shop', '--type=merge', '--patch={"data":{"ui.color":"#ffffff"}}');
    const rows = await rowsWhen((found) => found.filter((row) => row.startsWith('    ')).length === 3);
    assert.equal(rows[0], 'warning overlays/prod | direct · worktree · 2 drifted');
    const fields = rows.filter((row) => row.startsWith('    '));
    assert.match(
      fields[0] ?? '',
      /^ {4}warning data\["ui\.color"\] \| Git #34577c → live #ffffff · kubectl-patch, just now/,
    );
    assert.match(fields[1] ?? '', /^ {4}warning replicas \| Git 3 → live 5 · kubectl \(scale\)/);
    assert.match(
      fields[2] ?? '',
      /^ {4}warning containers\[web\]\.image \| Git .*1\.2\.0 → live .*1\.3\.0 · kubectl-set, just now/,
    );
    await window.badgeIs('Plumbline', '2');
    await window.statusBar.item('plumbline.status', (text) => text === '⟂ sandbox · 2 drifted');
    assert.match((await window.treeView('Drift').description()) ?? '', /^plumbline-sandbox · \d\d:\d\d:\d\d$/);
  });

  test('each finding stands on the line that decides it', async () => {
    const rows = await window.problems.rowsWhen((found) => found.length === 3, patience);
    const places = rows.map((row) => `${row.file}:${row.line} ${row.severity} ${row.source}`).sort();
    assert.deepEqual(places, [
      'config.yaml:6 warning plumbline(drifted)',
      'deployment.yaml:6 warning plumbline(drifted)',
      'kustomization.yaml:6 warning plumbline(drifted)',
    ]);
    const replicas = rows.find((row) => row.file === 'deployment.yaml');
    assert.equal(replicas?.message, 'live is 5 in plumbline-sandbox (Git says 3): kubectl (scale).');
    await screenshot(window, 'drift');
  });

  test('a field opens the line that decides it', async () => {
    await window.treeView('Drift').select('replicas');
    await window.page.locator('.tab.active', { hasText: 'deployment.yaml' }).waitFor({ timeout: patience });
    await window.statusBar.item('status.editor.selection', (text) => text.startsWith('Ln 6,'));
  });

  test('its icon opens the diff, read-only and in a language of its own', async () => {
    await window.treeView('Drift').pressInline('replicas', 'Open Diff');
    const title = 'Deployment shop/web (live plumbline-sandbox ↔ Git)';
    const diff = window.page.locator('.monaco-diff-editor');
    await diff.waitFor({ timeout: patience });
    assert.ok(await window.page.locator('.tab', { hasText: title }).isVisible());
    const text = async (side: string): Promise<string> =>
      (await diff.locator(`.editor.${side} .view-line`).allTextContents()).join('\n').replaceAll('\u00a0', ' ');
    assert.match(
      await eventually(
        'live',
        () => text('original'),
        (lines) => lines.includes('replicas'),
      ),
      /replicas: 5/,
    );
    assert.match(
      await eventually(
        'Git',
        () => text('modified'),
        (lines) => lines.includes('replicas'),
      ),
      /replicas: 3/,
    );
    await window.statusBar.item('status.editor.mode', (text) => text === 'Kubernetes Manifest (read-only)');
    await screenshot(window, 'diff');
  });

  test('the hover tells the sides, and quick fixes lead on', async () => {
    await window.runCommand('View: Close All Editors');
    await window.textEditor.open('base/deployment.yaml', 6);
    await window.textEditor.underlined('warning', 1, patience);
    const hover = await window.textEditor.hoverWhen((text) => text.includes('desired'));
    assert.match(hover, /spec\.replicas · Deployment shop\/web · plumbline-sandbox/);
    assert.match(hover, /live.*3.*5.*kubectl \(scale\)/);
    await screenshot(window, 'hover');
    assert.deepEqual(
      (await window.textEditor.codeActions()).filter((title) => title.startsWith('Open')),
      ['Open diff', 'Open live manifest'],
    );
    await window.textEditor.chooseCodeAction('Open live manifest');
    const lines = await eventually(
      'the live manifest',
      () => window.textEditor.visibleLines(),
      (found) => found.some((line) => line.includes('replicas: 5')) || found.some((line) => line.includes('uid:')),
    );
    assert.equal(lines[0], 'apiVersion: apps/v1');
    assert.ok(!lines.some((line) => line.includes('managedFields')));
  });

  test('a secret value is nowhere, whatever is opened', async () => {
    run(
      'patch',
      'secret/database',
      '--namespace=shop',
      '--type=merge',
      '--patch={"stringData":{"password":"typed-by-hand"}}',
    );
    await window.runCommand('Plumbline: Refresh');
    const rows = await rowsWhen((found) => found.some((row) => row.includes('values hidden')));
    assert.ok(
      rows.some((row) => row.includes('differs, values hidden')),
      rows.join('\n'),
    );
    await window.treeView('Drift').select('Secret database');
    await window.page.locator('.tab', { hasText: 'Secret shop/database' }).waitFor({ timeout: patience });
    const body = await eventually(
      'masked values',
      () => window.page.locator('body').innerText(),
      (text) => text.includes('***'),
    );
    const encode = (value: string): string => Buffer.from(value).toString('base64');
    for (const secret of ['typed-by-hand', 'in-git-only']) {
      assert.ok(!body.includes(secret) && !body.includes(encode(secret)), secret);
      assert.ok(!editor.output().includes(secret));
    }
    const log = await window.page.locator('.part.statusbar').innerText();
    assert.ok(!log.includes('typed-by-hand'));
  });

  test('findings follow the keystrokes of an editor that is not saved', async () => {
    await window.textEditor.open('base/config.yaml', 6);
    await window.page.keyboard.press('End');
    for (let count = 0; count < 9; count++) await window.page.keyboard.press('Backspace');
    await window.page.keyboard.type('"#ffffff"');
    // Half of a quoted value is no YAML: what counts is where it comes to rest.
    await rowsWhen(
      (found) =>
        !found.some((row) => row.includes('ui.color')) &&
        found.some((row) => row.startsWith('  warning Deployment web')),
    );
    await window.runCommand('File: Revert File');
    await rowsWhen((found) => found.some((row) => row.includes('ui.color')));
  });

  test('half a line takes nothing away: the findings stay, the row says since when, the line what is wrong', async () => {
    const fields = (rows: readonly string[]): string[] => rows.filter((row) => row.startsWith('    '));
    const before = await rowsWhen((found) => found.some((row) => row.includes('replicas')));
    await window.treeView('Drift').select('replicas');
    await window.page.locator('.tab.active', { hasText: 'deployment.yaml' }).waitFor({ timeout: patience });
    await window.textEditor.underlined('warning', 1, patience);
    await window.page.locator('.editor-group-container.active .view-line').first().click();
    await window.page.keyboard.press('Control+Home');
    await window.page.keyboard.press('End');
    await window.page.keyboard.press('Enter');
    await window.page.keyboard.type('hal');
    const half = await rowsWhen((found) => found[0]?.includes('as of') === true);
    assert.match(
      half[0] ?? '',
      /^warning overlays\/prod \| as of \d\d:\d\d:\d\d · \d drifted · .*File: deployment\.yaml/,
    );
    assert.deepEqual(
      fields(half).map((row) => row.split(' · ')[0]),
      fields(before).map((row) => row.split(' · ')[0]),
    );
    assert.equal(
      half.filter((row) => row.startsWith('warning') || row.startsWith('add')).length,
      1,
      'no base of its own',
    );
    await window.statusBar.item('plumbline.status', (text) => text.includes('drifted'));
    const problems = await window.problems.rowsWhen(
      (found) => found.some((row) => !/drifted/.test(row.source)),
      patience,
    );
    const places = problems.map((row) => `${row.file} ${row.source}`);
    assert.ok(places.includes('config.yaml plumbline(drifted)'), places.join('\n'));
    assert.ok(places.includes('deployment.yaml plumbline(drifted)'), places.join('\n'));
    assert.ok(places.includes('deployment.yaml plumbline(build-failed)'), places.join('\n'));
    // What is wrong reaches over two lines; the finding stands one line further down, where the editor moved it.
    await window.textEditor.underlined('warning', 3, patience);
    await screenshot(window, 'half-typed');
    await window.runCommand('File: Revert File');
    const after = await rowsWhen((found) => found[0]?.includes('as of') === false);
    assert.deepEqual(
      fields(after).map((row) => row.split(' · ')[0]),
      fields(before).map((row) => row.split(' · ')[0]),
    );
    await window.textEditor.underlined('warning', 1, patience);
  });

  test('the filter leaves out what is in sync, and gives it back', async () => {
    await window.treeView('Drift').pressTitle('Show Findings Only');
    await rowsWhen((rows) => rows.every((row) => !row.includes('in sync')));
    await window.treeView('Drift').pressTitle('Show Everything');
    await rowsWhen((rows) => rows.some((row) => row.includes('in sync')));
  });

  test('the status bar offers what there is to do', async () => {
    await window.statusBar.press('plumbline.status');
    const items = (await window.quickInput.items()).map((item) => item.label);
    assert.deepEqual(items, ['Select Cluster', 'Refresh', 'Show Drift', 'Show Log']);
    await window.quickInput.choose('Select Cluster');
    await eventually(
      'the contexts',
      () => window.quickInput.items(),
      (found) => found.some((item) => item.label === 'plumbline-sandbox'),
    );
    await window.quickInput.dismiss();
  });

  test('commands that need a row are not in the palette', async () => {
    assert.equal(await window.quickInput.offersCommand('Plumbline: Open Live Manifest'), true);
    assert.equal(await window.quickInput.offersCommand('Plumbline: Open Diff'), false);
    assert.equal(await window.quickInput.offersCommand('Plumbline: Start Sandbox Cluster'), false, 'it runs already');
  });
});
