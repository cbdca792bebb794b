import { GitError, type GitErrorReason } from '../../ports/gitError.ts';
import { ProcessError } from '../../ports/processRunner.ts';

interface Rule {
  reason: GitErrorReason;
  pattern: RegExp;
  message: string;
  remedy: string;
}

// Git has one exit code for nearly everything, so its (untranslated) words decide. The first rule that fits is taken.
const rules: readonly Rule[] = [
  {
    reason: 'unsafe-ownership',
    pattern: /detected dubious ownership/,
    message: 'Git refuses the repository because another user owns its folder',
    remedy: 'Add the folder to safe.directory with git config --global, if you trust it.',
  },
  {
    reason: 'not-a-repository',
    pattern: /not a git repository/i,
    message: 'the folder is not in a Git repository',
    remedy: 'Open a folder that is in a Git repository, or run git init.',
  },
  {
    reason: 'not-a-repository',
    pattern: /must be run in a work tree/,
    message: 'the folder is in a bare repository, which has no files',
    remedy: 'Open a working tree of it.',
  },
  {
    reason: 'locked',
    pattern: /\.lock': File exists|Another git process seems to be running/,
    message: 'another Git process is working on the repository',
    remedy: 'Wait until it has finished; if none is running, remove the lock file that Git names.',
  },
  {
    reason: 'identity-unknown',
    pattern: /Please tell me who you are|unable to auto-detect email address|empty ident name/,
    message: 'Git does not know who you are',
    remedy: 'Set user.name and user.email with git config.',
  },
  {
    reason: 'signing-failed',
    pattern:
      /gpg failed to sign|failed to sign the data|signing key|error: gpg|ssh-keygen.*sign|Couldn't load public key/i,
    message: 'the commit could not be signed',
    remedy: 'Check user.signingkey and that the signing program can reach the key, or unset commit.gpgsign.',
  },
  {
    reason: 'nothing-to-commit',
    pattern: /nothing (added )?to commit|no changes added to commit/,
    message: 'nothing of the chosen files differs from the last commit',
    remedy: 'Change or choose a file.',
  },
  {
    reason: 'rejected',
    pattern: /\[rejected\]|\[remote rejected\]|non-fast-forward|fetch first|pre-receive hook declined|protected branch/,
    message: 'the remote rejected the push',
    remedy: 'Fetch and rebase or merge what the remote has, or ask for the right to push to that branch.',
  },
  {
    reason: 'unauthorized',
    pattern:
      /Authentication failed|could not read (Username|Password)|terminal prompts disabled|Permission denied|access denied|The requested URL returned error: 40[13]|Repository not found|Host key verification failed/i,
    message: 'the remote did not accept the credentials',
    remedy:
      'Check that git push works in a terminal: a credential helper or an SSH agent has to answer without a prompt.',
  },
  {
    reason: 'unreachable',
    pattern:
      /Could not resolve host|Connection (refused|timed out|reset)|Network is unreachable|unable to access|does not appear to be a git repository|Could not read from remote repository|early EOF|Operation timed out/i,
    message: 'the remote cannot be reached',
    remedy: 'Check the network and the URL of the remote.',
  },
  {
    reason: 'missing-revision',
    pattern:
      /Needed a single revision|unknown revision|bad revision|bad object|not a valid object name|Not a valid commit name|invalid object name|could not resolve/i,
    message: 'the revision is not in this clone',
    remedy: 'Fetch it; a shallow clone needs git fetch --unshallow.',
  },
];

const urlCredentials = /([a-z][a-z0-9+.-]*:\/\/)[^@/\s]+@/gi;

/** Takes user names and tokens out of URLs, for texts that people see. */
export function withoutCredentials(text: string): string {
  return text.replace(urlCredentials, '$1');
}

/** What Git's own words mean. `fallback` says it where no rule fits. */
function gitErrorOf(
  stderr: string,
  doing: string,
  fallback: { reason: GitErrorReason; remedy?: string } = { reason: 'failed' },
  cause?: unknown,
): GitError {
  const detail = withoutCredentials(stderr.trim().slice(-2_000));
  const rule = rules.find((candidate) => candidate.pattern.test(stderr));
  if (rule !== undefined) {
    return new GitError(rule.reason, `${doing}: ${rule.message}`, { detail, remedy: rule.remedy, cause });
  }
  const line = detail.split('\n').findLast((text) => text.trim() !== '') ?? 'Git failed without a word';
  return new GitError(fallback.reason, `${doing}: ${line}`, {
    detail,
    cause,
    ...(fallback.remedy === undefined ? {} : { remedy: fallback.remedy }),
  });
}

/** Turns what running Git threw into a GitError; cancellation passes through as it is. */
export function toGitError(error: unknown, doing: string, signal?: AbortSignal): unknown {
  if (signal?.aborted || GitError.is(error)) return error;
  if (ProcessError.is(error, 'not-found')) {
    return new GitError('missing-binary', error.message, { remedy: error.remedy ?? '', cause: error });
  }
  if (ProcessError.is(error, 'failed')) return gitErrorOf(error.stderr, doing, undefined, error);
  const message = error instanceof Error ? error.message : String(error);
  return gitErrorOf(message, doing, undefined, error);
}
