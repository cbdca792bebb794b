import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Clone } from '../rig/cluster/clone.ts';
import { type ControlPlane, startControlPlane } from '../rig/cluster/controlPlane.ts';
import type { GitRepository } from '../rig/cluster/gitServer.ts';
import { lastRequests } from '../rig/cluster/requestReconcile.ts';
import { skipReason } from '../rig/cluster/requirements.ts';
import type { Editor } from '../rig/editor/editor.ts';
import { windowSkipReason } from '../rig/editor/packages.ts';
import { eventually } from '../rig/editor/pages/text.ts';
import type { Workbench } from '../rig/editor/pages/workbench.ts';
import { deliverByFlux, folder, namespace, pushApplication } from '../support/loopApplication.ts';
import { deployment, kustomization } from '../support/loopManifests.ts';
import { patchLive } from '../support/patchLive.ts';
import { ActionWindow } from './actionWindow.ts';
import { openOnCluster } from './openWindow.ts';

const options = { flux: true };
const patience = 60_000;
const engine = 'Flux Kustomization default/shop';

const skip = (await skipReason(options)) || windowSkipReason();

describe('the loop in a window, delivered by a real Flux', { skip }, () => {
  let plane: ControlPlane;
  let remote: GitRepository;
  let clone: Clone;
  let editor: Editor;
  let window: Workbench;
  let actions: ActionWindow;
  let server: string;

  const field = (resource: string, path: string, ...args: string[]): Promise<string> =>
    plane.kubectl(['get', resource, `-o=jsonpath={${path}}`, ...args]);
  const image = (): Promise<string> =>
    field('deployment/web', '.spec.template.spec.containers[0].image', '--namespace', namespace);
  const remoteHead = async (): Promise<string> =>
    (await clone.git('ls-remote', 'origin', 'refs/heads/main')).slice(0, 40);
  const write = (path: string, text: string): Promise<void> => writeFile(join(clone.folder, folder, path), text);
  const requests = (): Promise<string[]> => lastRequests(plane, ['gitrepository/fleet', 'kustomization/shop']);
  const synced = (): Promise<string[]> => actions.rowsWhen((rows) => rows[0]?.startsWith('check shop') ?? false);
  /** Runs an action on the application's row, which is the only one. */
  const choose = (entry: string): Promise<void> => window.treeView('Drift').chooseInMenu('shop', entry);
  /** The protected context is typed, after the dialog. */
  const typeName = async (): Promise<void> => {
    await eventually(
      'the input',
      () => window.quickInput.message(),
      (text) => text?.includes('is protected') ?? false,
      patience,
    );
    await window.quickInput.type('admi');
    await window.quickInput.accept();
    const problem = await eventually(
      'what is wrong',
      () => window.quickInput.message(),
      (text) => text?.startsWith('Type ') ?? false,
    );
    assert.match(problem ?? '', /^Type admin to go on, or press Escape\./);
    await actions.screenshot('protected-name');
    await window.quickInput.type('admin');
    await window.quickInput.accept();
  };

  before(async () => {
    plane = await startControlPlane(options);
    ({ remote, clone } = await pushApplication(plane));
    await deliverByFlux(plane, remote);
    server = /server: "?([^"\n]+)/.exec(await plane.kubectl(['config', 'view']))?.[1] ?? '';
    const settings = { 'plumbline.protectedContexts': ['adm?n'] };
    ({ editor, window } = await openOnCluster(plane, clone.folder, settings));
    actions = new ActionWindow(window);
    await window.openContainer('Plumbline');
    await window.runCommand('Plumbline: Select Cluster');
    await window.quickInput.choose('admin');
    await synced();
  });
  after(async () => {
    await editor.stop();
    await plane.stop();
  });

  test('a protected context is marked', async () => {
    const item = await window.statusBar.item('plumbline.status', (text) => text.includes('admin'));
    assert.ok(item.icons.includes('lock'), item.icons.join(' '));
    assert.equal(item.background, 'warning');
    assert.match(item.ariaLabel, /protected/);
  });

  test('a context is asked about before anything else, by name and server; who declines changes nothing', async () => {
    const before = await requests();
    await choose('Sync');
    const question = {
      message: 'May Plumbline change admin?',
      lines: [
        `Server: ${server}`,
        'Nothing is changed by this. Each change shows first what it will do, and asks.',
        'Kept in your user settings as plumbline.writableContexts; remove it there to take it back.',
      ],
      buttons: ['Allow'],
    };
    await actions.answer(question, 'Cancel', 'permission');
    await choose('Sync');
    await actions.answer(question, 'Allow');
    assert.deepEqual(await requests(), before);
    // Asked once: what comes next is the confirmation of the sync itself.
    const commit = await clone.head();
    await actions.answer(
      {
        message: 'Sync shop to admin?',
        lines: [
          new RegExp(
            `^${engine}, revision (main@)?(sha1:)?${commit.slice(0, 7)}$|^${engine}, revision the files as they are$`,
          ),
          'Changes nothing: 3 objects are as Git says.',
          'admin is protected: its name is asked for next.',
        ],
        buttons: ['Sync'],
      },
      'Sync',
    );
    await typeName();
    await actions.ending('Sync: shop is in admin as Git says, and healthy.');
    assert.notDeepEqual(await requests(), before);
  });

  test('edit, commit and sync: committed, pushed, fetched, applied, healthy', async () => {
    await write('deployment.yaml', deployment(namespace, { tag: '2.0' }));
    assert.deepEqual(await actions.commitAndSync('shop', 'Take web 2.0'), [`deployment.yaml ${folder} · modified`]);
    const expected = {
      message: 'Commit and sync shop to admin?',
      lines: [
        'Commits 1 file on main and pushes to origin/main.',
        `Then ${engine} fetches and applies it.`,
        '0 create · 1 configure · 0 prune',
        'admin is protected: its name is asked for next.',
      ],
      buttons: ['Commit and Sync'],
    };
    await actions.answer(expected, 'Commit and Sync', 'flux-commit-confirmation');
    await typeName();
    const progress = await actions.progress('Commit and Sync: shop → admin', '✓ pushed');
    assert.match(progress, /✓ committed [0-9a-f]{7} +✓ pushed/);
    await actions.screenshot('flux-progress');
    await actions.ending('Commit and Sync: shop is in admin as Git says, and healthy.');
    assert.equal((await clone.git('log', '-1', '--format=%s')).trim(), 'Take web 2.0');
    assert.equal(await remoteHead(), await clone.head());
    assert.equal(await image(), 'example.invalid/web:2.0');
    await synced();
  });

  test('an edit by hand is drift on its line, and Restore has Flux reconcile it', async () => {
    await patchLive(plane, 'deployment/web', namespace, 'kubectl-edit', { spec: { replicas: 5 } });
    await actions.rowsWhen((rows) => rows[0]?.endsWith('1 drifted') ?? false);
    // All in sync, it was folded; the editor keeps it so.
    await window.treeView('Drift').toggle('shop');
    await actions.rowsWhen((rows) =>
      rows.some((row) => row.includes('Git 2 → live 5') && row.includes('Flux reverts it')),
    );
    await window.textEditor.open(`${folder}/deployment.yaml`, 7);
    await window.textEditor.underlined('warning', 1, patience);
    await window.messages.clear();
    const offered = await window.textEditor.codeActions();
    for (const title of ['Write live value into Git', "Restore Git's value in the cluster", 'Ignore this difference']) {
      assert.ok(offered.includes(title), `${title} in ${offered.join(', ')}`);
    }
    await actions.screenshot('lamp');
    await window.textEditor.chooseCodeAction("Restore Git's value in the cluster");
    const commit = await clone.head();
    await actions.answer(
      {
        message: `Restore Deployment ${namespace}/web in admin to what Git says?`,
        lines: [
          'spec.replicas: 5 → 2',
          `Flux reconciles Kustomization default/shop at ${commit.slice(0, 7)}: all of shop, not this object alone.`,
          '0 create · 1 configure · 0 prune',
          'admin is protected: its name is asked for next.',
        ],
        buttons: ['Restore'],
      },
      'Restore',
    );
    await typeName();
    await actions.ending(`Restore: Deployment ${namespace}/web in admin is what Git says.`);
    assert.equal(await field('deployment/web', '.spec.replicas', '-n', namespace), '2');
    await synced();
  });

  test('a bad image does not get healthy; it is stopped, and Roll Back heals it', async () => {
    const good = await clone.head();
    await write('deployment.yaml', deployment(namespace, { tag: 'broken' }));
    await actions.commitAndSync('shop', 'Take a broken web');
    await actions.confirm('Commit and Sync');
    await typeName();
    await actions.progress('Commit and Sync: shop', '✓ applied');
    await window.messages.pressInNotification('Commit and Sync: shop', 'Cancel');
    const ending = await actions.ending('Stopped.');
    assert.match(ending.text, /^Stopped\. Committed and pushed [0-9a-f]{7}; .*applied/);
    assert.equal(await image(), 'example.invalid/web:broken');
    await window.messages.pressInNotification('Stopped.', 'Roll Back');
    await window.quickInput.titled('Roll Back shop on admin', patience);
    await actions.screenshot('flux-revisions');
    await window.quickInput.choose(`${good.slice(0, 7)} Take web 2.0`);
    await actions.answer(
      {
        message: `Roll back shop on admin to ${good.slice(0, 7)}?`,
        lines: [
          `One new commit on main restores 1 file below ${folder}, then it is pushed and synced.`,
          '0 create · 1 configure · 0 prune',
          'admin is protected: its name is asked for next.',
        ],
        buttons: ['Roll Back', 'Show Plan'],
      },
      'Roll Back',
    );
    await typeName();
    await actions.ending('Roll Back: shop is in admin as Git says, and healthy.');
    assert.equal(await image(), 'example.invalid/web:2.0');
    assert.equal(await remoteHead(), await clone.head());
    assert.equal((await clone.git('diff', good, 'HEAD')).trim(), '');
    await synced();
  });

  test('what Git drops is named in the confirmation, and pruned', async () => {
    await write('kustomization.yaml', kustomization('deployment.yaml', 'service.yaml'));
    await rm(join(clone.folder, folder, 'settings.yaml'));
    await actions.commitAndSync('shop', 'Drop the settings');
    await actions.answer(
      {
        message: 'Commit and sync shop to admin?',
        lines: [
          'Commits 2 files on main and pushes to origin/main.',
          `Then ${engine} fetches and applies it.`,
          '0 create · 0 configure · 1 prune',
          `Prunes ConfigMap ${namespace}/settings`,
          'admin is protected: its name is asked for next.',
        ],
        buttons: ['Commit and Sync'],
      },
      'Commit and Sync',
    );
    await typeName();
    await actions.ending('Commit and Sync: shop is in admin as Git says, and healthy.');
    assert.equal((await plane.tryKubectl(['get', 'configmap/settings', '-n', namespace])).code, 1);
    await synced();
  });

  test('a suspension is said before the push, and nothing is sent; Resume lifts it', async () => {
    await window.messages.clear();
    await choose('Suspend');
    await window.quickInput.titled('Suspend shop on admin', patience);
    await window.quickInput.type('freeze until Monday');
    await window.quickInput.accept();
    await actions.answer(
      {
        message: 'Suspend shop on admin?',
        lines: [
          'Flux leaves Kustomization default/shop alone until it is resumed: pushes change nothing, and edits by hand stay.',
          'admin is protected: its name is asked for next.',
        ],
        buttons: ['Suspend'],
      },
      'Suspend',
    );
    await typeName();
    await actions.ending('Suspend: Kustomization default/shop is suspended in admin.');
    await actions.rowsWhen((rows) => rows[0]?.includes('freeze until Monday') ?? false);
    const before = { head: await clone.head(), remote: await remoteHead(), requests: await requests() };
    await write('deployment.yaml', deployment(namespace, { tag: '3.0' }));
    await actions.commitAndSync('shop', 'Take web 3.0');
    const ending = await actions.ending('nothing was changed in admin');
    assert.match(ending.text, /suspended.*freeze until Monday/);
    assert.deepEqual(ending.buttons, ['Resume']);
    assert.deepEqual({ head: await clone.head(), remote: await remoteHead(), requests: await requests() }, before);
    await actions.screenshot('suspended');
    await window.messages.pressInNotification('nothing was changed in admin', 'Resume');
    const resume = await actions.modal();
    assert.equal(resume.message, 'Resume shop on admin?');
    await window.messages.pressInModal('Resume');
    await typeName();
    await actions.ending('Resume: Kustomization default/shop is resumed in admin.');
    assert.equal(await field('kustomization/shop', '.spec.suspend'), 'false');
  });

  test('a rejected push loses nothing, and Retry goes on where it ended', async () => {
    await remote.rejectPushes('main is protected');
    await actions.commitAndSync('shop', 'Take web 3.0');
    await actions.confirm('Commit and Sync');
    await typeName();
    const ending = await actions.ending('did not come to its end');
    assert.match(ending.text, /Where it stands: committed [0-9a-f]{7}, not pushed/);
    assert.deepEqual(ending.buttons, ['Retry', 'Show Log']);
    assert.equal((await clone.git('log', '-1', '--format=%s')).trim(), 'Take web 3.0');
    assert.equal(await image(), 'example.invalid/web:2.0');
    await remote.rejectPushes(undefined);
    await window.messages.pressInNotification('did not come to its end', 'Retry');
    const again = await actions.modal();
    assert.equal(again.lines[0], 'Nothing is committed; what is not pushed is pushed to origin/main.');
    await window.messages.pressInModal('Commit and Sync');
    await typeName();
    await actions.ending('Commit and Sync: shop is in admin as Git says, and healthy.');
    assert.equal(await remoteHead(), await clone.head());
    assert.equal(await image(), 'example.invalid/web:3.0');
  });
});
