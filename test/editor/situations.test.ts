import assert from 'node:assert/strict';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { type AddressInfo, type Server, createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type Editor, type EditorOptions, startEditor } from '../rig/editor/editor.ts';
import { eventually } from '../rig/editor/pages/text.ts';
import type { Workbench } from '../rig/editor/pages/workbench.ts';
import { type Scratch, makeScratch } from '../rig/editor/scratch.ts';
import { packagedExtension, pathWithKubectl } from './packagedExtension.ts';
import { screenshot } from './screenshot.ts';
import { makeShop } from './shopRepository.ts';

let scratch: Scratch;
let shop: string;
let vsix: string;
before(async () => {
  scratch = await makeScratch('situations');
  shop = await makeShop(scratch.path);
  vsix = packagedExtension();
});
after(() => scratch.remove());

async function inWindow(
  options: EditorOptions,
  run: (window: Workbench, editor: Editor) => Promise<void>,
): Promise<void> {
  const editor = await startEditor({ vsix, ...options, env: { PATH: pathWithKubectl(), ...options.env } });
  try {
    const window = await editor.open();
    await window.openContainer('Plumbline');
    await run(window, editor);
  } finally {
    await editor.stop();
  }
}

const welcomeOf = (window: Workbench): Promise<string[]> =>
  eventually(
    'the welcome text',
    () => window.treeView('Drift').welcome(),
    (parts) => parts.length > 1,
    30_000,
  );

/** A kubeconfig of two contexts at a port, and a server there that counts who comes. */
async function clusterAt(server: Server): Promise<string> {
  const { port } = server.address() as AddressInfo;
  const context = (name: string): string => `- name: ${name}\n  context: {cluster: c, user: u}\n`;
  const path = join(scratch.path, `kubeconfig-${port}`);
  await writeFile(
    path,
    `apiVersion: v1\nkind: Config\ncurrent-context: prod-eu\ncontexts:\n${context('prod-eu')}${context('staging')}` +
      `clusters:\n- name: c\n  cluster: {server: "http://127.0.0.1:${port}"}\nusers:\n- name: u\n  user: {token: planted-token}\n`,
  );
  return path;
}

function listen(onConnection: () => void): Promise<Server> {
  const server = createServer((socket) => {
    onConnection();
    socket.destroy();
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

test('an empty window asks for a folder', () =>
  inWindow({}, async (window) => {
    assert.deepEqual(await welcomeOf(window), [
      'Open a repository of Kubernetes manifests to compare it with a cluster.',
      'Open Folder',
    ]);
    assert.equal(await window.quickInput.offersCommand('Plumbline: Select Cluster'), false);
  }));

test('a folder without manifests says so', async () => {
  const folder = join(scratch.path, 'empty');
  await mkdir(folder);
  await writeFile(join(folder, 'README.md'), '# Nothing to apply\n');
  await inWindow({ workspace: folder }, async (window) => {
    const [text, ...actions] = await welcomeOf(window);
    assert.equal(text, 'No manifests, kustomizations or charts were found here.');
    assert.deepEqual(actions, ['Learn What Is Recognised', 'Refresh']);
    // It looks again by itself when a first manifest is written.
    await writeFile(join(folder, 'role.yaml'), 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\n');
    await eventually(
      'the next text',
      () => welcomeOf(window),
      ([first]) => first?.startsWith('No kubeconfig') ?? false,
    );
  });
});

test('no cluster is contacted before one is chosen; one that does not answer is named, with what to do', async () => {
  const contacts: string[] = [];
  const server = await listen(() => contacts.push('one'));
  const kubeconfig = await clusterAt(server);
  try {
    await inWindow({ workspace: shop, env: { KUBECONFIG: kubeconfig } }, async (window, editor) => {
      assert.deepEqual(await welcomeOf(window), [
        'Choose the cluster to compare with. Nothing is contacted before you do.',
        'Select Cluster',
        'Start Sandbox Cluster',
      ]);
      await window.textEditor.open('base/deployment.yaml');
      await window.treeView('Drift').pressWelcome('Select Cluster');
      const items = await eventually(
        'the contexts',
        () => window.quickInput.items(),
        (found) => found.length >= 3,
      );
      assert.deepEqual(
        items.map((item) => [item.label, item.description]),
        [
          ['prod-eu', 'current context of the kubeconfig'],
          ['staging', undefined],
          ['Start Sandbox Cluster', 'a simulated cluster; needs nothing installed'],
        ],
      );
      assert.deepEqual(contacts, []);

      await window.quickInput.choose('staging');
      const rows = await window
        .treeView('Drift')
        .rowsWhen((found) => found.some((row) => row.icon === 'close'), 60_000);
      assert.ok(contacts.length > 0);
      assert.equal(rows[0]?.label, 'No answer');
      assert.match(rows[0].description, /staging/);
      const message = await eventually(
        'the message',
        () => window.treeView('Drift').message(),
        (text) => text?.startsWith('⚠') ?? false,
      );
      assert.match(message ?? '', /^⚠ staging /);
      assert.deepEqual(
        rows.slice(1).map((row) => [row.label, row.description]),
        [
          ['overlays/prod', 'direct · worktree · not checked'],
          ['platform', 'direct · worktree · not checked'],
        ],
      );
      await window.statusBar.item('plumbline.status', (text) => text.endsWith('staging'));
      await screenshot(window, 'unreachable');
      await window.runCommand('Plumbline: Show Log');
      const log = window.page.locator('.output-view-content, .part.panel .monaco-editor').first();
      await eventually(
        'the log',
        () => log.innerText(),
        (text) => text.includes('staging'),
        30_000,
      );
      assert.ok(!(await window.page.locator('body').innerText()).includes('planted-token'));
      assert.ok(!editor.output().includes('planted-token'));
    });
  } finally {
    server.close();
  }
});

test('in Restricted Mode nothing is started and nothing contacted; trust is enough to go on', async () => {
  const contacts: string[] = [];
  const server = await listen(() => contacts.push('one'));
  const kubeconfig = await clusterAt(server);
  try {
    const options = { workspace: shop, trust: 'restricted', env: { KUBECONFIG: kubeconfig } } as const;
    await inWindow(options, async (window) => {
      assert.deepEqual(await welcomeOf(window), [
        'Rendering and clusters stay off until you trust this workspace.',
        'Manage Trust',
      ]);
      for (const command of ['Select Cluster', 'Refresh', 'Start Sandbox Cluster', 'Open Live Manifest']) {
        assert.equal(await window.quickInput.offersCommand(`Plumbline: ${command}`), false, command);
      }
      assert.deepEqual(contacts, []);
      await window.trustWorkspace();
      const welcome = await eventually(
        'the next text',
        () => welcomeOf(window),
        (parts) => parts.includes('Select Cluster'),
      );
      assert.equal(welcome[0], 'Choose the cluster to compare with. Nothing is contacted before you do.');
      assert.deepEqual(contacts, []);
    });
  } finally {
    server.close();
  }
});

test('of overlays that declare the same objects the user says which one the cluster should hold', async () => {
  const folder = join(scratch.path, 'two');
  await cp(shop, folder, { recursive: true });
  await mkdir(join(folder, 'overlays', 'staging'));
  const overlay = 'namespace: shop\nresources:\n- ../../base\n';
  await writeFile(join(folder, 'overlays', 'staging', 'kustomization.yaml'), overlay);
  await inWindow({ workspace: folder }, async (window) => {
    await welcomeOf(window);
    await window.treeView('Drift').pressWelcome('Start Sandbox Cluster');
    const view = window.treeView('Drift');
    const rows = await view.rowsWhen(
      (found) => found.filter((row) => row.label === 'Not checked').length === 2,
      30_000,
    );
    assert.match(rows[0]?.description ?? '', /^overlays\/\w+ was not checked: overlays\/\w+ declares .* as well/);
    await view.select('Not checked');
    const items = await eventually(
      'the applications',
      () => window.quickInput.items(),
      (found) => found.length === 3,
    );
    assert.deepEqual(
      items.map((item) => item.label),
      ['overlays/prod', 'overlays/staging', 'platform'],
    );
    // All are ticked; without staging the rest is unambiguous.
    await window.quickInput.choose('overlays/staging');
    await window.quickInput.accept();
    const after = await view.rowsWhen((found) => found.some((row) => row.label === 'overlays/prod'), 30_000);
    assert.ok(!after.some((row) => row.label === 'Not checked' || row.label === 'overlays/staging'));
  });
});
