import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { runCommand } from '../rig/cluster/command.ts';
import { gitEnvironment } from '../rig/cluster/gitEnvironment.ts';
import type { Editor } from '../rig/editor/editor.ts';
import { eventually } from '../rig/editor/pages/text.ts';
import type { TreeView } from '../rig/editor/pages/treeView.ts';
import type { Workbench } from '../rig/editor/pages/workbench.ts';
import { runCli } from '../support/cli.ts';
import { type ShopWindow, openShop, sandboxKubeconfig } from './openWindow.ts';
import { pathWithKubectl, runKubectl } from './packagedExtension.ts';
import { messageWhen, rowTextsWhen } from './rowText.ts';
import { screenshot } from './screenshot.ts';

const patience = 30_000;
const overlay = 'overlays/prod';

describe('commits of an application that Plumbline applies, in a window with the packaged extension', () => {
  let shop: string;
  let editor: Editor;
  let window: Workbench;
  let close: ShopWindow['close'];
  let view: TreeView;
  let kubeconfig: string;
  const git = (...args: string[]): Promise<string> =>
    runCommand('git', args, { cwd: shop, environment: gitEnvironment() });
  const run = (...args: string[]): string => runKubectl(kubeconfig, ...args);
  const edit = async (path: string, from: string, to: string): Promise<void> => {
    const text = await readFile(join(shop, path), 'utf8');
    assert.ok(text.includes(from), `${path} has ${from}`);
    await writeFile(join(shop, path), text.replace(from, to));
  };
  const rowsWhen = (satisfies: (rows: string[]) => boolean): Promise<string[]> =>
    rowTextsWhen(view, satisfies, patience);
  const answerWhen = (satisfies: (text: string) => boolean): Promise<string> => messageWhen(view, satisfies, patience);
  const sync = async (): Promise<void> => {
    const common = ['--kubeconfig', kubeconfig, '--context', 'plumbline-sandbox', '--app', overlay, '--yes', '--wait'];
    const environment = { ...process.env, PATH: pathWithKubectl() };
    const answer = await runCli(['sync', shop, ...common], { environment, cwd: shop });
    assert.equal(answer.code, 0, `${answer.stdout}\n${answer.stderr}`);
  };
  /** The label of the row of a commit, whose id differs from run to run. */
  const labelOf = async (subject: string): Promise<string> => {
    const rows = await view.rowsWhen((found) => found.some((row) => row.label.endsWith(subject)));
    return rows.find((row) => row.label.endsWith(subject))?.label ?? '';
  };
  /** The text of one side of the diff editors in view. */
  const diffText = async (side: 'original' | 'modified'): Promise<string> =>
    (await window.page.locator(`.monaco-diff-editor .editor.${side} .view-line`).allTextContents())
      .join('\n')
      .replaceAll('\u00a0', ' ');

  before(async () => {
    ({ shop, editor, window, close } = await openShop('commits'));
    await window.page.setViewportSize({ width: 1400, height: 900 });
    view = window.treeView('Commits');
  });
  after(() => close());

  test('before a cluster is chosen the view says what to do', async () => {
    await window.openContainer('Plumbline');
    const welcome = await eventually(
      'the welcome text',
      () => view.welcome(),
      (parts) => parts.length > 1,
    );
    assert.deepEqual(welcome, [
      'No kubeconfig was found (KUBECONFIG, ~/.kube/config).',
      'Start Sandbox Cluster',
      'Settings',
    ]);
  });

  test('HEAD is not live before it is applied, and its plan says why it cannot be', async () => {
    await view.pressWelcome('Start Sandbox Cluster');
    const message = await answerWhen((text) => text.includes('differ'));
    assert.equal(message, 'HEAD COMMIT is not live: 4 objects differ.');
    const rows = await rowsWhen((found) => found.some((row) => row.includes('blocked 4')));
    assert.deepEqual(rows, [
      'edit Working tree | no changes',
      'git-commit COMMIT First release | blocked 4',
      'history Older…',
    ]);
    assert.equal(await view.description(), `${overlay} on plumbline-sandbox`);
    kubeconfig = sandboxKubeconfig(editor);
    await view.toggle(await labelOf('First release'));
    const steps = await rowsWhen((all) => all.length === 7);
    await screenshot(window, 'commits-blocked');
    assert.equal(steps[2], '  error ConfigMap settings | its namespace shop does not exist');
    await view.toggle(await labelOf('First release'));
  });

  test('a namespace that comes unblocks it, and what is synced is live, all by itself', async () => {
    run('apply', '-f', join(shop, 'platform'));
    await rowsWhen((rows) => rows.some((row) => row.includes('First release | +4')));
    await sync();
    const message = await answerWhen((text) => text.includes('is live'));
    assert.equal(message, 'HEAD COMMIT is live.');
    // Its plan stays in view since it was unfolded once; of what is applied and as Git says there is nothing to say.
    const rows = await rowsWhen((found) => found[1]?.endsWith('| applied just now · healthy') ?? false);
    await screenshot(window, 'commits-live');
    assert.deepEqual(rows, [
      'edit Working tree | no changes',
      'record COMMIT First release | applied just now · healthy',
      'history Older…',
    ]);
  });

  test('edits are planned before they are committed: what changes, and what is blocked and why', async () => {
    await edit('base/deployment.yaml', 'replicas: 3', 'replicas: 5');
    await edit('base/secret.yaml', 'in-git-only', 'another-value');
    await rowsWhen((found) => found[0] === 'edit Working tree | ~2 · 2 files');
    await edit('base/service.yaml', 'targetPort: 8080', 'targetPort: 9090');
    await edit('base/deployment.yaml', '    matchLabels:\n      app: web', '    matchLabels:\n      app: shop');
    await edit('base/deployment.yaml', '      labels:\n        app: web', '      labels:\n        app: shop');
    const rows = await rowsWhen((found) => found[0] === 'edit Working tree | ~2 · blocked 1 · 3 files');
    assert.deepEqual(rows.slice(1, 5), [
      '  error Deployment web | spec.selector is immutable',
      '  edit Secret database | data.password changes, values hidden',
      '  edit Service web | ports[port=80,protocol=TCP].targetPort 8080 → 9090',
      '  check 1 unchanged',
    ]);
    assert.equal(await answerWhen((text) => text.includes('live')), 'HEAD COMMIT is live.');
    await screenshot(window, 'commits-edited');
  });

  test('a step opens its diff, and its line', async () => {
    await view.select('Service web');
    await window.page
      .locator('.tab', { hasText: 'Service shop/web (live plumbline-sandbox ↔ after working tree)' })
      .waitFor({ timeout: patience });
    await eventually(
      'live',
      () => diffText('original'),
      (text) => text.includes('targetPort: 8080'),
      patience,
    );
    await eventually(
      'the plan',
      () => diffText('modified'),
      (text) => text.includes('targetPort: 9090'),
      patience,
    );
    await view.pressInline('Service web', 'Open Deciding Line');
    await eventually(
      'the deciding line',
      async () => (await window.page.locator('.tab.active').allTextContents()).join(),
      (text) => text.includes('service.yaml'),
      patience,
    );
    await window.statusBar.item('status.editor.selection', (text) => text.startsWith('Ln 10,'));
  });

  test('all changes open as one, no Secret value among them', async () => {
    await view.pressInline('Working tree', 'Open Changes');
    await window.page
      .locator('.tab', { hasText: `${overlay} on plumbline-sandbox: working tree` })
      .waitFor({ timeout: patience });
    const text = await eventually(
      'the diffs',
      async () => (await window.page.locator('.multiDiffEntry').allTextContents()).join('\n').replaceAll('\u00a0', ' '),
      (found) => found.includes('targetPort: 9090') && found.includes('***'),
      patience,
    );
    await screenshot(window, 'commits-changes');
    assert.ok(text.includes('targetPort: 8080'), text);
    const base64 = (value: string): string => Buffer.from(value).toString('base64').replace(/=+$/, '').slice(0, -1);
    const body = await window.page.locator('body').innerText();
    for (const secret of ['in-git-only', 'another-value']) {
      for (const shown of [text, body, editor.output()])
        assert.ok(!shown.includes(secret) && !shown.includes(base64(secret)));
    }
  });

  test('a commit is not applied, pushed or not, and the answer counts it', async () => {
    await git('checkout', '--', 'base/deployment.yaml');
    await edit('base/deployment.yaml', 'replicas: 3', 'replicas: 5');
    await git('commit', '--quiet', '--all', '--message', 'Run five, behind another password');
    const message = await answerWhen((text) => text.includes('not live'));
    assert.equal(message, 'HEAD COMMIT is not live: 1 commit not applied.');
    const rows = await rowsWhen((found) => found.some((row) => row.includes('| ~3 ·')));
    await screenshot(window, 'commits-unpushed');
    assert.deepEqual(rows.slice(0, 3), [
      'edit Working tree | no changes',
      'arrow-up 1 not pushed | to origin/main',
      '  git-commit COMMIT Run five, behind another password | ~3 · Ada, just now',
    ]);
    await git('push', '--quiet');
    await rowsWhen((found) => found[1] === 'circle-large-outline 1 not applied');
  });

  test('Preview Reconcile shows what comes next, also from the palette and from a row of Drift', async () => {
    await window.runCommand('Plumbline: Preview Reconcile');
    const rows = await rowsWhen((found) => found.some((row) => row.includes('Deployment web')));
    assert.ok(rows.includes('    edit Deployment web | replicas 3 → 5'), rows.join('\n'));
    await window.treeView('Drift').chooseInMenu('platform', 'Preview Reconcile');
    await eventually(
      'the other application',
      () => view.description(),
      (text) => text === 'platform on plumbline-sandbox',
      patience,
    );
    // It is focused and unfolded, and only then does a menu stay open.
    await rowsWhen((found) => found.some((row) => row === '  edit Namespace shop | joins the inventory'));
    await window.treeView('Drift').chooseInMenu(overlay, 'Show Commits');
    await eventually(
      'the application',
      () => view.description(),
      (text) => text === `${overlay} on plumbline-sandbox`,
      patience,
    );
  });

  test('what was synced leaves older commits behind, which are planned when they are unfolded', async () => {
    await sync();
    await answerWhen((text) => text === 'HEAD COMMIT is live.');
    await view.toggle('Older…');
    const rows = await rowsWhen((found) => found.some((row) => row.includes('First release')));
    assert.ok(
      rows.some((row) => /^ {2}git-commit COMMIT First release \| Ada, (just now|\d min ago)$/.test(row)),
      rows.join('\n'),
    );
    await view.toggle(await labelOf('First release'));
    // The row itself is told of its plan a moment after its steps are there.
    await rowsWhen(
      (found) =>
        found.some((row) => row.includes('replicas 5 → 3')) &&
        found.some((row) => row.includes('First release | ~3 · Ada')),
    );
    await screenshot(window, 'commits-older');
  });
});
