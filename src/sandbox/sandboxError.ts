import { TypedError, isTypedError } from '../core/typedError.ts';

export type SandboxErrorReason = 'in-use' | 'port-taken' | 'not-writable';

const errorName = 'SandboxError';

/** Why the sandbox could not be started. */
export class SandboxError extends TypedError<SandboxErrorReason> {
  constructor(reason: SandboxErrorReason, message: string, options: { remedy?: string; cause?: unknown } = {}) {
    super(errorName, reason, message, options);
  }

  static is(error: unknown, reason?: SandboxErrorReason): error is SandboxError {
    return isTypedError(error, errorName, reason);
  }
}
