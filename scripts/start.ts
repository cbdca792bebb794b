import { execFile, execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
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
    await applyBeforeLast(repository.directory, repository.commits, folder, kubectl);
    await changeByHand(kubectl);

    say(`\n$ plumbline drift --context ${context}\n`);
    const environment = { ...process.env, KUBECONFIG: sandbox.kubeconfigPath };
    const status = await runToTheEnd(['drift', '--context', context], repository.directory, environment);
    if (status !== 1) throw new Error(`the drift report ended with ${status}, not with findings (1)`);

    say(`\nRepository: ${repository.directory}`);
    say(`Cluster:    export KUBECONFIG=${sandbox.kubeconfigPath}`);
    if (process.argv.includes('--browser')) await openInBrowser(repository.directory, environment, cleanUp);
    else openInEditor(repository.directory, folder, environment);
    say('\nCtrl-C stops the cluster and removes both.');
    await new Promise(() => setInterval(() => undefined, 1 << 30));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    await stop(1);
  }
}

/** Runs the command line that was built, on this terminal; returns its exit code. */
function runToTheEnd(args: string[], cwd: string, env: NodeJS.ProcessEnv): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(root, 'dist', 'cli.cjs'), ...args], { cwd, stdio: 'inherit', env });
    child.once('error', reject);
    child.once('exit', resolve);
  });
}

/** Applies all commits but the last one, as a pipeline would have done. */
async function applyBeforeLast(
  directory: string,
  commits: readonly string[],
  folder: string,
  kubectl: Kubectl,
): Promise<void> {
  const applied = commits.at(-2);
  if (applied === undefined) throw new Error('the demonstration repository needs two commits');
  const before = join(folder, 'applied');
  execFileSync('git', ['worktree', 'add', '--quiet', '--detach', before, applied], { cwd: directory });
  for (const overlay of ['staging', 'production']) {
    await kubectl('apply', '--server-side', '--kustomize', join(before, 'overlays', overlay));
  }
  execFileSync('git', ['worktree', 'remove', '--force', before], { cwd: directory });
  await rm(before, { recursive: true, force: true });
}

/** What people do to production when nobody looks. */
async function changeByHand(kubectl: Kubectl): Promise<void> {
  const production = ['--namespace', 'shop-production'];
  await kubectl(...production, 'scale', 'deployment/web', '--replicas=5');
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

function openInEditor(directory: string, folder: string, environment: NodeJS.ProcessEnv): void {
  const editor = process.env['PLUMBLINE_EDITOR'] ?? 'code';
  const args = [
    '--extensionDevelopmentPath',
    root,
    '--user-data-dir',
    join(folder, 'editor'),
    '--disable-workspace-trust',
    directory,
  ];
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
  cleanUp: (() => Promise<void> | void)[],
): Promise<void> {
  const { startEditor } = await import('../test/rig/editor/editor.ts');
  const editor = await startEditor({
    workspace: directory,
    extensionDevelopmentPath: root,
    env: { KUBECONFIG: environment['KUBECONFIG'] ?? '', PATH: environment['PATH'] ?? '' },
    trust: 'off',
  });
  cleanUp.push(() => editor.stop());
  say(`\nVS Code: ${editor.url}`);
}

await main();
