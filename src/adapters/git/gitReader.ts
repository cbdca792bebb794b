import { simpleGit } from 'simple-git';
import { GitError } from '../../ports/gitError.ts';
import { installHint } from '../process/installHints.ts';
import { toGitError } from './gitErrors.ts';

const passedOn = [
  'PATH',
  'Path',
  'HOME',
  'USERPROFILE',
  'HOMEDRIVE',
  'HOMEPATH',
  'APPDATA',
  'LOCALAPPDATA',
  'PROGRAMDATA',
  'SYSTEMROOT',
  'SystemRoot',
  'TEMP',
  'TMP',
  'TMPDIR',
  'XDG_CONFIG_HOME',
  'XDG_RUNTIME_DIR',
] as const;

/**
 * Reads of a repository. They take no optional locks, so that a refresh never stands in the way of the user's own Git, and they
 * see only the few variables above: a GIT_DIR of a surrounding hook or a pager must not change what is read.
 */
export class GitReader {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  /** Standard output of a Git command. A command that fails without a word answers the empty string. Throws GitError. */
  async read(args: readonly string[], signal?: AbortSignal): Promise<string> {
    signal?.throwIfAborted();
    try {
      const git = simpleGit({
        baseDir: this.directory,
        allowEnvironment: ['GIT_OPTIONAL_LOCKS', 'GIT_TERMINAL_PROMPT'],
        ...(signal === undefined ? {} : { abort: signal }),
      });
      return await git.env(readEnvironment()).raw([...args]);
    } catch (error) {
      signal?.throwIfAborted();
      if ((error as NodeJS.ErrnoException).code === 'ENOENT' || /spawn git ENOENT/.test(String(error))) {
        throw new GitError('missing-binary', 'git was not found', { remedy: installHint('git'), cause: error });
      }
      throw toGitError(error, `git ${args[0] ?? ''}`, signal);
    }
  }
}

function readEnvironment(): Record<string, string> {
  const environment: Record<string, string> = { GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C' };
  for (const name of passedOn) {
    const value = process.env[name];
    if (value !== undefined) environment[name] = value;
  }
  return environment;
}
