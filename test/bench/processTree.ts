import { readFileSync, readdirSync } from 'node:fs';

/** Peak resident memory of a process in bytes, as the kernel counted it. */
export function peakOf(pid: number | 'self'): number {
  return statusField(pid, 'VmHWM');
}

/**
 * Watches a process and all that it starts: the most that they held at any one time, in bytes. Looked at every 25 ms, so that a process
 * which lived shorter may be missed; the first process's own peak is exact.
 */
export function watchTree(pid: number): { stop(): number } {
  let most = 0;
  const look = (): void => {
    const pids = treeOf(pid);
    const others = pids.filter((other) => other !== pid).map((other) => statusField(other, 'VmRSS'));
    const together = others.reduce((sum, size) => sum + size, statusField(pid, 'VmRSS'));
    most = Math.max(most, together, peakOf(pid));
  };
  const timer = setInterval(look, 25);
  return {
    stop() {
      clearInterval(timer);
      return most;
    },
  };
}

function statusField(pid: number | 'self', name: string): number {
  try {
    const line = readFileSync(`/proc/${pid}/status`, 'utf8').match(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm'));
    return Number(line?.[1] ?? 0) * 1024;
  } catch {
    // It ended meanwhile.
    return 0;
  }
}

function treeOf(root: number): number[] {
  const tree = [root];
  for (const pid of tree) tree.push(...childrenOf(pid));
  return tree;
}

/** As the kernel lists them, by the thread that started each: looking through all processes would take time from what is measured. */
function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) => {
      const list = readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8');
      return list
        .split(' ')
        .filter((text) => text !== '')
        .map(Number);
    });
  } catch {
    // It ended meanwhile.
    return [];
  }
}
