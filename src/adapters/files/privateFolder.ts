import { rmSync } from 'node:fs';
import { mkdtemp, readdir, realpath, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder that only this user can read, for files that a renderer has to see on disk. */
export interface PrivateFolder {
  /** Absolute and real path. */
  readonly path: string;
  remove(): Promise<void>;
}

const prefix = 'plumbline-';
const open = new Set<string>();
let prepared: Promise<void> | undefined;

/**
 * Makes a private folder (mode 0700) below the system's temporary folder. It is gone after `remove`, at the latest when the
 * process ends; what a killed process left is removed by the next one.
 */
export async function makePrivateFolder(purpose: string): Promise<PrivateFolder> {
  prepared ??= prepare();
  await prepared;
  const path = await realpath(await mkdtemp(join(tmpdir(), `${prefix}${String(process.pid)}-${purpose}-`)));
  open.add(path);
  return {
    path,
    async remove() {
      open.delete(path);
      await rm(path, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

async function prepare(): Promise<void> {
  process.once('exit', () => {
    for (const path of open) rmSync(path, { recursive: true, force: true });
  });
  await removeLeftovers();
}

/** Removes private folders of processes that are no more. Names carry the process id, so a running one is never robbed. */
export async function removeLeftovers(): Promise<void> {
  const names = await readdir(tmpdir()).catch(() => []);
  for (const name of names) {
    const pid = /^plumbline-(\d+)-/.exec(name)?.[1];
    if (pid === undefined || isRunning(Number(pid))) continue;
    const path = join(tmpdir(), name);
    const found = await stat(path).catch(() => undefined);
    // Another user's folder of the same name is theirs to remove.
    if (found === undefined || (process.getuid && found.uid !== process.getuid())) continue;
    await rm(path, { recursive: true, force: true }).catch(() => {});
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
