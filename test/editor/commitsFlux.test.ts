import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Clone } from '../rig/cluster/clone.ts';
import { type ControlPlane, startControlPlane } from '../rig/cluster/controlPlane.ts';
import { makeRemote } from '../rig/cluster/greeting.ts';
import { requestReconcile } from '../rig/cluster/requestReconcile.ts';
import { skipReason } from '../rig/cluster/requirements.ts';
import { type Editor, startEditor } from '../rig/editor/editor.ts';
import { findChromium } from '../rig/editor/packages.ts';
import { eventually } from '../rig/editor/pages/text.ts';
import type { TreeRow, TreeView } from '../rig/editor/pages/treeView.ts';
import type { Workbench } from '../rig/editor/pages/workbench.ts';
import { configMap, deployment, kustomization, service } from '../support/loopManifests.ts';
import { packagedExtension } from './packagedExtension.ts';

const screenshots = join(dirname(dirname(import.meta.dirname)), 'out', 'screenshots');
const patience = 60_000;
const options = { flux: true };
const namespace = 'shop';
const folder = 'apps/shop';

const missing = await skipReason(options);
const noBrowser =
  findChromium() === undefined ? 'skipped: no Chromium to show the editor; apt-get install chromium' : false;

function picture(rows: readonly TreeRow[]): string[] {
  return rows.map((row) => {
    const text = row.description === '' ? row.label : `${row.label} | ${row.description}`;
    return `${'  '.repeat(row.level - 1)}${row.icon ?? ''} ${text}`.replace(/\b[0-9a-f]{7}\b/g, 'COMMIT');
  });
}

describe(
  'commits of an application that Flux delivers, in a window with the packaged extension',
  {
    skip: missing === false ? noBrowser : missing,
  },
  () => {
    let plane: ControlPlane;
    let clone: Clone;
    let editor: Editor;
    let window: Workbench;
    let view: TreeView;
    const rowsWhen = (satisfies: (rows: string[]) => boolean): Promise<string[]> =>
      eventually('the rows of Commits', async () => picture(await view.rows()), satisfies, patience);
    const answerIs = (answer: string): Promise<string> =>
      eventually(
        `the answer ${answer}`,
        async () => ((await view.message()) ?? '').replace(/\b[0-9a-f]{7}\b/g, 'COMMIT'),
        (text) => text === answer,
        patience,
      );
    const suspend = (suspended: boolean): Promise<string> =>
      plane.kubectl([
        'patch',
        'kustomization/shop',
        '--type=merge',
        `--patch={"spec":{"suspend":${String(suspended)}}}`,
      ]);

    before(async () => {
      await mkdir(screenshots, { recursive: true });
      const vsix = packagedExtension();
      plane = await startControlPlane(options);
      const remote = await makeRemote(plane);
      clone = remote.clone;
      await clone.git('config', 'user.name', 'Ada');
      await clone.git('config', 'user.email', 'ada@example.invalid');
      await plane.kubectl(['create', 'namespace', namespace]);
      await clone.commit({
        [`${folder}/kustomization.yaml`]: kustomization('deployment.yaml', 'service.yaml', 'settings.yaml'),
        [`${folder}/deployment.yaml`]: deployment(namespace),
        [`${folder}/service.yaml`]: service(namespace),
        [`${folder}/settings.yaml`]: configMap(namespace, 'settings', 'hello'),
      });
      await clone.push();
      const input = `apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: fleet, namespace: default}
spec: {interval: 1h, url: "${remote.repository.url}", ref: {branch: main}}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: shop, namespace: default}
spec: {interval: 1h, retryInterval: 1h, path: ./${folder}, prune: true, sourceRef: {kind: GitRepository, name: fleet}}
`;
      await plane.kubectl(['apply', '-f', '-'], { input });
      await plane.kubectl(['wait', 'kustomization/shop', '--for=condition=Ready', '--timeout=60s']);
      await plane.kubectl(['rollout', 'status', 'deployment/web', '-n', namespace, '--timeout=60s']);
      editor = await startEditor({
        vsix,
        workspace: clone.folder,
        env: { KUBECONFIG: plane.kubeconfig, PATH: `${join(plane.folder, 'bin')}:${process.env['PATH'] ?? ''}` },
        userSettings: { 'workbench.colorTheme': 'Default Dark Modern' },
      });
      window = await editor.open();
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
      assert.equal(await view.description(), 'shop on admin');
      const rows = await rowsWhen((found) => found.some((row) => row.startsWith('record')));
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
      await window.screenshot(join(screenshots, 'commits-flux.png'));
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
  },
);
