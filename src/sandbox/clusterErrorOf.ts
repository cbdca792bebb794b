import type { StatusError, StatusReason } from '../core/cluster/statusError.ts';
import { ClusterError, type ClusterErrorReason } from '../ports/clusterError.ts';

const reasons: Readonly<Record<StatusReason, ClusterErrorReason>> = {
  '': 'server',
  AlreadyExists: 'already-exists',
  BadRequest: 'bad-request',
  Conflict: 'conflict',
  Expired: 'gone',
  Forbidden: 'forbidden',
  InternalError: 'server',
  Invalid: 'invalid',
  MethodNotAllowed: 'bad-request',
  NotFound: 'not-found',
  RequestEntityTooLarge: 'bad-request',
  Unauthorized: 'unauthorized',
  UnsupportedMediaType: 'bad-request',
};

/** An answer of the simulated cluster as what callers of a `Cluster` expect. About Secrets only the fields are named. */
export function clusterErrorOf(error: StatusError, holdsSecret: boolean): ClusterError {
  const causes = error.details?.causes ?? [];
  const conflicts = causes
    .filter((cause) => cause.reason === 'FieldManagerConflict')
    .map(({ message, field }) => ({ manager: /^conflict with "([^"]*)"/.exec(message)?.[1] ?? '', field, message }));
  const fields = causes.map((cause) => cause.field).join(', ');
  const message =
    holdsSecret && error.code !== 404 && error.code !== 403
      ? `The cluster refused a Secret: ${fields || error.reason}.`
      : error.message;
  return new ClusterError(reasons[error.reason], message, {
    status: error.code,
    conflicts,
    cause: holdsSecret ? undefined : error,
  });
}
