import type { ProcessRunner } from '../../ports/processRunner.ts';
import { toGitError } from './gitErrors.ts';

// What `git rev-parse --local-env-vars` lists: set inside of hooks, where it would bend commands to another repository.
const bending = [
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_COMMON_DIR',
  'GIT_DIR',
  'GIT_GRAFT_FILE',
  'GIT_IMPLICIT_WORK_TREE',
  'GIT_INDEX_FILE',
  'GIT_NO_REPLACE_OBJECTS',
  'GIT_OBJECT_DIRECTORY',
  'GIT_PREFIX',
  'GIT_REPLACE_REF_BASE',
  'GIT_SHALLOW_FILE',
  'GIT_WORK_TREE',
];

export interface GitCommandOptions {
  stdin?: string | Uint8Array;
  env?: Record<string, string>;
  onOutput?: (chunk: Uint8Array) => void;
  timeoutMilliseconds?: number;
  maxOutputBytes?: number;
  signal?: AbortSignal | undefined;
  /** What is being done, for the message: `push to origin`. */
  doing?: string;
}

/**
 * Runs Git with the user's own environment (credential helpers, SSH agent, signing programs), where a read by GitReader is not
 * enough: with standard input, with bytes as output, or when something is written. It never asks on a terminal.
 */
export class GitCommand {
  readonly directory: string;
  readonly #runner: ProcessRunner;

  constructor(directory: string, runner: ProcessRunner) {
    this.directory = directory;
    this.#runner = runner;
  }

  /** Standard output. Throws GitError; cancellation rejects with the signal's reason. */
  async run(args: readonly string[], options: GitCommandOptions = {}): Promise<string> {
    const doing = options.doing ?? `git ${args[0] ?? ''}`;
    const unset = Object.fromEntries(bending.map((name) => [name, undefined]));
    try {
      return await this.#runner.run(
        {
          command: 'git',
          args,
          cwd: this.directory,
          // LANGUAGE alone keeps Git's words untranslated without changing the locale that hooks run in.
          env: { ...unset, GIT_TERMINAL_PROMPT: '0', LANGUAGE: 'en', ...options.env },
          parse: (stdout) => stdout,
          ...(options.stdin === undefined ? {} : { stdin: options.stdin }),
          ...(options.onOutput === undefined ? {} : { onOutput: options.onOutput }),
          ...(options.timeoutMilliseconds === undefined ? {} : { timeoutMilliseconds: options.timeoutMilliseconds }),
          ...(options.maxOutputBytes === undefined ? {} : { maxOutputBytes: options.maxOutputBytes }),
        },
        options.signal,
      );
    } catch (error) {
      throw toGitError(error, doing, options.signal);
    }
  }
}
