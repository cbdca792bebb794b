import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Clone } from '../rig/cluster/clone.ts';
import { type ControlPlane, startControlPlane } from '../rig/cluster/controlPlane.ts';
import { requestReconcile, suspendFlux } from '../rig/cluster/requestReconcile.ts';
import { skipReason } from '../rig/cluster/requirements.ts';
import type { Editor } from '../rig/editor/editor.ts';
import { windowSkipReason } from '../rig/editor/packages.ts';
import type { TreeView } from '../rig/editor/pages/treeView.ts';
import type { Workbench } from '../rig/editor/pages/workbench.ts';
import { deliverByFlux, folder, namespace, pushApplication } from '../support/loopApplication.ts';
import { deployment } from '../support/loopManifests.ts';
import { openOnCluster } from './openWindow.ts';
import { messageWhen, rowTextsWhen } from './rowText.ts';
import { screenshot } from './screenshot.ts';

const patience = 60_000;
const options = { flux: true };

const skip = (await skipReason(options)) || windowSkipReason();

describe('commits of an application that Flux delivers, in a window with the packaged extension', { skip }, () => {
  let plane: ControlPlane;
  let clone: Clone;
  let editor: Editor;
  let window: Workbench;
  let view: TreeView;
  const rowsWhen = (satisfies: (rows: string[]) => boolean): Promise<string[]> =>
    rowTextsWhen(view, satisfies, patience);
  const answerIs = (answer: string): Promise<string> => messageWhen(view, (text) => text === answer, patience);
  const suspend = (suspended: boolean): Promise<void> => suspendFlux(plane, 'kustomization/shop', suspended);

  before(async () => {
    plane = await startControlPlane(options);
    const { remote, clone: own } = await pushApplication(plane);
    clone = own;
    await deliverByFlux(plane, remote);
    ({ editor, window } = await openOnCluster(plane, clone.folder));
    view = window.treeView('Commits');
  });
  after(async () => {
    await editor.stop();
    await plane.stop();
  });

  test('what Flux has applied is live', async () => {
    await window.openContainer('Plumbline');
    await window.runCommand('Plumbline: Select Cluster');
    await window.quickInput.choose('admin');
    await window.treeView('Drift').rowsWhen((rows) => rows.some((row) => row.label === 'shop'), patience);
    await window.treeView('Drift').chooseInMenu('shop', 'Show Commits');
    await answerIs('HEAD COMMIT is live.');
    const rows = await rowsWhen((found) => found.some((row) => row.startsWith('record')));
    assert.equal(await view.description(), 'shop on admin');
    assert.equal(rows[0], 'edit Working tree | no changes');
    assert.match(rows[1] ?? '', /^record COMMIT .* \| applied (just now|\d min ago) · healthy$/);
  });

  test('a commit is not pushed, with its plan; a suspension stands in its way, with its remedy', async () => {
    await clone.commit({ [`${folder}/deployment.yaml`]: deployment(namespace, { replicas: 3 }) });
    await answerIs('HEAD COMMIT is not live: 1 commit not pushed.');
    const rows = await rowsWhen((found) => found.some((row) => row.includes('| ~1 ·')));
    assert.equal(rows[1], 'arrow-up 1 not pushed | to origin/main');
    await suspend(true);
    await answerIs('HEAD COMMIT is not live: 1 commit not pushed, and Flux is suspended.');
    const gated = await rowsWhen((found) => found.some((row) => row.startsWith('debug-pause')));
    assert.ok(
      gated.includes('debug-pause Gate: Kustomization shop is suspended | Resume it, or this will not deploy.'),
      gated.join('\n'),
    );
    await screenshot(window, 'commits-flux');
  });

  test('pushed, fetched and applied, each as it happens and without a refresh', async () => {
    await clone.push();
    await answerIs('HEAD COMMIT is not live: 1 commit not fetched, and Flux is suspended.');
    const pushed = await rowsWhen((found) => found.some((row) => row.startsWith('cloud-download')));
    assert.equal(pushed[1], 'cloud-download 1 pushed, not fetched | source polls every 1h');
    await requestReconcile(plane, 'gitrepository/fleet');
    await answerIs('HEAD COMMIT is not live: 1 commit not applied, and Flux is suspended.');
    await rowsWhen((found) => found[1] === 'circle-large-outline 1 fetched, not applied');
    await suspend(false);
    await answerIs('HEAD COMMIT is live.');
    const rows = await rowsWhen((found) => found[1]?.startsWith('record') ?? false);
    assert.ok(!rows.some((row) => row.includes('Gate')), rows.join('\n'));
    const replicas = await plane.kubectl(['get', 'deployment/web', '-n', namespace, '-o=jsonpath={.spec.replicas}']);
    assert.equal(replicas, '3');
  });
});
