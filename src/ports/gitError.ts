import { TypedError, isTypedError } from '../core/typedError.ts';

export type GitErrorReason =
  | 'missing-binary'
  | 'not-a-repository'
  | 'unsafe-ownership'
  | 'missing-revision'
  | 'locked'
  | 'nothing-to-commit'
  | 'identity-unknown'
  | 'signing-failed'
  | 'hook-failed'
  | 'no-upstream'
  | 'detached'
  | 'rejected'
  | 'unauthorized'
  | 'unreachable'
  | 'outside-repository'
  | 'failed';

const errorName = 'GitError';

/** What Git refused or could not do. `detail` is the end of Git's own words, with credentials of URLs taken out. */
export class GitError extends TypedError<GitErrorReason> {
  readonly detail: string;

  constructor(
    reason: GitErrorReason,
    message: string,
    options: { detail?: string; remedy?: string; cause?: unknown } = {},
  ) {
    super(errorName, reason, message, options);
    this.detail = options.detail ?? '';
  }

  static is(error: unknown, reason?: GitErrorReason): error is GitError {
    return isTypedError(error, errorName, reason);
  }
}
