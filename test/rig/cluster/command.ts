import { spawn } from 'node:child_process';

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly cwd?: string;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Written to standard input. */
  readonly input?: string | Buffer;
  readonly signal?: AbortSignal;
}

/** A command that ended with another code than 0. */
export class CommandFailed extends Error {
  readonly result: CommandResult;

  constructor(command: readonly string[], result: CommandResult) {
    super(`${command.join(' ')} ended with ${String(result.code)}: ${result.stderr.trim() || result.stdout.trim()}`);
    this.name = 'CommandFailed';
    this.result = result;
  }

  static is(error: unknown): error is CommandFailed {
    return error instanceof CommandFailed;
  }
}

/** Runs a program to its end and answers what it wrote as bytes; its code is not judged. */
export async function runBytes(
  command: string,
  args: readonly string[],
  { cwd, environment, input, signal }: CommandOptions = {},
): Promise<{ code: number | null; stdout: Buffer; stderr: string }> {
  const child = spawn(command, args, { cwd, env: environment ?? process.env, signal });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  // A program that does not read its input closes it; that is its choice and shows in its code.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  return { code, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() };
}

/** The same with text. */
export async function tryCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const result = await runBytes(command, args, options);
  return { ...result, stdout: result.stdout.toString() };
}

/** Standard output of a program. @throws {CommandFailed} when its code is not 0. */
export async function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const result = await tryCommand(command, args, options);
  if (result.code !== 0) throw new CommandFailed([command, ...args], result);
  return result.stdout;
}
