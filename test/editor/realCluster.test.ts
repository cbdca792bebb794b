import assert from 'node:assert/strict';
import { copyFile, cp, mkdir, readFile, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type ControlPlane, startControlPlane } from '../rig/cluster/controlPlane.ts';
import { skipReason } from '../rig/cluster/requirements.ts';
import type { Editor } from '../rig/editor/editor.ts';
import { windowSkipReason } from '../rig/editor/packages.ts';
import type { ProblemRow } from '../rig/editor/pages/problemsPanel.ts';
import { eventually, readable } from '../rig/editor/pages/text.ts';
import type { Workbench } from '../rig/editor/pages/workbench.ts';
import { type Scratch, makeScratch } from '../rig/editor/scratch.ts';
import { corporaSkipReason, corpus } from '../support/corpora.ts';
import { deliverKustomization } from '../support/deliver.ts';
import { type WorkRepository, cloneBundle } from '../support/workRepository.ts';
import { openOnCluster } from './openWindow.ts';
import { rowTextsWhen } from './rowText.ts';

const root = dirname(dirname(import.meta.dirname));
const screenshot = join(root, 'out', 'screenshots', 'readme.png');
const patience = 60_000;

const skip = (await skipReason()) || (corporaSkipReason('podinfo.bundle') ?? windowSkipReason());

/** Planted in Git and in the cluster; neither, plain or in base64, may ever be seen. */
const secrets = { declared: 'plumb-declared-9f1c', live: 'plumb-live-77aa01' } as const;
const base64 = (text: string): string => Buffer.from(text).toString('base64');

const dev = 'deploy/overlays/dev';
const cache = 'deploy/bases/cache/deployment.yaml';

/** What podinfo lacks: a Secret, and a count of replicas that a file spells out and no autoscaler owns. */
async function decideMore(repository: WorkRepository): Promise<void> {
  const add = async (path: string, after: string, added: string): Promise<[string, string]> => {
    const text = await readFile(join(repository.folder, path), 'utf8');
    assert.ok(text.includes(after), `${path} has ${after}`);
    return [path, text.replace(after, `${after}${added}`)];
  };
  const changed = [
    await add(cache, '\nspec:\n', '  replicas: 2\n'),
    await add(`${dev}/kustomization.yaml`, '  - namespace.yaml\n', '  - secret.yaml\n'),
  ];
  const secret = `apiVersion: v1\nkind: Secret\nmetadata:\n  name: login\nstringData:\n  password: ${secrets.declared}\n`;
  await repository.commit(
    { ...Object.fromEntries(changed), [`${dev}/secret.yaml`]: secret },
    'Run the cache twice, behind a login',
  );
}

const patch = (object: string, body: unknown): string[] => [
  ...['patch', object, '--type=merge', '--field-manager=kubectl-edit'],
  `--patch=${JSON.stringify(body)}`,
];

/** What a person does to the cluster by hand, as kubectl's arguments; the name of the settings ends with their hash. */
const edits = (settings: string): readonly (readonly string[])[] => [
  ['scale', 'deployment/cache', '--replicas=5'],
  ['set', 'image', 'deployment/cache', 'redis=docker.io/redis:7.0.0'],
  ['set', 'env', 'deployment/backend', 'PODINFO_UI_COLOR=#ffffff'],
  // Git says nothing of this one and an apply would keep it, so it is no finding.
  ['set', 'env', 'deployment/backend', 'EXTRA=1'],
  patch(settings, {
    data: { 'redis.conf': 'maxmemory 512mb\nmaxmemory-policy allkeys-lru\nsave ""\nappendonly no\n' },
  }),
  ['label', 'service/cache', 'app.kubernetes.io/environment-'],
  patch('secret/login', { stringData: { password: secrets.live } }),
  ['delete', 'service/frontend'],
];

const place = (row: ProblemRow): string =>
  `${row.file}:${String(row.line)}:${String(row.column)} ${row.severity} ${row.source} ${row.message}`;

function assertNoSecret(where: string, text: string): void {
  for (const value of Object.values(secrets)) {
    // Without its end, which depends on what follows.
    const encoded = base64(value).replace(/=+$/, '').slice(0, -1);
    assert.ok(!text.includes(value) && !text.includes(encoded), `${value} is in ${where}`);
  }
}

describe('drift of a real cluster, in a window with the packaged extension', { skip }, () => {
  let plane: ControlPlane;
  let repository: WorkRepository;
  let editor: Editor;
  let window: Workbench;
  let scratch: Scratch;
  let settings: string;
  const inDev = (args: readonly string[]): Promise<string> => plane.kubectl([...args, '--namespace=dev']);
  const rowsWhen = (satisfies: (rows: string[]) => boolean): Promise<string[]> =>
    rowTextsWhen(window.treeView('Drift'), satisfies, patience);

  /** The rows of Problems once there are so many. It reads what is in view: so the panel is maximised meanwhile. */
  const problems = async (count: number): Promise<{ places: string[]; folders: string[] }> => {
    await window.problems.open();
    await window.runCommand('View: Toggle Maximized Panel');
    const rows = await window.problems.rowsWhen((found) => found.length === count, patience);
    assertNoSecret('Problems', JSON.stringify(rows));
    const files = window.page.locator('.markers-panel .monaco-list-row[aria-level="1"] .label-description');
    const folders = (await files.allTextContents()).map(readable).sort();
    await window.runCommand('View: Toggle Maximized Panel');
    return { places: rows.map(place), folders };
  };

  /** Drags the border of the side bar, so that rows have room for what they say. */
  const resizeSideBar = async (width: number): Promise<void> => {
    const bar = window.page.locator('.part.sidebar');
    const box = await bar.boundingBox();
    assert.ok(box);
    const y = box.y + box.height / 2;
    await window.page.mouse.move(box.x + box.width + 1, y);
    await window.page.mouse.down();
    await window.page.mouse.move(box.x + width, y, { steps: 8 });
    await window.page.mouse.up();
    // Else the border stays lit.
    await window.page.mouse.move(box.x + width / 2, box.y + box.height - 40);
    await eventually(
      'the wide side bar',
      async () => (await bar.boundingBox())?.width ?? 0,
      (found) => Math.abs(found - width) < 20,
    );
  };

  before(async () => {
    await mkdir(dirname(screenshot), { recursive: true });
    scratch = await makeScratch('real-cluster');
    plane = await startControlPlane();
    repository = await cloneBundle(corpus('podinfo.bundle'));
    await decideMore(repository);
    await deliverKustomization(plane, join(repository.folder, dev), { way: 'server-side' });
    settings =
      (await inDev(['get', 'configmaps', '--output=name'])).split('\n').find((name) => name.includes('redis')) ?? '';
    // The window shows the folder's name.
    const workspace = join(scratch.path, 'podinfo');
    await cp(repository.folder, workspace, { recursive: true });
    ({ editor, window } = await openOnCluster(plane, workspace, {
      // The repository has overlays for three environments, and one of them is this cluster's.
      'plumbline.applications': [dev],
      'editor.minimap.enabled': false,
    }));
  });
  after(async () => {
    await editor.stop();
    await plane.stop();
    await repository.dispose();
    await scratch.remove();
  });

  test('the chosen context is compared, and what was applied hangs true', async () => {
    await window.openContainer('Plumbline');
    await window.runCommand('Plumbline: Select Cluster');
    await eventually(
      'the contexts',
      () => window.quickInput.items(),
      (items) => ['admin', 'viewer', 'limited'].every((name) => items.some(({ label }) => label === name)),
    );
    await window.quickInput.choose('admin');
    const rows = await rowsWhen((found) => found.some((row) => row.includes('in sync')));
    assert.equal(rows[0], `check ${dev} | direct · worktree · 26 in sync`);
    await eventually(
      'the message',
      () => window.treeView('Drift').message(),
      (text) => text === 'Everything in admin hangs true: 26 objects in 1 application.',
    );
    assert.equal(await window.badge('Plumbline'), undefined);
    assert.deepEqual(await window.problems.rows(), []);
  });

  test('each edit by hand shows on its object and field, in order and without a refresh', async () => {
    for (const edit of edits(settings)) await inDev(edit);
    await rowsWhen(([application]) => application?.endsWith('5 drifted, 1 missing') ?? false);
    await window.treeView('Drift').toggle(dev);
    const rows = await rowsWhen((found) => found.some((row) => row.includes('containers[redis].image')));
    const expected = [
      `warning ${dev} | direct · worktree · 5 drifted, 1 missing`,
      `  warning ConfigMap ${settings.slice(settings.indexOf('/') + 1)} | drifted · 1 field`,
      /^ {4}warning data\["redis\.conf"\] \| Git .*64mb.* → live .*512mb.* · kubectl-edit, /,
      '  warning Deployment backend | drifted · 1 field',
      /^ {4}warning containers\[backend\]\.env\[PODINFO_UI_COLOR\]\.value \| Git #34577c → live #ffffff · kubectl-set, /,
      '  warning Deployment cache | drifted · 2 fields',
      /^ {4}warning replicas \| Git 2 → live 5 · kubectl \(scale\)$/,
      /^ {4}warning containers\[redis\]\.image \| Git docker\.io\/redis:8\.8\.0 → live docker\.io\/redis:7\.0\.0 · kubectl-set, /,
      '  warning Secret login | drifted · 1 field',
      /^ {4}warning stringData\.password \| differs, values hidden · kubectl-edit, /,
      '  warning Service cache | drifted · 1 field',
      /^ {4}warning labels\["app\.kubernetes\.io\/environment"\] \| Git dev → not live · removed, by whom unknown$/,
      '  circle-slash Service frontend | missing',
      'check 20 in sync',
    ];
    for (const [index, row] of expected.entries()) {
      const found = rows[index] ?? '';
      if (row instanceof RegExp) assert.match(found, row);
      // A workload's row goes on with its health, which changes while pods are replaced.
      else assert.ok(found.trimStart().startsWith(row.trimStart()), `${found} is not ${row}`);
    }
    assert.equal(rows.length, expected.length);
    await window.badgeIs('Plumbline', '6');
    await window.statusBar.item('plumbline.status', (text) => text === '⟂ admin · 5 drifted · 1 missing');
    assert.match((await window.treeView('Drift').description()) ?? '', /^admin · \d\d:\d\d:\d\d$/);
  });

  test('each finding stands on the line and column that decide it', async () => {
    const { places, folders } = await problems(7);
    assert.deepEqual(
      places.map((row) => row.split(' in admin')[0]),
      [
        'deployment.yaml:48:18 warning plumbline(drifted) live is #ffffff',
        'deployment.yaml:6:13 warning plumbline(drifted) live is 5',
        'deployment.yaml:17:18 warning plumbline(drifted) live is docker.io/redis:7.0.0',
        String.raw`redis.conf:1:1 warning plumbline(drifted) live is "maxmemory 512mb\nmaxmemory-policy allkeys-lru\nsave \"\"\n…`,
        'service.yaml:2:1 warning plumbline(missing) Service dev/frontend is missing',
        'labels.yaml:6:34 warning plumbline(drifted) metadata.labels["app.kubernetes.io/environment"] is not live',
        'secret.yaml:6:13 warning plumbline(drifted) stringData.password differs',
      ],
    );
    const bases = ['backend', 'cache', 'cache', 'frontend'].map((name) => `deploy/bases/${name}`);
    assert.deepEqual(folders, [...bases, dev, dev]);
  });

  test('the deciding file shows it underlined, and its hover tells the sides', async () => {
    await resizeSideBar(560);
    // With the keys and not at once, as then the editor would put the line into its middle and the other out of sight.
    await window.textEditor.open(cache);
    for (let line = 1; line < 17; line++) await window.page.keyboard.press('ArrowDown');
    await window.page.keyboard.press('Home');
    await window.textEditor.underlined('warning', 2, patience);
    const hover = await window.textEditor.hoverWhen((text) => text.includes('desired'));
    assert.match(hover, /containers\[.*redis.*\]\.image · Deployment dev\/cache · admin/);
    assert.match(hover, /docker\.io\/redis:8\.8\.0.*docker\.io\/redis:7\.0\.0.*kubectl-set/);
    // The palette leaves the mouse where it shows a hover of its own: once more with the keys alone.
    await window.page.keyboard.press('Escape');
    await window.page.mouse.move(300, 700);
    await window.page.keyboard.press('Control+K');
    await window.page.keyboard.press('Control+I');
    await window.page
      .locator('.monaco-hover:not(.hidden)', { hasText: 'desired' })
      .first()
      .waitFor({ timeout: patience });
    await window.page.locator('.monaco-hover:not(.hidden)', { hasText: '/podinfo/' }).waitFor({ state: 'hidden' });
    await window.screenshot(screenshot);
    if (process.env['PLUMBLINE_UPDATE_SCREENSHOTS'] === '1')
      await copyFile(screenshot, join(root, 'docs/images/drift.png'));
  });

  test('an edit that is undone vanishes without a refresh', async () => {
    await inDev(['scale', 'deployment/cache', '--replicas=2']);
    await inDev(['set', 'env', 'deployment/backend', 'PODINFO_UI_COLOR=#34577c']);
    const rows = await rowsWhen(([application]) => application?.endsWith('4 drifted, 1 missing') ?? false);
    assert.ok(!rows.some((row) => row.includes('replicas') || row.includes('Deployment backend')), rows.join('\n'));
    assert.ok(rows.some((row) => row.includes('containers[redis].image')));
    await window.badgeIs('Plumbline', '5');
    await window.statusBar.item('plumbline.status', (text) => text === '⟂ admin · 4 drifted · 1 missing');
    const { places } = await problems(5);
    assert.deepEqual(
      places.filter((row) => row.startsWith('deployment.yaml')).map((row) => row.split(' in admin')[0]),
      ['deployment.yaml:17:18 warning plumbline(drifted) live is docker.io/redis:7.0.0'],
    );
  });

  test('no Secret value is on the screen, in the log or in a file of the editor', async () => {
    await window.treeView('Drift').select('Secret login');
    await window.page.locator('.tab', { hasText: 'Secret dev/login' }).waitFor({ timeout: patience });
    const body = window.page.locator('body');
    const diff = await eventually(
      'masked values',
      () => body.innerText(),
      (text) => text.includes('***'),
      patience,
    );
    assertNoSecret('the diff', diff);
    await window.runCommand('Plumbline: Show Log');
    const log = await eventually(
      'the log',
      () => body.innerText(),
      (text) => text.includes('[info]'),
      patience,
    );
    assertNoSecret('the log', log);
    assertNoSecret("the server's output", editor.output());
    for (const entry of await readdir(editor.home, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      assertNoSecret(path, await readFile(path, 'latin1'));
    }
  });
});
