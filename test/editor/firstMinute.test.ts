import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { launchBrowser } from '../rig/editor/browser.ts';
import { windowSkipReason } from '../rig/editor/packages.ts';
import { eventually } from '../rig/editor/pages/text.ts';
import { Workbench } from '../rig/editor/pages/workbench.ts';
import { ActionWindow } from './actionWindow.ts';

const root = dirname(dirname(import.meta.dirname));
const patience = 60_000;
const context = 'plumbline-sandbox';

/** The README's first minute, in what `npm run start:browser` opens. */
describe('the first minute', { skip: windowSkipReason() }, () => {
  let started: ChildProcess;
  let said = '';
  let browser: Browser;
  let window: Workbench;
  let actions: ActionWindow;
  let shop: string;
  const git = (...args: string[]): string => execFileSync('git', ['-C', shop, ...args], { encoding: 'utf8' }).trim();

  before(async () => {
    started = spawn(process.execPath, [join(root, 'scripts', 'start.ts'), '--browser'], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [started.stdout, started.stderr]) stream?.on('data', (text) => (said += String(text)));
    const find = (pattern: RegExp): Promise<string> =>
      eventually(
        `${String(pattern)} in what npm start says`,
        () => Promise.resolve(pattern.exec(said)?.[1] ?? (started.exitCode === null ? '' : `ended: ${said}`)),
        (found) => found !== '',
        180_000,
      );
    const url = await find(/^VS Code: (\S+)/m);
    shop = await find(/^Repository: (\S+)/m);
    browser = await launchBrowser();
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.goto(url);
    window = await Workbench.whenReady(page);
    actions = new ActionWindow(window);
  });
  after(async () => {
    await browser.close();
    const ended = new Promise((resolve) => started.once('exit', resolve));
    started.kill('SIGTERM');
    await ended;
  });

  test('the terminal says what drifted, and what to do', () => {
    assert.match(said, /replicas +3 → 5 +kubectl-edit, .* +overlays\/production\/replicas\.yaml:6:13/);
    assert.match(said, /The first minute:/);
  });

  test('the view says what drifted and what is pending', async () => {
    await window.openContainer('Plumbline');
    await window.treeView('Drift').pressWelcome('Select Cluster');
    await window.quickInput.choose(context);
    const rows = await actions.rowsWhen((found) => found.some((row) => row.includes('Git 3 → live 5')));
    assert.match(rows[0] ?? '', /^warning overlays\/production \| direct · .*4 drifted/);
    await window.statusBar.item('plumbline.status', (text) => text === `⟂ ${context} · 5 drifted · 1 pending`);
  });

  test('line 6 is underlined, the hover says who and when, and the lamp offers the three actions', async () => {
    await window.textEditor.open('overlays/production/replicas.yaml', 6);
    await window.textEditor.underlined('warning', 1, patience);
    const hover = await window.textEditor.hoverWhen((text) => text.includes('desired'));
    assert.match(hover, /Changed by kubectl-edit \(Update\)/);
    await window.page.keyboard.press('Escape');
    const offered = await window.textEditor.codeActions();
    for (const title of ['Write live value into Git', "Restore Git's value in the cluster", 'Ignore this difference']) {
      assert.ok(offered.includes(title), `${title} in ${offered.join(', ')}`);
    }
    await actions.screenshot('first-minute-lamp');
    await window.textEditor.chooseCodeAction('Write live value into Git');
    await eventually(
      'the live value in the file',
      () => window.textEditor.visibleLines(),
      (lines) => lines.includes('  replicas: 5'),
      patience,
    );
    await actions.rowsWhen((rows) => !rows.some((row) => row.includes('Git 3 → live 5')));
    await window.runCommand('Undo');
    await actions.rowsWhen((rows) => rows.some((row) => row.includes('Git 3 → live 5')));
    await window.runCommand('File: Revert File');
  });

  test('the image is changed, previewed, committed and synced; the wrong one is rolled back', async () => {
    const file = join(shop, 'overlays/production/kustomization.yaml');
    await writeFile(file, (await readFile(file, 'utf8')).replace('newTag: 1.5.0', 'newTag: 1.6.0-broken'));
    await actions.rowsWhen((rows) => rows.some((row) => row.includes('1.6.0-broken')));
    await window.treeView('Drift').chooseInMenu('overlays/production', 'Commit and Sync');
    assert.deepEqual(await actions.commit('Release web 1.6.0'), ['kustomization.yaml overlays/production · modified']);
    const { message, lines } = await actions.modal();
    assert.equal(message, `Commit and sync overlays/production to ${context}?`);
    assert.deepEqual(lines, [
      'Commits 1 file on main and pushes to origin/main.',
      'Then Plumbline applies it.',
      '0 create · 4 configure · 0 prune',
    ]);
    await actions.screenshot('first-minute-confirmation');
    await window.messages.pressInModal('Commit and Sync');
    await actions.progress('Commit and Sync: overlays/production', 'waiting for Deployment shop-production/web');
    await actions.screenshot('first-minute-progress');
    await window.messages.pressInNotification('Commit and Sync: overlays/production', 'Cancel');
    await actions.ending('Stopped.');
    await window.messages.pressInNotification('Stopped.', 'Roll Back');
    const release = git('log', '-1', '--skip=1', '--format=%h %s');
    assert.match(release, /Release web 1\.5\.0/);
    await window.quickInput.titled(`Roll Back overlays/production on ${context}`, patience);
    await actions.screenshot('first-minute-revisions');
    await window.quickInput.choose(
      `${git('rev-parse', 'HEAD~1').slice(0, 7)} ${git('log', '-1', '--skip=1', '--format=%s')}`,
    );
    await actions.confirm('Roll Back');
    await actions.ending(`Roll Back: overlays/production is in ${context} as Git says, and healthy.`);
    await actions.rowsWhen((rows) => rows.some((row) => row.startsWith('check overlays/production')));
    assert.equal(git('status', '--porcelain'), '');
    assert.equal(git('rev-parse', 'HEAD'), git('rev-parse', 'origin/main'));
    await actions.screenshot('first-minute-end');
  });
});
