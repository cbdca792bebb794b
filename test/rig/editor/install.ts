import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { findChromium, missingPackages } from './packages.ts';
import { RigError } from './rigError.ts';

/** The npm package that carries VS Code's server, pinned: another version of it is another editor under test. */
const codeServerVersion = '4.139.1';

/** A finished install of VS Code's server in the cache. */
export interface Installation {
  /** The cache folder of this install. */
  readonly root: string;
  /** `server-main.js`, which is started with {@link Installation.node}. */
  readonly serverMain: string;
  /** Node 24 that the native modules were built for. */
  readonly node: string;
  /** VS Code's version, as in its product.json. */
  readonly version: string;
}

/** Folder of all that Plumbline's tests keep between runs: env PLUMBLINE_CACHE, else ~/.cache/plumbline. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  return env['PLUMBLINE_CACHE'] ?? join(homedir(), '.cache', 'plumbline');
}

/**
 * The editor to test in, installed on first use (2 to 3 minutes, 600 MB) and reused afterwards.
 *
 * The install happens under a temporary name and is renamed when it is whole and has answered, so that a run that was killed
 * leaves nothing that a later run would trust, and two runs at once end with one install.
 *
 * @throws RigError wrongNode, missingPackages, installFailed, brokenInstall
 */
export async function installEditor(report: (line: string) => void = () => undefined): Promise<Installation> {
  if (!process.versions.node.startsWith('24.')) {
    throw new RigError(
      'wrongNode',
      `The editor's server runs on Node 24, this is Node ${process.versions.node}.`,
      'Start the tests through `npm run`, which finds the Node 24 of devDependencies first.',
    );
  }
  const folder = join(cacheFolder(), 'editor');
  const key = `code-server-${codeServerVersion}-abi${process.versions.modules}-${process.platform}-${process.arch}`;
  const root = join(folder, key);
  if (!existsSync(root)) {
    requirePackages();
    await mkdir(folder, { recursive: true });
    await removeAbandoned(folder, key);
    await installInto(root, `${root}.partial-${String(process.pid)}`, report);
  }
  return verified(root);
}

function requirePackages(): void {
  const missing = missingPackages() ?? [];
  // A browser from elsewhere than the distribution is as good as the package.
  const needed = findChromium() ? missing.filter((name) => name !== 'chromium') : missing;
  if (needed.length === 0) return;

  throw new RigError(
    'missingPackages',
    `To build and show the editor these packages are missing: ${needed.join(' ')}.`,
    `Install them: apt-get install ${needed.join(' ')}`,
  );
}

/** Removes the partial installs of processes that no longer run. */
async function removeAbandoned(folder: string, key: string): Promise<void> {
  const prefix = `${key}.partial-`;
  for (const name of await readdir(folder)) {
    if (!name.startsWith(prefix) || isRunning(Number(name.slice(prefix.length)))) continue;
    await rm(join(folder, name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function installInto(root: string, partial: string, report: (line: string) => void): Promise<void> {
  report(
    `Installing VS Code's server (code-server ${codeServerVersion}) into ${root}: this takes 2 to 3 minutes, once.`,
  );
  await mkdir(partial, { recursive: true });
  try {
    const manifest = {
      name: 'plumbline-editor-under-test',
      private: true,
      dependencies: { 'code-server': codeServerVersion },
      // npm from 11.9 on runs no install script that is not named here. This one builds VS Code's own modules.
      allowScripts: { [`code-server@${codeServerVersion}`]: true },
    };
    await writeFile(join(partial, 'package.json'), JSON.stringify(manifest, undefined, 2));
    await runNpm(partial);
    smokeTest(partial);
    await rename(partial, root).catch((ex: unknown) => {
      // Another process was faster: its install is as good as this one.
      if (!existsSync(root)) throw ex;
    });
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

async function runNpm(cwd: string): Promise<void> {
  const headers = nodeHeaders();
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    // The install script asks for "node" and "npm" by name, and both must be those of this Node.
    PATH: `${dirname(process.execPath)}${delimiter}${process.env['PATH'] ?? ''}`,
    // Without the headers at hand node-gyp would download them, or take those of the machine's own Node.
    ...(headers ? { npm_config_nodedir: headers } : {}),
  };
  // Variables of an outer `npm run` would be taken for the settings of this install.
  for (const name of Object.keys(env)) {
    if (/^npm_(package|lifecycle)_/.test(name)) delete env[name];
  }
  const args = ['install', '--omit=dev', '--no-audit', '--no-fund', '--no-package-lock', '--foreground-scripts'];
  const child = spawn('npm', args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const keepTail = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-8_000);
  };
  child.stdout.on('data', keepTail);
  child.stderr.on('data', keepTail);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code === 0) return;

  throw new RigError(
    'installFailed',
    `npm could not install code-server ${codeServerVersion} (exit ${String(code)}). Its last words:\n${output}\n`,
    'Check the network and the headers that `node test/rig/editor/packages.ts` lists, then try again.',
  );
}

/** The folder whose include/node holds this Node's headers: a usual install, or that of npm's `node` package. */
function nodeHeaders(): string | undefined {
  const prefix = dirname(dirname(process.execPath));
  const packaged = `node-${process.platform}-${process.arch}`;
  const candidates = [prefix, join(prefix, 'node_modules', packaged), join(prefix, '..', packaged)];
  return candidates.find((folder) => existsSync(join(folder, 'include', 'node', 'node.h')));
}

const vscodeFolder = (root: string): string => join(root, 'node_modules', 'code-server', 'lib', 'vscode');

/** Loads the native modules and asks the server for its version, so that a build against wrong headers shows now and not in a test. */
function smokeTest(root: string): void {
  const cwd = vscodeFolder(root);
  const modules = ['node-pty', '@vscode/spdlog', '@parcel/watcher', '@vscode/sqlite3'];
  const load = modules.map((name) => `require(${JSON.stringify(name)})`).join(';');
  for (const args of [
    ['-e', load],
    [join('out', 'server-main.js'), '--version'],
  ]) {
    const run = spawnSync(process.execPath, args, { cwd, encoding: 'utf8', timeout: 60_000 });
    if (run.status === 0) continue;
    throw new RigError(
      'installFailed',
      `The editor was installed but does not run (${args[0] === '-e' ? 'native modules' : 'server'}): ${run.stderr.slice(-2_000)}`,
      'Check that the headers of `node test/rig/editor/packages.ts` are installed, then try again.',
    );
  }
}

async function verified(root: string): Promise<Installation> {
  const serverMain = join(vscodeFolder(root), 'out', 'server-main.js');
  try {
    const product = JSON.parse(await readFile(join(vscodeFolder(root), 'package.json'), 'utf8')) as {
      version?: unknown;
    };
    if (!existsSync(serverMain)) throw new Error(`${serverMain} is missing`);
    if (typeof product.version !== 'string') throw new Error('its package.json has no version');
    return { root, serverMain, node: process.execPath, version: product.version };
  } catch (ex) {
    throw new RigError('brokenInstall', `The editor in ${root} is not whole.`, 'Remove that folder and start again.', {
      cause: ex,
    });
  }
}

if (import.meta.main) {
  const installation = await installEditor((line) => process.stderr.write(`${line}\n`));
  process.stdout.write(`VS Code ${installation.version} in ${installation.root}\n`);
}
