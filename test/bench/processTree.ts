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
  const parents = new Map<number, number>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      // The command's name stands in parentheses and may hold anything.
      const fields = readFileSync(`/proc/${entry}/stat`, 'utf8').split(') ').at(-1)?.split(' ');
      parents.set(Number(entry), Number(fields?.[1]));
    } catch {
      // It ended meanwhile.
    }
  }
  const tree = [root];
  for (const pid of tree) for (const [child, parent] of parents) if (parent === pid) tree.push(child);
  return tree;
}
