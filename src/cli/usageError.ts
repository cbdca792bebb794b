import { TypedError, isTypedError } from '../core/typedError.ts';

const errorName = 'UsageError';

/** The command line cannot be understood; ends with exit code 64. */
export class UsageError extends TypedError<'usage'> {
  constructor(message: string, remedy?: string) {
    super(errorName, 'usage', message, remedy === undefined ? {} : { remedy });
  }

  static is(error: unknown): error is UsageError {
    return isTypedError(error, errorName);
  }
}
