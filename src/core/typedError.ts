/**
 * Base of all errors that Plumbline throws on purpose: a closed `reason`, a message that names the thing, a remedy, the cause.
 * Guards compare `name`, not the class: a lazily loaded bundle has its own copy of each class.
 */
export abstract class TypedError<Reason extends string> extends Error {
  readonly reason: Reason;
  readonly remedy: string | undefined;

  constructor(name: string, reason: Reason, message: string, options: { remedy?: string; cause?: unknown } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.name = name;
    this.reason = reason;
    this.remedy = options.remedy;
  }
}

export function isTypedError(error: unknown, name: string, reason?: string): boolean {
  if (!(error instanceof Error) || error.name !== name) return false;
  return reason === undefined || ('reason' in error && error.reason === reason);
}
