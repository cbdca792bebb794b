import { TypedError, isTypedError } from '../core/typedError.ts';

export type ClusterErrorReason =
  | 'unreachable'
  | 'unauthorized'
  | 'forbidden'
  | 'not-found'
  | 'conflict'
  | 'already-exists'
  | 'invalid'
  | 'bad-request'
  | 'gone'
  | 'too-many-requests'
  | 'timeout'
  | 'server'
  | 'unknown-context'
  | 'no-kubeconfig'
  | 'invalid-kubeconfig'
  | 'credentials';

const errorName = 'ClusterError';

/** The owner that a server-side apply met on a field (semantics M-13). */
export interface ConflictCause {
  manager: string;
  field: string;
  message: string;
}

/** What the API server or the way to it answered. The message is the server's, Secret values never are in it. */
export class ClusterError extends TypedError<ClusterErrorReason> {
  /** HTTP status where the server answered. */
  readonly status: number | undefined;
  readonly conflicts: readonly ConflictCause[];

  constructor(
    reason: ClusterErrorReason,
    message: string,
    options: { status?: number; conflicts?: readonly ConflictCause[]; remedy?: string; cause?: unknown } = {},
  ) {
    super(errorName, reason, message, options);
    this.status = options.status;
    this.conflicts = options.conflicts ?? [];
  }

  static is(error: unknown, reason?: ClusterErrorReason): error is ClusterError {
    return isTypedError(error, errorName, reason);
  }
}
