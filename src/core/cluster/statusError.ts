import { TypedError, isTypedError } from '../typedError.ts';
import type { JsonObject } from '../json.ts';
import type { FieldError } from './fieldError.ts';

/** The `reason` of a Status object, as API servers use them. Empty for a 500 that a manifest causes (semantics X-5). */
export type StatusReason =
  | ''
  | 'AlreadyExists'
  | 'BadRequest'
  | 'Conflict'
  | 'Expired'
  | 'Forbidden'
  | 'InternalError'
  | 'Invalid'
  | 'MethodNotAllowed'
  | 'NotFound'
  | 'RequestEntityTooLarge'
  | 'Unauthorized'
  | 'UnsupportedMediaType';

export interface StatusDetails {
  name?: string;
  group?: string;
  kind?: string;
  uid?: string;
  causes?: { reason: string; message: string; field: string }[];
}

const errorName = 'StatusError';

/** An answer other than success of the simulated API server, with the code and the words of the real one. */
export class StatusError extends TypedError<StatusReason> {
  /** HTTP status. */
  readonly code: number;
  readonly details: StatusDetails | undefined;

  constructor(code: number, reason: StatusReason, message: string, details?: StatusDetails) {
    super(errorName, reason, message);
    this.code = code;
    this.details = details;
  }

  static is(error: unknown, reason?: StatusReason): error is StatusError {
    return isTypedError(error, errorName, reason);
  }
}

/** The Status object that a server sends for an error. */
export function statusObject(error: StatusError): JsonObject {
  const { details } = error;
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: error.message,
    ...(error.reason === '' ? {} : { reason: error.reason }),
    ...(details === undefined ? {} : { details: { ...details } }),
    code: error.code,
  };
}

/** What names a resource in errors: `deployments` in group `apps`. */
interface ResourceName {
  group: string;
  resource: string;
}

/** `deployments.apps`, `configmaps`. */
export function qualifiedResource(kind: ResourceName): string {
  return kind.group === '' ? kind.resource : `${kind.resource}.${kind.group}`;
}

function resourceDetails(kind: ResourceName, name: string): StatusDetails {
  return { name, ...(kind.group === '' ? {} : { group: kind.group }), kind: kind.resource };
}

export function notFound(kind: ResourceName, name: string): StatusError {
  const message = `${qualifiedResource(kind)} ${JSON.stringify(name)} not found`;
  return new StatusError(404, 'NotFound', message, resourceDetails(kind, name));
}

export function alreadyExists(kind: ResourceName, name: string): StatusError {
  const message = `${qualifiedResource(kind)} ${JSON.stringify(name)} already exists`;
  return new StatusError(409, 'AlreadyExists', message, resourceDetails(kind, name));
}

export function conflict(kind: ResourceName, name: string, why: string): StatusError {
  const message = `Operation cannot be fulfilled on ${qualifiedResource(kind)} ${JSON.stringify(name)}: ${why}`;
  return new StatusError(409, 'Conflict', message, resourceDetails(kind, name));
}

export function staleVersion(kind: ResourceName, name: string): StatusError {
  const why = 'the object has been modified; please apply your changes to the latest version and try again';
  return conflict(kind, name, why);
}

export function badRequest(message: string): StatusError {
  return new StatusError(400, 'BadRequest', message);
}

export function forbidden(kind: ResourceName, name: string, why: string, details: StatusDetails = {}): StatusError {
  const message = `${qualifiedResource(kind)} ${JSON.stringify(name)} is forbidden: ${why}`;
  return new StatusError(403, 'Forbidden', message, { ...resourceDetails(kind, name), ...details });
}

/** 422, with one cause for each field. */
export function invalid(
  kind: { group: string; kind: string },
  name: string,
  errors: readonly FieldError[],
): StatusError {
  const texts = errors.map((error) => `${error.field}: ${error.message}`);
  const [only = ''] = texts;
  const qualified = kind.group === '' ? kind.kind : `${kind.kind}.${kind.group}`;
  const list = texts.length === 1 ? only : `[${texts.join(', ')}]`;
  return new StatusError(422, 'Invalid', `${qualified} ${JSON.stringify(name)} is invalid: ${list}`, {
    name,
    ...(kind.group === '' ? {} : { group: kind.group }),
    kind: kind.kind,
    causes: errors.map(({ reason, message, field }) => ({ reason, message, field })),
  });
}
