import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { startEditor, type Editor } from '../rig/editor/editor.ts';
import { runInHost } from '../rig/editor/host/runInHost.ts';
import type { Workbench } from '../rig/editor/pages/workbench.ts';
import { eventually } from '../rig/editor/pages/text.ts';
import { RigError } from '../rig/editor/rigError.ts';
import { makeScratch, type Scratch } from '../rig/editor/scratch.ts';
import { makeProbe } from './probeExtension.ts';

let scratch: Scratch;
let probe: Awaited<ReturnType<typeof makeProbe>>;
before(async () => {
  scratch = await makeScratch('rig-test');
  probe = await makeProbe(scratch.path);
});
after(() => scratch.remove());

describe('a packaged extension in a window', () => {
  let editor: Editor;
  let window: Workbench;
  before(async () => {
    editor = await startEditor({ vsix: probe.vsix, workspace: probe.workspace, env: { PROBE_NAME: 'Ada' } });
    window = await editor.open();
  });
  after(() => editor.stop());

  test('a command of the palette runs, and its notification is read and answered', async () => {
    await window.runCommand('Probe: Greet');
    assert.deepEqual(await window.messages.notification('Hello'), {
      severity: 'info',
      text: 'Hello Ada',
      buttons: ['Again', 'Stop'],
    });
    await window.messages.pressInNotification('Hello', 'Again');
    assert.equal((await window.messages.notification('Chosen')).severity, 'warning');
  });

  test('the palette is asked whether it offers a command', async () => {
    assert.equal(await window.quickInput.offersCommand('Probe: Greet'), true);
    assert.equal(await window.quickInput.offersCommand('Probe: No Such Thing'), false);
  });

  test('all rows of a tree view are read, those out of view too', async () => {
    await window.openContainer('Probe');
    const view = window.treeView('Things');
    const rows = await view.rowsWhen((found) => found.length > 0);
    assert.equal(rows.length, 102);
    assert.deepEqual(
      [rows[0], rows[1], rows[101]].map((row) => [row?.level, row?.icon, row?.label, row?.description, row?.expanded]),
      [
        [1, 'warning', 'web', 'drifted · 1 field', true],
        [2, undefined, 'replicas', 'Git 3 → live 5', undefined],
        [1, undefined, 'item 99', 'in sync', undefined],
      ],
    );
    assert.equal(await view.message(), 'Two lines of it');
    assert.equal(await window.badge('Probe'), '7');
  });

  test('a row is folded, and the icons and menu of rows are used, out of view too', async () => {
    const view = window.treeView('Things');
    await view.toggle('web');
    await view.rowsWhen((rows) => rows.length === 101);
    await view.pressInline('web', 'Mark');
    await window.messages.notification('Marked: web');
    await view.pressInline('item 90', 'Mark');
    await window.messages.notification('Marked: item 90');
    await view.chooseInMenu('item 3', 'Mark in Menu');
    await window.messages.notification('Marked: item 3');
  });

  test('an icon in the title of a view is pressed', async () => {
    await window.messages.clear();
    await window.treeView('Things').pressTitle('Greet');
    await window.messages.notification('Hello Ada');
  });

  test('the welcome text of an empty view is read and its button pressed', async () => {
    const view = window.treeView('Nothing');
    assert.deepEqual(await view.rows(), []);
    assert.deepEqual(await view.welcome(), ['There is nothing.', 'Greet Me']);
    await view.pressWelcome('Greet Me');
    await window.messages.notification('Hello Ada');
  });

  test('quick pick and input box are read and answered', async () => {
    await window.runCommand('Probe: Ask');
    assert.deepEqual(await window.quickInput.items(), [
      { label: 'one', description: 'first' },
      { label: 'two', detail: 'the second of two' },
    ]);
    assert.equal(await window.quickInput.title(), 'Pick One');
    assert.equal(await window.quickInput.placeholder(), 'a number');
    await window.quickInput.choose('two');
    await eventually(
      'the prompt',
      () => window.quickInput.message(),
      (message) => message?.startsWith('Name it') ?? false,
    );
    await window.quickInput.type('podinfo');
    await window.quickInput.accept();
    await window.messages.notification('Asked: two podinfo');
  });

  test('a modal dialog is read and answered', async () => {
    await window.runCommand('Probe: Confirm');
    const modal = await window.messages.modal();
    assert.deepEqual([modal.message, modal.detail], ['Sync podinfo to prod?', '1 create · 2 configure']);
    assert.deepEqual([...modal.buttons].sort(), ['Cancel', 'Show Plan', 'Sync']);
    await window.messages.pressInModal('Sync');
    await window.messages.notification('Answered: Sync');
  });

  test('the status bar item is read and pressed', async () => {
    const item = await window.statusBar.item('probe.status');
    assert.deepEqual([item.text, item.icons, item.background], ['prod: 1 drifted', ['lock'], 'warning']);
    await window.statusBar.press('probe.status');
    await window.messages.notification('Hello Ada');
  });

  test('rows of the Problems panel are read', async () => {
    assert.deepEqual(await window.problems.rowsWhen((rows) => rows.length > 0), [
      {
        file: 'deployment.yaml',
        severity: 'warning',
        message: 'live is 5',
        source: 'probe(drifted)',
        line: 2,
        column: 1,
      },
    ]);
  });

  test('a file is opened, hovered and corrected by a code action', async () => {
    await window.textEditor.open('deployment.yaml', 2, 3);
    assert.deepEqual((await window.textEditor.visibleLines()).slice(0, 2), ['kind: Deployment', 'replicas: 3']);
    assert.deepEqual(await window.textEditor.tabs(), ['deployment.yaml']);
    await window.textEditor.underlined('warning', 1);
    const hover = await window.textEditor.hoverWhen((text) => text.includes('desired'));
    assert.match(hover, /live is 5.*desired 3/);
    assert.ok((await window.textEditor.codeActions()).includes('Write live value into Git'));
    await window.textEditor.chooseCodeAction('Write live value into Git');
    const lines = await eventually(
      'the edit',
      () => window.textEditor.visibleLines(),
      (found) => found[1] === 'replicas: 5',
    );
    assert.equal(lines[1], 'replicas: 5');
  });

  test('a webview with a content security policy talks to the extension', async () => {
    await window.runCommand('Probe: Open Panel');
    const output = window.webview().locator('output');
    const answer = await eventually(
      'the answer',
      () => output.innerText(),
      (text) => text !== 'waiting',
    );
    assert.equal(answer, 'answer to question');
  });

  test('a screenshot is a PNG of the whole window', async () => {
    const path = process.env['PLUMBLINE_SCREENSHOT'] ?? join(scratch.path, 'window.png');
    await window.screenshot(path);
    const png = await readFile(path);
    assert.equal(png.subarray(1, 4).toString('latin1'), 'PNG');
    assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [1440, 900]);
  });
});

test('in a restricted window an extension waits until the folder is trusted', async () => {
  const editor = await startEditor({ vsix: probe.vsix, workspace: probe.workspace, trust: 'restricted' });
  try {
    const window = await editor.open();
    await window.statusBar.item('status.workspaceTrust', (text) => text.includes('Restricted Mode'));
    assert.equal(await window.quickInput.offersCommand('Probe: Greet'), false);
    await window.trustWorkspace();
    await window.runCommand('Probe: Greet');
    await window.messages.notification('Hello nobody');
  } finally {
    await editor.stop();
  }
});

test('nothing is left after a stop, and without the token nobody is let in', async () => {
  const editor = await startEditor({ extensionDevelopmentPath: probe.extension, workspace: probe.workspace });
  const origin = new URL(editor.url).origin;
  try {
    assert.equal((await fetch(origin)).status, 403);
    // The token is exchanged for a cookie.
    assert.equal((await fetch(editor.url, { redirect: 'manual' })).status, 302);
    assert.ok(!editor.output().includes(new URL(editor.url).searchParams.get('tkn') ?? 'absent'));
  } finally {
    await editor.stop();
  }
  assert.equal(existsSync(editor.home), false);
  await assert.rejects(fetch(origin));
});

test('a broken package is refused with its name', async () => {
  const vsix = join(scratch.path, 'broken.vsix');
  await writeFile(vsix, 'no zip');
  await assert.rejects(
    startEditor({ vsix, workspace: probe.workspace }),
    (ex) => RigError.is(ex, 'badExtension') && ex.message.includes('broken.vsix'),
  );
});

test('tests run inside the extension host, and a failing one is told from the others', async () => {
  const run = await runInHost({
    extensionDevelopmentPath: probe.extension,
    testsPath: join(import.meta.dirname, 'rig.host.ts'),
    workspace: probe.workspace,
    env: { PROBE_NAME: 'Ada' },
  });
  assert.notEqual(run.exitCode, 0);
  assert.deepEqual(
    run.results.map(({ name, error }) => [name, error?.split('\n')[0]]),
    [
      ['the extension under test is there and activates', undefined],
      ['its environment is the one given, without a kubeconfig of this person', undefined],
      ['a clean-up runs after its test', undefined],
      ['fails on purpose', 'AssertionError [ERR_ASSERTION]: as it should'],
    ],
  );
  assert.ok(run.log.some((line) => line.includes('a line of the log')));
});
