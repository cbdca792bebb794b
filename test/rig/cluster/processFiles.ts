import { readlinkSync, readFileSync, readdirSync } from 'node:fs';
import { join, sep } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Whether the process lives and was started in `folder`. A pid is used again after its process ended, so none gets a
 * signal before this was asked; the working directory is what every process of a set keeps (redis overwrites its environment).
 */
export function livesIn(pid: number, folder: string): boolean {
  try {
    const cwd = readlinkSync(`/proc/${String(pid)}/cwd`);
    return cwd === folder || cwd.startsWith(folder + sep);
  } catch {
    // Gone, or a zombie that only waits to be collected.
    return false;
  }
}

/** When a process was started, in clock ticks since boot: with its pid this names one process for good. */
export function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
    // The second field is the command in parentheses and may hold blanks; the start time is the 20th after it.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

/** The pids noted in a set's folder, by process name. */
export function readPids(folder: string): Map<string, number> {
  const pids = new Map<string, number>();
  try {
    for (const name of readdirSync(join(folder, 'pids'))) {
      const pid = Number(readFileSync(join(folder, 'pids', name), 'utf8'));
      if (Number.isInteger(pid) && pid > 1) pids.set(name, pid);
    }
  } catch {
    // The folder is being made or removed; nothing is noted there.
  }
  return pids;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended between the look and the signal.
  }
}

/** Ends processes of a set: SIGTERM, and SIGKILL for those that still live after `grace` milliseconds. */
export async function endAll(pids: readonly number[], folder: string, grace: number): Promise<void> {
  const alive = (): number[] => pids.filter((pid) => livesIn(pid, folder));
  for (const [name, time] of [['SIGTERM', grace] as const, ['SIGKILL', 5000] as const]) {
    const deadline = Date.now() + time;
    for (const pid of alive()) signal(pid, name);
    while (alive().length > 0 && Date.now() < deadline) await delay(20);
  }
}

/** The same at once and without waiting, for the end of this process. */
export function killAll(folder: string): void {
  for (const pid of readPids(folder).values()) {
    if (livesIn(pid, folder)) signal(pid, 'SIGKILL');
  }
}
