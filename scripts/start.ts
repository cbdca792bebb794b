import { type StdioOptions, execFile, execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { makeDemoRepository } from './demoRepository.ts';
import { extractTools } from './tools.ts';

/**
 * `npm start`: a sandbox cluster, a demonstration repository, a few changes made the way people make them, and what Plumbline says of
 * it. Nothing outside of a temporary folder is touched, and everything ends with Ctrl-C.
 */
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const context = 'plumbline-sandbox';
/** Asynchronous, since the sandbox answers from this very process. */
const run = promisify(execFile);

type Kubectl = (...args: string[]) => Promise<unknown>;

function say(text: string): void {
  console.log(text);
}

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'plumbline-demo-'));
  const cleanUp: (() => Promise<void> | void)[] = [() => rm(folder, { recursive: true, force: true })];
  const stop = async (code: number): Promise<never> => {
    for (const task of cleanUp.reverse()) await task();
    process.exit(code);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop(0));
  try {
    const tools = await extractTools();
    if (tools !== undefined) process.env['PATH'] = `${tools}${delimiter}${process.env['PATH'] ?? ''}`;
    const kubectlPath = tools === undefined ? 'kubectl' : join(tools, 'kubectl');
    if (spawnSync(kubectlPath, ['version', '--client']).status !== 0) {
      say('kubectl was not found. Install it (https://kubernetes.io/docs/tasks/tools/) and start again.');
      await stop(1);
    }
    say('Building …');
    execFileSync(process.execPath, [join(root, 'esbuild.mjs')], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });

    say('Starting the sandbox cluster …');
    const { startSandbox } = await import('../src/sandbox/sandboxServer.ts');
    const sandbox = await startSandbox({ dataDirectory: join(folder, 'sandbox') });
    cleanUp.push(() => sandbox.stop());
    const kubectl: Kubectl = (...args) =>
      run(kubectlPath, ['--kubeconfig', sandbox.kubeconfigPath, '--context', context, ...args]);

    say('Making the demonstration repository …');
    const repository = await makeDemoRepository(join(root, 'examples', 'shop'), join(folder, 'shop'));
    makeRemote(repository.directory, join(folder, 'remote.git'));
    const environment = { ...process.env, KUBECONFIG: sandbox.kubeconfigPath };
    await applyBeforeLast(repository.directory, repository.commits, folder, environment);
    await changeByHand(kubectl);

    say(`\n$ plumbline drift --context ${context}\n`);
    const status = await runToTheEnd(['drift', '--context', context], repository.directory, environment);
    if (status !== 1) throw new Error(`the drift report ended with ${status}, not with findings (1)`);

    say(`\nRepository: ${repository.directory}`);
    say(`Cluster:    export KUBECONFIG=${sandbox.kubeconfigPath}`);
    // The cluster was made for this very minute: whoever started it need not be asked whether it may be changed.
    const settings = { ...editorSettings, 'plumbline.writableContexts': { [context]: sandbox.url } };
    if (process.argv.includes('--browser')) await openInBrowser(repository.directory, environment, settings, cleanUp);
    else await openInEditor(repository.directory, folder, environment, settings);
    say(`\n${firstMinute}`);
    say('\nCtrl-C stops the cluster and removes both.');
    await new Promise(() => setInterval(() => undefined, 1 << 30));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    await stop(1);
  }
}

/** The minute of the README, for whoever reads the terminal first. */
const firstMinute = `The first minute:
  1. The Plumbline view: Select Cluster, ${context}. It says what drifted and what is pending.
  2. overlays/production/replicas.yaml, line 6 is underlined: live is 5, Git says 3, who and when. The lamp (Ctrl+.) writes 5 into Git,
     restores 3 in the cluster, or ignores it.
  3. overlays/production/kustomization.yaml: make newTag 1.6.0-broken. "Plumbline: Preview Reconcile" says what that will do.
  4. "Plumbline: Commit and Sync": committed, pushed, applied, each ticked; it waits for pods that cannot pull the image. Press Cancel.
  5. "Plumbline: Roll Back", take an earlier release, read what will happen, confirm. Git and cluster agree again.`;

const editorSettings = { 'files.autoSave': 'off', 'security.workspace.trust.enabled': false };

/** Runs the command line that was built; returns its exit code. */
function runToTheEnd(
  args: string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
  output: 'inherit' | 'ignore' = 'inherit',
): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const stdio: StdioOptions = ['ignore', output, 'inherit'];
    const child = spawn(process.execPath, [join(root, 'dist', 'plumbline.cjs'), ...args], { cwd, stdio, env });
    child.once('error', reject);
    child.once('exit', resolve);
  });
}

/** Somewhere to push to, as a team has it. */
function makeRemote(directory: string, remote: string): void {
  const git = (...args: string[]): void => void execFileSync('git', args, { cwd: directory, stdio: 'ignore' });
  git('init', '--quiet', '--bare', '--initial-branch=main', remote);
  git('remote', 'add', 'origin', remote);
  git('push', '--quiet', '--set-upstream', 'origin', 'main');
}

/** Applies all commits but the last one, as whoever released them would have done: with an inventory, so that pruning is known. */
async function applyBeforeLast(
  directory: string,
  commits: readonly string[],
  folder: string,
  environment: NodeJS.ProcessEnv,
): Promise<void> {
  const applied = commits.at(-2);
  if (applied === undefined) throw new Error('the demonstration repository needs two commits');
  const before = join(folder, 'applied');
  execFileSync('git', ['worktree', 'add', '--quiet', '--detach', before, applied], { cwd: directory });
  const status = await runToTheEnd(
    ['sync', '--context', context, '--all', '--yes', '--quiet'],
    before,
    environment,
    'ignore',
  );
  if (status !== 0) throw new Error(`the first releases could not be applied (${String(status)})`);
  execFileSync('git', ['worktree', 'remove', '--force', before], { cwd: directory });
  await rm(before, { recursive: true, force: true });
}

/** What people do to production when nobody looks. */
async function changeByHand(kubectl: Kubectl): Promise<void> {
  const production = ['--namespace', 'shop-production'];
  await kubectl(
    ...production,
    'patch',
    'deployment/web',
    '--field-manager=kubectl-edit',
    '--type=merge',
    '--patch={"spec":{"replicas":5}}',
  );
  await kubectl(...production, 'set', 'image', 'deployment/cart', 'cart=ghcr.io/example/shop-cart:0.9.3-hotfix');
  await kubectl(
    ...production,
    'patch',
    'configmap/settings',
    '--field-manager=kubectl-edit',
    '--type=merge',
    '--patch={"data":{"LOG_LEVEL":"debug"}}',
  );
  await kubectl(
    ...production,
    'patch',
    'secret/database',
    '--field-manager=kubectl-edit',
    '--type=merge',
    '--patch={"stringData":{"password":"changed-by-hand"}}',
  );
  await kubectl('--namespace', 'shop-staging', 'label', 'deployment/web', 'team-');
}

async function openInEditor(
  directory: string,
  folder: string,
  environment: NodeJS.ProcessEnv,
  settings: Readonly<Record<string, unknown>>,
): Promise<void> {
  const editor = process.env['PLUMBLINE_EDITOR'] ?? 'code';
  const data = join(folder, 'editor');
  await mkdir(join(data, 'User'), { recursive: true });
  await writeFile(join(data, 'User', 'settings.json'), JSON.stringify(settings, null, 2));
  const args = ['--extensionDevelopmentPath', root, '--user-data-dir', data, '--disable-workspace-trust', directory];
  const child = spawn(editor, args, { stdio: 'ignore', env: environment });
  child.once('error', () => {
    say(`\nVS Code was not found on PATH as '${editor}'. Three ways on:`);
    say('  - install VS Code and its command (Command Palette: "Shell Command: Install \'code\' command in PATH");');
    say('  - name another editor: PLUMBLINE_EDITOR=codium npm start;');
    say('  - npm run start:browser opens a VS Code in the browser (Linux).');
  });
}

async function openInBrowser(
  directory: string,
  environment: NodeJS.ProcessEnv,
  settings: Readonly<Record<string, unknown>>,
  cleanUp: (() => Promise<void> | void)[],
): Promise<void> {
  const { startEditor } = await import('../test/rig/editor/editor.ts');
  const editor = await startEditor({
    workspace: directory,
    extensionDevelopmentPath: root,
    env: { KUBECONFIG: environment['KUBECONFIG'] ?? '', PATH: environment['PATH'] ?? '' },
    userSettings: { 'window.commandCenter': true, 'workbench.colorTheme': 'Default Dark Modern', ...settings },
    trust: 'off',
  });
  cleanUp.push(() => editor.stop());
  say(`\nVS Code: ${editor.url}`);
}

await main();
