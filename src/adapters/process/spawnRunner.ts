import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { type CommandSpec, ProcessError, type ProcessRunner } from '../../ports/processRunner.ts';
import { findProgram } from './findProgram.ts';
import { installHint } from './installHints.ts';

export interface SpawnRunnerOptions {
  /** Environment that programs start from. Default: this process's own, read at each run. */
  environment?: () => NodeJS.ProcessEnv;
  /** Between asking a program to end and ending it. Default 2,000. */
  graceMilliseconds?: number;
}

const defaultTimeout = 60_000;
const defaultMaxOutput = 64 * 1024 * 1024;
/** Of what a program says on stderr only the end matters, and a chatty one must not fill the memory. */
const maxStderr = 256 * 1024;

type Ending = 'abort' | 'timeout' | 'too-much-output' | 'callback';

/**
 * Runs programs without a shell, each in a process group of its own, and leaves none behind: on abort, timeout or too much
 * output the whole group gets SIGTERM, and SIGKILL when it does not end in time.
 */
export class SpawnRunner implements ProcessRunner {
  readonly #environment: () => NodeJS.ProcessEnv;
  readonly #grace: number;

  constructor(options: SpawnRunnerOptions = {}) {
    this.#environment = options.environment ?? (() => process.env);
    this.#grace = options.graceMilliseconds ?? 2_000;
  }

  async find(command: string): Promise<string | undefined> {
    const environment = this.#environment();
    const extensions = environment['PATHEXT'];
    return findProgram(command, {
      path: environment['PATH'] ?? environment['Path'] ?? '',
      platform: process.platform,
      ...(extensions === undefined ? {} : { pathExtensions: extensions }),
    });
  }

  async run<T>(spec: CommandSpec<T>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    const program = await this.find(spec.command);
    if (program === undefined) throw notFound(spec.command);
    if (spec.cwd !== undefined && !(await isFolder(spec.cwd))) {
      throw new ProcessError('failed', `${spec.command} cannot run: the folder ${spec.cwd} does not exist`);
    }
    signal?.throwIfAborted();
    const stdout = await this.#spawn(program, spec, signal);
    return spec.parse(stdout);
  }

  #spawn(program: string, spec: CommandSpec<unknown>, signal?: AbortSignal): Promise<string> {
    const options: SpawnOptions = {
      cwd: spec.cwd,
      env: { ...this.#environment(), ...spec.env },
      shell: false,
      windowsHide: true,
      // A group of its own, so that what the program starts can be ended with it. Windows has no groups: taskkill walks the tree.
      detached: process.platform !== 'win32',
      stdio: [spec.stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    };
    return new Promise((resolve, reject) => {
      const child = spawn(program, spec.args, options);
      const output = collector(spec.onOutput ? Number.MAX_SAFE_INTEGER : (spec.maxOutputBytes ?? defaultMaxOutput));
      let ending: Ending | undefined;
      let failure: unknown;
      let killTimer: NodeJS.Timeout | undefined;
      const end = (why: Ending): void => {
        if (ending !== undefined) return;
        ending = why;
        killGroup(child, 'SIGTERM');
        killTimer = setTimeout(() => killGroup(child, 'SIGKILL'), this.#grace);
      };
      const onAbort = (): void => end('abort');
      const timeout = setTimeout(() => end('timeout'), spec.timeoutMilliseconds ?? defaultTimeout);
      signal?.addEventListener('abort', onAbort, { once: true });

      child.stdout?.on('data', (chunk: Buffer) => {
        // What arrives after the decision to end is thrown away; reading on lets the program notice its signal.
        if (ending !== undefined) return;
        if (spec.onOutput) {
          try {
            spec.onOutput(chunk);
          } catch (error) {
            failure = error;
            end('callback');
          }
        } else if (!output.add(chunk)) end('too-much-output');
      });
      const errors = tail(maxStderr);
      child.stderr?.on('data', (chunk: Buffer) => errors.add(chunk));
      // A program that does not read all of its input is no error of ours; its exit code says what it thinks.
      child.stdin?.on('error', () => {});
      child.stdin?.end(spec.stdin);

      const settle = (finish: () => void): void => {
        clearTimeout(timeout);
        clearTimeout(killTimer);
        signal?.removeEventListener('abort', onAbort);
        finish();
      };
      child.once('error', (error: NodeJS.ErrnoException) => {
        settle(() => reject(error.code === 'ENOENT' ? notFound(spec.command, error) : startFailed(spec, error)));
      });
      child.once('close', (exitCode, killedBy) => {
        // The leader may end on SIGTERM while what it started goes on; by now its pipes are closed, so nothing useful is lost.
        if (ending !== undefined) killGroup(child, 'SIGKILL');
        settle(() => {
          const stderr = errors.text();
          if (ending === 'abort') reject(signal?.reason as Error);
          else if (ending === 'callback') reject(failure instanceof Error ? failure : new Error(String(failure)));
          else if (ending !== undefined) reject(endedError(ending, spec, stderr));
          else if (exitCode === 0) resolve(output.text());
          else reject(failed(spec, exitCode, killedBy, stderr));
        });
      });
    });
  }
}

function killGroup(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (child.pid === undefined) return;
  if (process.platform === 'win32') {
    spawn('taskkill', ['/pid', String(child.pid), '/T', '/F'], { windowsHide: true, stdio: 'ignore' }).on(
      'error',
      () => {
        child.kill();
      },
    );
    return;
  }
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The group is gone already, which is what was wanted.
  }
}

function collector(limit: number): { add(chunk: Buffer): boolean; text(): string } {
  const chunks: Buffer[] = [];
  let size = 0;
  return {
    add(chunk) {
      size += chunk.length;
      if (size > limit) return false;
      chunks.push(chunk);
      return true;
    },
    text: () => Buffer.concat(chunks).toString('utf8'),
  };
}

function tail(limit: number): { add(chunk: Buffer): void; text(): string } {
  let kept = Buffer.alloc(0);
  return {
    add(chunk) {
      kept = Buffer.concat([kept, chunk]);
      if (kept.length > limit) kept = kept.subarray(kept.length - limit);
    },
    text: () => kept.toString('utf8'),
  };
}

function notFound(command: string, cause?: unknown): ProcessError {
  return new ProcessError('not-found', `${command} was not found`, { remedy: installHint(command), cause });
}

function startFailed(spec: CommandSpec<unknown>, cause: NodeJS.ErrnoException): ProcessError {
  return new ProcessError('failed', `${spec.command} could not be started: ${cause.code ?? cause.message}`, { cause });
}

function endedError(ending: 'timeout' | 'too-much-output', spec: CommandSpec<unknown>, stderr: string): ProcessError {
  if (ending === 'timeout') {
    const seconds = (spec.timeoutMilliseconds ?? defaultTimeout) / 1000;
    return new ProcessError('timeout', `${spec.command} did not finish within ${seconds} s and was ended`, { stderr });
  }
  const mebibytes = ((spec.maxOutputBytes ?? defaultMaxOutput) / 1024 / 1024).toFixed(0);
  return new ProcessError('too-much-output', `${spec.command} wrote more than ${mebibytes} MiB and was ended`, {
    stderr,
  });
}

function failed(
  spec: CommandSpec<unknown>,
  exitCode: number | null,
  killedBy: NodeJS.Signals | null,
  stderr: string,
): ProcessError {
  // Arguments are left out of the message: they may hold a URL with a token.
  const how = exitCode === null ? `was ended by ${killedBy ?? 'a signal'}` : `failed with exit code ${exitCode}`;
  return new ProcessError('failed', `${spec.command} ${how}`, { ...(exitCode === null ? {} : { exitCode }), stderr });
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
