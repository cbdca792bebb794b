/** Why the rig could not do what it was asked: each reason has its own remedy in the message. */
export type RigErrorReason =
  | 'wrongNode'
  | 'missingPackages'
  | 'missingBrowser'
  | 'installFailed'
  | 'brokenInstall'
  | 'serverFailed'
  | 'workbenchFailed'
  | 'badExtension'
  | 'timeout';

/** A failure of the rig itself, as opposed to a failed test. The message names the thing and ends with what to do. */
export class RigError extends Error {
  override readonly name = 'RigError';
  readonly reason: RigErrorReason;

  constructor(reason: RigErrorReason, message: string, remedy: string, options?: ErrorOptions) {
    super(`${message} ${remedy}`, options);
    this.reason = reason;
  }

  static is(ex: unknown, reason?: RigErrorReason): ex is RigError {
    return ex instanceof RigError && (reason === undefined || ex.reason === reason);
  }
}
