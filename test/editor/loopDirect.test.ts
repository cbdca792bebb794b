import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Editor } from '../rig/editor/editor.ts';
import { eventually } from '../rig/editor/pages/text.ts';
import type { Workbench } from '../rig/editor/pages/workbench.ts';
import { ActionWindow } from './actionWindow.ts';
import { type ShopWindow, openShop, sandboxKubeconfig } from './openWindow.ts';
import { runKubectl } from './packagedExtension.ts';

const patience = 60_000;
const context = 'plumbline-sandbox';

describe('the loop in a window, applied by Plumbline itself', () => {
  let shop: string;
  let editor: Editor;
  let window: Workbench;
  let close: ShopWindow['close'];
  let actions: ActionWindow;
  let kubeconfig: string;
  const run = (...args: string[]): string => runKubectl(kubeconfig, ...args);
  const git = (...args: string[]): string => execFileSync('git', ['-C', shop, ...args], { encoding: 'utf8' }).trim();
  const live = (path: string): string => run('get', 'deployment/web', '--namespace=shop', `-o=jsonpath={${path}}`);
  const write = (path: string, text: string): Promise<void> => writeFile(join(shop, path), text);
  const overlay = (tag: string): string =>
    `namespace: shop\nresources:\n- ../../base\nimages:\n- name: registry.example/web\n  newTag: ${tag}\n`;

  before(async () => {
    ({ shop, editor, window, close } = await openShop('loop-direct'));
    actions = new ActionWindow(window);
    await window.openContainer('Plumbline');
    await window.treeView('Drift').pressWelcome('Start Sandbox Cluster');
    await actions.rowsWhen((rows) => rows.some((row) => row.includes('4 to be created')));
    kubeconfig = sandboxKubeconfig(editor);
  });
  after(() => close());

  test('Sync asks for the application, tells the plan, and nothing but the confirmation stands before the sandbox', async () => {
    await window.runCommand('Plumbline: Sync');
    await window.quickInput.titled('Sync');
    await window.quickInput.choose('platform');
    const expected = {
      message: `Sync platform to ${context}?`,
      lines: [
        'Applied by Plumbline itself, from the files as they are.',
        '2 create · 0 configure · 0 prune',
        // The quota's namespace comes with the same change.
        'Simulated, not asked of the API server: 1 of 2 steps.',
      ],
      buttons: ['Sync'],
    };
    await actions.answer(expected, 'Sync', 'sync-confirmation');
    const ending = await actions.ending(`platform is in ${context} as Git says`);
    assert.equal(ending.text, `Sync: platform is in ${context} as Git says, and healthy.`);
    await actions.rowsWhen((rows) => rows.some((row) => row.startsWith('check platform')));
  });

  test('a confirmation that is left changes nothing', async () => {
    await window.treeView('Drift').chooseInMenu('overlays/prod', 'Sync');
    const expected = {
      message: `Sync overlays/prod to ${context}?`,
      lines: ['Applied by Plumbline itself, from the files as they are.', '4 create · 0 configure · 0 prune'],
      buttons: ['Sync'],
    };
    await actions.answer(expected, 'Cancel');
    assert.equal(run('get', 'deployments', '--namespace=shop', '--output=name'), '');
    // All of it is still to be created when it is asked again.
    await window.treeView('Drift').pressInline('overlays/prod', 'Sync');
    await actions.answer(expected, 'Sync');
    await actions.ending(`overlays/prod is in ${context} as Git says, and healthy`);
    assert.equal(live('.spec.template.spec.containers[0].image'), 'registry.example/web:1.2.0');
  });

  test('edit, commit and sync: committed, pushed, applied, healthy', async () => {
    await write('overlays/prod/kustomization.yaml', overlay('1.3.0'));
    await actions.rowsWhen((rows) => rows.some((row) => row.includes('1.3.0')));
    await window.messages.clear();
    await window.runCommand('Plumbline: Commit and Sync');
    await window.quickInput.choose('overlays/prod');
    assert.deepEqual(await actions.commit('Take web 1.3.0'), ['kustomization.yaml overlays/prod · modified']);
    const expected = {
      message: `Commit and sync overlays/prod to ${context}?`,
      lines: [
        'Commits 1 file on main and pushes to origin/main.',
        'Then Plumbline applies it.',
        '0 create · 1 configure · 0 prune',
      ],
      buttons: ['Commit and Sync'],
    };
    await actions.answer(expected, 'Commit and Sync', 'commit-confirmation');
    await actions.ending(`Commit and Sync: overlays/prod is in ${context} as Git says, and healthy.`);
    assert.equal(git('log', '-1', '--format=%s'), 'Take web 1.3.0');
    assert.equal(git('rev-parse', 'HEAD'), git('rev-parse', 'origin/main'));
    assert.equal(git('status', '--porcelain'), '');
    assert.equal(live('.spec.template.spec.containers[0].image'), 'registry.example/web:1.3.0');
    await actions.rowsWhen((rows) => rows.some((row) => row.startsWith('check overlays/prod')));
  });

  test('an edit by hand is drift on its line, and the lamp restores it', async () => {
    run('scale', 'deployment/web', '--replicas=5', '--namespace=shop');
    await actions.rowsWhen((rows) => rows.some((row) => row.includes('Git 3 → live 5')));
    await window.textEditor.open('base/deployment.yaml', 6);
    await window.textEditor.underlined('warning', 1, patience);
    await window.runCommand('Plumbline: Restore');
    await actions.answer(
      {
        message: `Restore Deployment shop/web in ${context} to what Git says?`,
        lines: ['spec.replicas: 5 → 3', 'The whole object is applied as Git declares it, by the manager plumbline.'],
        buttons: ['Restore'],
      },
      'Restore',
    );
    await actions.ending(`Restore: Deployment shop/web in ${context} is what Git says.`);
    assert.equal(live('.spec.replicas'), '3');
    await actions.rowsWhen((rows) => rows.some((row) => row.startsWith('check overlays/prod')));
  });

  test('a difference that is to be ignored is, by a rule in the settings of the workspace', async () => {
    run('scale', 'deployment/web', '--replicas=4', '--namespace=shop');
    await actions.rowsWhen((rows) => rows.some((row) => row.includes('Git 3 → live 4')));
    await window.messages.clear();
    await window.textEditor.open('base/deployment.yaml', 6);
    await window.textEditor.underlined('warning', 1, patience);
    assert.ok((await window.textEditor.codeActions()).includes('Ignore this difference'));
    await window.textEditor.chooseCodeAction('Ignore this difference');
    await actions.ending('A rule in the settings of this workspace (plumbline.ignore) leaves it out from now on.');
    await actions.rowsWhen((rows) => rows.some((row) => row.startsWith('check overlays/prod')));
    const settings = JSON.parse(await readFile(join(shop, '.vscode/settings.json'), 'utf8')) as Record<string, unknown>;
    assert.deepEqual(settings, {
      'plumbline.ignore': [
        { group: 'apps', kind: 'Deployment', namespace: 'shop', name: 'web', paths: ['/spec/replicas'] },
      ],
    });
    await rm(join(shop, '.vscode'), { recursive: true });
    await actions.rowsWhen((rows) => rows.some((row) => row.includes('Git 3 → live 4')));
    run('scale', 'deployment/web', '--replicas=3', '--namespace=shop');
    await actions.rowsWhen((rows) => rows.some((row) => row.startsWith('check overlays/prod')));
  });

  test('a bad image does not get healthy: the wait is stopped, and Roll Back brings the last good one, Git first', async () => {
    const good = git('rev-parse', 'HEAD');
    await write('overlays/prod/kustomization.yaml', overlay('1.4.0-broken'));
    await actions.commitAndSync('overlays/prod', 'Take web 1.4.0');
    await actions.confirm('Commit and Sync');
    const progress = await actions.progress('Commit and Sync: overlays/prod', 'waiting for Deployment');
    assert.match(
      progress,
      /✓ committed [0-9a-f]{7} +✓ pushed +✓ applied +… waiting for Deployment shop\/web: \d of 3 Pods/,
    );
    await actions.screenshot('not-healthy');
    await window.messages.pressInNotification('Commit and Sync: overlays/prod', 'Cancel');
    const ending = await actions.ending('Stopped.');
    assert.match(ending.text, /^Stopped\. Committed and pushed [0-9a-f]{7}; .*applied/);
    assert.deepEqual(ending.buttons, ['Roll Back', 'Show Commits']);
    await actions.screenshot('stopped');
    await window.messages.pressInNotification('Stopped.', 'Roll Back');
    await window.quickInput.titled(`Roll Back overlays/prod on ${context}`, patience);
    const revisions = (await window.quickInput.items()).map((item) => item.label);
    assert.deepEqual(revisions.map((label) => label.slice(8)).toSorted(), [
      'First release',
      'Take web 1.3.0',
      'Take web 1.4.0',
    ]);
    await actions.screenshot('roll-back-revisions');
    await window.quickInput.choose(`${good.slice(0, 7)} Take web 1.3.0`);
    const expected = {
      message: `Roll back overlays/prod on ${context} to ${good.slice(0, 7)}?`,
      lines: [
        'One new commit on main restores 1 file below overlays/prod, then it is pushed and synced.',
        '0 create · 1 configure · 0 prune',
      ],
      buttons: ['Roll Back', 'Show Plan'],
    };
    await actions.answer(expected, 'Roll Back', 'roll-back-confirmation');
    await actions.ending(`Roll Back: overlays/prod is in ${context} as Git says, and healthy.`);
    assert.equal(git('log', '-1', '--format=%s'), `Roll back overlays/prod to ${good.slice(0, 7)}`);
    assert.equal(git('rev-parse', 'HEAD'), git('rev-parse', 'origin/main'));
    assert.equal(git('diff', good, 'HEAD'), '');
    assert.equal(live('.spec.template.spec.containers[0].image'), 'registry.example/web:1.3.0');
  });

  test('what Git drops is named before it is pruned, and kept unless asked for', async () => {
    await write('base/kustomization.yaml', 'resources:\n- deployment.yaml\n- secret.yaml\n- service.yaml\n');
    await rm(join(shop, 'base/config.yaml'));
    assert.deepEqual(await actions.commitAndSync('overlays/prod', 'Drop the settings'), [
      'config.yaml base · deleted',
      'kustomization.yaml base · modified',
    ]);
    const expected = {
      message: `Commit and sync overlays/prod to ${context}?`,
      lines: [
        'Commits 2 files on main and pushes to origin/main.',
        'Then Plumbline applies it.',
        '0 create · 0 configure · 1 prune',
        'Prunes ConfigMap shop/settings',
        'Commit and Sync keeps what would be pruned; Commit, Sync and Prune deletes it.',
      ],
      buttons: ['Commit and Sync', 'Commit, Sync and Prune'],
    };
    await actions.answer(expected, 'Commit and Sync', 'prune-confirmation');
    await actions.ending('as Git says, and healthy');
    assert.equal(run('get', 'configmap/settings', '--namespace=shop', '--output=name').trim(), 'configmap/settings');
    await window.messages.clear();
    await window.treeView('Drift').chooseInMenu('overlays/prod', 'Sync');
    await actions.answer(
      {
        message: `Sync overlays/prod to ${context}?`,
        lines: [
          'Applied by Plumbline itself, from the files as they are.',
          '0 create · 0 configure · 1 prune',
          'Prunes ConfigMap shop/settings',
          'Sync keeps what would be pruned; Sync and Prune deletes it.',
        ],
        buttons: ['Sync', 'Sync and Prune'],
      },
      'Sync and Prune',
    );
    await actions.ending('as Git says, and healthy');
    await eventually(
      'the pruned object to go',
      () => Promise.resolve(run('get', 'configmaps', '--namespace=shop', '--output=name')),
      (names) => !names.includes('configmap/settings'),
    );
  });

  test('a blocked step is said instead of a question, and nothing is committed', async () => {
    const head = git('rev-parse', 'HEAD');
    const text = await readFile(join(shop, 'base/deployment.yaml'), 'utf8');
    await write('base/deployment.yaml', text.replaceAll('app: web', 'app: shop'));
    await actions.commitAndSync('overlays/prod', 'Change the selector');
    const ending = await actions.ending('nothing was changed');
    assert.match(ending.text, /Deployment shop\/web is blocked: .*immutable/);
    assert.equal(git('rev-parse', 'HEAD'), head);
    await write('base/deployment.yaml', text);
  });

  test('nothing of a Secret is on the screen or in the log', async () => {
    await window.runCommand('Plumbline: Show Log');
    const body = await eventually(
      'the log',
      () => window.page.locator('body').innerText(),
      (text) => text.includes('[info]'),
      patience,
    );
    for (const secret of ['in-git-only', Buffer.from('in-git-only').toString('base64')]) {
      assert.ok(!body.includes(secret));
      assert.ok(!editor.output().includes(secret));
    }
  });
});
