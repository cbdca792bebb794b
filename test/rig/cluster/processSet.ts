import { spawn } from 'node:child_process';
import { open, readFile, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { endAll, livesIn } from './processFiles.ts';
import { makeSetFolder, removeSetFolder } from './setFolder.ts';
import { until } from './until.ts';

export interface ProcessSpec {
  /** Names the log and the pid file. */
  readonly name: string;
  /** Absolute path of the program. */
  readonly command: string;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Answers true as soon as the process serves. */
  readonly ready: () => Promise<boolean>;
}

/** The processes of one cluster, all started in one folder. */
export interface ProcessSet {
  readonly folder: string;
  /** What each process finds in its environment besides its own; for commands that the tests run as well. */
  readonly environment: Readonly<Record<string, string>>;
  /** Pids by process name. */
  readonly pids: ReadonlyMap<string, number>;
  /** Starts and waits until ready. @throws with the end of its log when it ends before that. */
  start(spec: ProcessSpec): Promise<void>;
  /** Ends the named processes, by SIGTERM and after `grace` milliseconds by SIGKILL. */
  end(names: readonly string[], grace?: number): Promise<void>;
  log(name: string): Promise<string>;
  /** Ends everything in groups, in the order given; then what is left. Removes the folder. */
  stop(order: readonly (readonly string[])[]): Promise<void>;
}

/** Makes the folder; nothing runs yet. */
export async function makeProcessSet(): Promise<ProcessSet> {
  const folder = await makeSetFolder();
  const pids = new Map<string, number>();
  const environment = {
    PATH: [join(folder, 'bin'), '/usr/bin', '/bin'].join(delimiter),
    HOME: join(folder, 'home'),
    TMPDIR: join(folder, 'tmp'),
    LANG: 'C.UTF-8',
    NO_PROXY: '127.0.0.1,localhost',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
  };
  const log = (name: string): Promise<string> => readFile(join(folder, 'logs', `${name}.log`), 'utf8');

  const start = async (spec: ProcessSpec): Promise<void> => {
    const { name } = spec;
    const output = await open(join(folder, 'logs', `${name}.log`), 'a');
    const child = spawn(spec.command, spec.args, {
      cwd: folder,
      // A process group of its own: Ctrl-C in a terminal reaches the tests alone, which then end the set in order.
      detached: true,
      stdio: ['ignore', output.fd, output.fd],
      env: { ...environment, ...spec.environment },
    });
    const failed = new Promise<never>((_, reject) => child.once('error', reject));
    failed.catch(() => undefined);
    child.unref();
    await output.close();
    const { pid } = child;
    if (pid === undefined) return failed;
    pids.set(name, pid);
    await writeFile(join(folder, 'pids', name), String(pid));
    const check = async (): Promise<void> => {
      if (livesIn(pid, folder)) return;
      throw new Error(`${name} ended while starting (${String(child.exitCode)}):\n${(await log(name)).slice(-2000)}`);
    };
    await until(`${name} ready`, spec.ready, { interval: 50, check });
  };

  const end = async (names: readonly string[], grace = 3000): Promise<void> => {
    const ending = names.flatMap((name) => pids.get(name) ?? []);
    await endAll(ending, folder, grace);
    for (const name of names) {
      pids.delete(name);
      await rm(join(folder, 'pids', name), { force: true });
    }
  };

  const stop = async (order: readonly (readonly string[])[]): Promise<void> => {
    for (const names of order) await end(names);
    await end([...pids.keys()]);
    await removeSetFolder(folder);
  };

  return { folder, environment, pids, start, end, log, stop };
}
