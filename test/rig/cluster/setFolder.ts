import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { endAll, killAll, readPids, startTime } from './processFiles.ts';

const prefix = 'plumbline-cluster-';
const live = new Set<string>();
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

function onExit(): void {
  // No state outlives the folder, so nothing is lost by ending hard; an exit handler cannot wait.
  for (const folder of live) {
    killAll(folder);
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

function onSignal(name: NodeJS.Signals): void {
  process.exit(128 + constants.signals[name]);
}

/** Ends what a killed test run left: sets whose owner no longer lives. */
async function sweep(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(prefix)) continue;
    const folder = join(tmpdir(), name);
    const owner = await readFile(join(folder, 'owner'), 'utf8').catch(() => '');
    const [pid, time] = owner.split(' ');
    if (pid === undefined || time === undefined || startTime(Number(pid)) === time) continue;
    await endAll([...readPids(folder).values()], folder, 1000);
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * A new private folder for one set: certificates, logs, pids, data. It is removed with all that runs in it when this process
 * ends in any way but SIGKILL; what that leaves is ended when the next set is made.
 */
export async function makeSetFolder(): Promise<string> {
  await sweep();
  const folder = await mkdtemp(join(await realpath(tmpdir()), prefix));
  await writeFile(join(folder, 'owner'), `${String(process.pid)} ${startTime(process.pid) ?? ''}`);
  for (const name of ['pids', 'logs', 'home', 'tmp', 'bin']) await mkdir(join(folder, name));
  if (live.size === 0) {
    process.on('exit', onExit);
    for (const name of signals) process.on(name, onSignal);
  }
  live.add(folder);
  return folder;
}

/** Removes the folder of a set whose processes ended. */
export async function removeSetFolder(folder: string): Promise<void> {
  live.delete(folder);
  if (live.size === 0) {
    process.off('exit', onExit);
    for (const name of signals) process.off(name, onSignal);
  }
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  if ((await stat(folder).catch(() => undefined)) !== undefined) throw new Error(`${folder} could not be removed.`);
}
