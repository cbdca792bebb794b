import { readFile, rm, writeFile } from 'node:fs/promises';
import { startTime } from './processFiles.ts';
import { until } from './until.ts';

async function take(file: string): Promise<boolean> {
  try {
    await writeFile(file, `${String(process.pid)} ${startTime(process.pid) ?? ''}`, { flag: 'wx' });
    return true;
  } catch {
    const [pid, time] = (await readFile(file, 'utf8').catch(() => '')).split(' ');
    // Left by a build that was killed.
    if (time !== undefined && startTime(Number(pid)) !== time) await rm(file, { force: true });
    return false;
  }
}

/** Runs `task` while no other process holds `file`: test files run side by side, and two builds of the same take twice as long. */
export async function withLock<T>(file: string, task: () => Promise<T>): Promise<T> {
  await until(`the build that holds ${file}`, () => take(file), { timeout: 30 * 60_000, interval: 500 });
  try {
    return await task();
  } finally {
    await rm(file, { force: true });
  }
}
