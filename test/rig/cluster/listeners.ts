import { runCommand } from './command.ts';
import type { ControlPlane } from './controlPlane.ts';

/**
 * Names of the processes of a set that can be reached from elsewhere than this machine; `tests` is this process, in which the Git
 * server and the stand-in for source-controller listen. @throws when a process is seen to listen on nothing at all.
 */
export async function reachable({ pids }: ControlPlane): Promise<string[]> {
  const lines = (await runCommand('ss', ['-Hltnp'])).split('\n');
  const addresses = (pid: number): string[] =>
    lines.filter((line) => line.includes(`pid=${String(pid)},`)).map((line) => line.split(/\s+/)[3] ?? '');
  // Every process of a set serves something; finding nothing means that the look itself failed.
  const silent = [...pids].filter(([, pid]) => addresses(pid).length === 0).map(([name]) => name);
  if (silent.length > 0) throw new Error(`No listener was found for ${silent.join(', ')}.`);
  const open = (pid: number): boolean => addresses(pid).some((address) => !address.startsWith('127.0.0.1:'));
  return [...pids, ['tests', process.pid] as const].filter(([, pid]) => open(pid)).map(([name]) => name);
}
