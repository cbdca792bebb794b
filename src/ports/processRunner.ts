import { TypedError, isTypedError } from '../core/typedError.ts';

/** One run of a program as data: nothing is started by making it (no shell, arguments as they are). */
export interface CommandSpec<T> {
  command: string;
  args: readonly string[];
  cwd?: string;
  stdin?: string | Uint8Array;
  /** Added to the environment of this process; `undefined` takes a variable out. */
  env?: Record<string, string | undefined>;
  /** Default 60,000. */
  timeoutMilliseconds?: number;
  /** Default 64 MiB; more ends the run. */
  maxOutputBytes?: number;
  /** Takes the output's bytes as they come, for output that is not text; `parse` then gets an empty string. */
  onOutput?(chunk: Uint8Array): void;
  parse(stdout: string): T;
}

export interface ProcessRunner {
  run<T>(spec: CommandSpec<T>, signal?: AbortSignal): Promise<T>;
  /** Absolute path of a program on PATH, or undefined. */
  find(command: string): Promise<string | undefined>;
}

export type ProcessErrorReason = 'not-found' | 'failed' | 'timeout' | 'too-much-output';

const errorName = 'ProcessError';

/** How a program failed. `stderr` is kept for the adapter that knows what it means. */
export class ProcessError extends TypedError<ProcessErrorReason> {
  readonly exitCode: number | undefined;
  readonly stderr: string;

  constructor(
    reason: ProcessErrorReason,
    message: string,
    options: { exitCode?: number; stderr?: string; remedy?: string; cause?: unknown } = {},
  ) {
    super(errorName, reason, message, options);
    this.exitCode = options.exitCode;
    this.stderr = options.stderr ?? '';
  }

  static is(error: unknown, reason?: ProcessErrorReason): error is ProcessError {
    return isTypedError(error, errorName, reason);
  }
}
