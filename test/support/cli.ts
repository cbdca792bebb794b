import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { type CommandResult, tryCommand } from '../rig/cluster/command.ts';
import { schemaFaults } from './jsonSchema.ts';

const entry = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));

/** Runs the command line as a process of its own, as pipelines do. What it prints as JSON must be as its schema says. */
export async function runCli(
  args: readonly string[],
  options: { environment: Readonly<Record<string, string | undefined>>; cwd?: string },
): Promise<CommandResult> {
  const result = await tryCommand(process.execPath, [entry, ...args], options);
  if (args.includes('json') && result.stdout.startsWith('{'))
    assert.deepEqual(schemaFaults(JSON.parse(result.stdout)), []);
  return result;
}
