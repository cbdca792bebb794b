import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { installEditor, type Installation } from './install.ts';
import { RigError } from './rigError.ts';

/** Environment of the server: undefined removes a variable of this process. */
export type ServerEnv = Readonly<Record<string, string | undefined>>;

/** A running VS Code server, reachable on loopback only. */
export interface EditorServer {
  /** `127.0.0.1:port`. */
  readonly authority: string;
  /** What a browser must send to be let in; part of the URL it opens. */
  readonly token: string;
  /** All that the server has printed so far. */
  readonly output: () => string;
  /** Ends the server and the processes that it started. */
  stop(): Promise<void>;
}

/** What the server needs to know; every folder is made by the caller and his to remove. */
export interface ServerOptions {
  /** Folder of this server alone: HOME, profile and extensions live in it. */
  readonly home: string;
  readonly env: ServerEnv;
  readonly settings: Readonly<Record<string, unknown>>;
  /** Lets the window's URL name in-host tests, at the price of notifications and dialogs, which VS Code then leaves out. */
  readonly smokeTestDriver?: boolean | undefined;
  /** Packaged extension to install. */
  readonly vsix?: string | undefined;
  /** Folder of unpacked extensions to use instead of an empty one. */
  readonly extensionsDir?: string | undefined;
  /** Folder of one extension, to be installed as a link to it. */
  readonly extensionFolder?: string | undefined;
  readonly installation?: Installation | undefined;
}

/** Starts VS Code's server on a free loopback port and waits until it listens. */
export async function startServer(options: ServerOptions): Promise<EditorServer> {
  const installation = options.installation ?? (await installEditor((line) => process.stderr.write(`${line}\n`)));
  const folders = await writeProfile(options);
  const env = serverEnvironment(options);
  if (options.vsix) installVsix(installation, options.vsix, folders.args, env);

  const token = randomBytes(24).toString('hex');
  const tokenFile = join(options.home, 'token');
  await writeFile(tokenFile, token, { mode: 0o600 });
  const args = [
    ...[installation.serverMain, '--host', '127.0.0.1', '--port', '0', '--connection-token-file', tokenFile],
    ...['--accept-server-license-terms', '--telemetry-level', 'off'],
    ...(options.smokeTestDriver ? ['--enable-smoke-test-driver'] : []),
    ...folders.args,
  ];
  // A process group of its own, so that extension host and terminals end with the server.
  const child = spawn(installation.node, args, {
    env,
    cwd: options.home,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const collect = (chunk: Buffer): void => {
    output += chunk.toString();
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const endNow = (): void => {
    signalGroup(child, 'SIGKILL');
  };
  process.once('exit', endNow);
  const stop = async (): Promise<void> => {
    process.off('exit', endNow);
    await endGroup(child);
  };
  try {
    const port = await listeningPort(child, () => output);
    return { authority: `127.0.0.1:${String(port)}`, token, output: () => output.replaceAll(token, '***'), stop };
  } catch (ex) {
    await stop();
    throw ex;
  }
}

async function writeProfile(options: ServerOptions): Promise<{ args: string[] }> {
  const data = join(options.home, 'data');
  const server = join(options.home, 'server');
  const extensions = options.extensionsDir ?? join(options.home, 'extensions');
  // Settings of scope `machine` are heeded by a remote window only in the machine's file, all others in the user's.
  const files = [join(data, 'User', 'settings.json'), join(server, 'data', 'Machine', 'settings.json')];
  await mkdir(extensions, { recursive: true });
  if (options.extensionFolder) await linkExtension(options.extensionFolder, extensions);
  for (const file of files) {
    await mkdir(join(file, '..'), { recursive: true });
    await writeFile(file, JSON.stringify(options.settings, undefined, 2));
  }
  return { args: ['--server-data-dir', server, '--user-data-dir', data, '--extensions-dir', extensions] };
}

async function linkExtension(folder: string, extensions: string): Promise<void> {
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Record<string, unknown>;
  const { publisher, name, version } = manifest;
  if (typeof publisher !== 'string' || typeof name !== 'string' || typeof version !== 'string') {
    throw new RigError(
      'badExtension',
      `${folder} is no extension.`,
      'Its package.json needs publisher, name and version.',
    );
  }
  await symlink(folder, join(extensions, `${publisher}.${name}-${version}`), 'dir');
}

function serverEnvironment(options: ServerOptions): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env, HOME: options.home };
  // What would lead the extension under test to this person's clusters, settings or an outer editor is not passed on.
  const personal = /^(KUBECONFIG|XDG_.*|VSCODE_.*|ELECTRON_.*|NODE_OPTIONS|NODE_TEST_.*|npm_.*|GIT_(?!SSL|EXEC).*)$/;
  for (const name of Object.keys(env)) if (personal.test(name)) delete env[name];
  for (const [name, value] of Object.entries(options.env)) {
    if (value === undefined) delete env[name];
    else env[name] = value;
  }
  return env;
}

/** The server's own installer unpacks the package, so that what `.vscodeignore` left out is missing here as it would be for users. */
function installVsix(
  installation: Installation,
  vsix: string,
  folders: readonly string[],
  env: NodeJS.ProcessEnv,
): void {
  const args = [
    installation.serverMain,
    '--install-extension',
    vsix,
    '--force',
    '--accept-server-license-terms',
    ...folders,
  ];
  const run = spawnSync(installation.node, args, { env, encoding: 'utf8', timeout: 120_000 });
  if (run.status === 0 && /successfully installed/.test(run.stdout)) return;

  throw new RigError(
    'badExtension',
    `VS Code refused to install ${basename(vsix)}: ${`${run.stdout}\n${run.stderr}`.slice(-2_000)}`,
    'Package it anew with `npm run package`.',
  );
}

async function listeningPort(child: ChildProcess, output: () => string): Promise<number> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const port = /Extension host agent listening on (\d+)/.exec(output())?.[1];
    if (port) return Number(port);
    if (child.exitCode !== null || Date.now() > deadline) {
      const state = child.exitCode === null ? 'did not listen within 60 s' : `ended with ${String(child.exitCode)}`;
      throw new RigError(
        'serverFailed',
        `VS Code's server ${state}: ${output().slice(-2_000)}`,
        'Look at its output above.',
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function endGroup(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) {
    signalGroup(child, 'SIGKILL');
    return;
  }
  const ended = new Promise<void>((resolve) =>
    child.once('close', () => {
      resolve();
    }),
  );
  signalGroup(child, 'SIGTERM');
  const hard = setTimeout(() => {
    signalGroup(child, 'SIGKILL');
  }, 5_000);
  await ended;
  clearTimeout(hard);
  // Children that outlive the server, such as a process that an extension started, still belong to its group.
  signalGroup(child, 'SIGKILL');
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The group is gone already, which is what was wanted.
  }
}
