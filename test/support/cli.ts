import { fileURLToPath } from 'node:url';
import { type CommandResult, tryCommand } from '../rig/cluster/command.ts';

const entry = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));

/** Runs the command line as a process of its own, as pipelines do. */
export async function runCli(
  args: readonly string[],
  options: { environment: Readonly<Record<string, string | undefined>>; cwd?: string },
): Promise<CommandResult> {
  return tryCommand(process.execPath, [entry, ...args], options);
}
