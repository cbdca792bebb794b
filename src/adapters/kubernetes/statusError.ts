import { type Json, listAt, stringAt } from '../../core/json.ts';
import { parseJson } from '../../core/jsonText.ts';
import { ClusterError, type ClusterErrorReason, type ConflictCause } from '../../ports/clusterError.ts';
import { type RequestSubject, describeSubject, holdsSecrets, kindsIn } from './describeRequest.ts';

/** Where an answer came from, and what its user can do to sign in again. */
export interface Answerer {
  context: string;
  server: string;
  /** See `signInAgain`. */
  signIn: string;
}

const reasons = new Map<number, ClusterErrorReason>([
  [400, 'bad-request'],
  [401, 'unauthorized'],
  [403, 'forbidden'],
  [404, 'not-found'],
  [405, 'bad-request'],
  [406, 'bad-request'],
  [408, 'timeout'],
  [409, 'conflict'],
  [410, 'gone'],
  [413, 'bad-request'],
  [415, 'bad-request'],
  [422, 'invalid'],
  [429, 'too-many-requests'],
  [504, 'timeout'],
]);

/** Longer answers come from proxies and broken webhooks; their beginning says enough. */
const longestMessage = 2_000;

/**
 * The error that an answer of the API server means. The server's words are kept, except about Secrets, where they may quote the
 * value that was refused: then only the fields are named.
 */
export function statusError(status: number, body: string, subject: RequestSubject, from: Answerer): ClusterError {
  const answer = parseStatus(body);
  const said = (stringAt(answer, 'message') ?? '').slice(0, longestMessage);
  if (status === 401 || /User "system:anonymous" cannot /.test(said)) return unauthorized(from);
  if (status === 403 && (said === '' || /User ".*" cannot /.test(said))) return forbidden(said, subject, from);
  if (status === 404 && !namesMissingObject(answer)) {
    return answer === undefined && body.trim() !== '404 page not found' ? noApiServer(from) : notServed(subject, from);
  }

  const name = stringAt(answer, 'reason') === 'AlreadyExists' ? 'already-exists' : reasons.get(status);
  const reason = name ?? (status >= 500 ? 'server' : 'bad-request');
  const text = holdsSecrets(subject) ? withoutValues(status, answer, subject) : said;
  const fallback = `${from.context} answered ${status} for ${describeSubject(subject)}`;
  return new ClusterError(reason, text === '' ? `${fallback}.` : text, {
    status,
    conflicts: conflictsOf(answer),
    ...remedyFor(reason, from),
  });
}

/** Whether a 404 speaks of an object, or of a namespace, that does not exist, and not of an address that is not served. */
export function isMissingObject(body: string): boolean {
  return namesMissingObject(parseStatus(body));
}

/**
 * The server names what is missing. Of an unserved group it says `404 page not found` as plain text (semantics K-1), of an unserved
 * resource in a served group a Status without details.
 */
function namesMissingObject(answer: Json | undefined): boolean {
  return stringAt(answer, 'details', 'name') !== undefined || /".+" not found/.test(stringAt(answer, 'message') ?? '');
}

/** The Status object of an answer; undefined where it is none, such as plain text or a proxy's page. */
function parseStatus(body: string): Json | undefined {
  if (!body.startsWith('{')) return undefined;
  try {
    const answer = parseJson(body);
    return stringAt(answer, 'kind') === 'Status' ? answer : undefined;
  } catch {
    return undefined;
  }
}

function noApiServer(from: Answerer): ClusterError {
  return new ClusterError('server', `${from.context} (${from.server}) is no API server: it answered 404.`, {
    status: 404,
    remedy: 'Check the server of the kubeconfig, and whether a proxy or a sign-in page stands before it.',
  });
}

function unauthorized(from: Answerer): ClusterError {
  return new ClusterError('unauthorized', `${from.context} did not accept your sign-in; it may have expired.`, {
    status: 401,
    remedy: `Your sign-in expired: ${from.signIn}.`,
  });
}

const actions: Record<RequestSubject['verb'], string> = {
  get: 'read',
  list: 'list',
  watch: 'watch',
  apply: 'apply',
  create: 'create',
  change: 'change',
  delete: 'delete',
  ask: 'ask for',
};

function forbidden(said: string, subject: RequestSubject, from: Answerer): ClusterError {
  const right = /User ".*?" cannot (\S+) resource "([^"]*)" in API group "([^"]*)"/.exec(said);
  const resource = right === null ? '' : `${right[2] ?? ''}${right[3] === '' ? '' : `.${right[3] ?? ''}`}`;
  const where = subject.namespace === undefined || subject.namespace === '' ? '' : ` in namespace ${subject.namespace}`;
  const what =
    subject.resource === undefined
      ? `${from.context} does not tell you what it serves.`
      : `You may not ${actions[subject.verb]} ${kindsIn(subject)} on ${from.context}.`;
  return new ClusterError('forbidden', what, {
    status: 403,
    remedy:
      right === null
        ? 'Ask whoever runs the cluster for the right.'
        : `Ask whoever runs the cluster for the right to ${right[1] ?? ''} ${resource}${where}.`,
    ...(said === '' || holdsSecrets(subject) ? {} : { cause: new Error(said) }),
  });
}

function notServed(subject: RequestSubject, from: Answerer): ClusterError {
  const { resource } = subject;
  if (resource === undefined)
    return new ClusterError('not-found', `${from.context} has no such address.`, { status: 404 });
  const group = resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
  return new ClusterError('not-found', `${from.context} does not serve ${resource.kind} of ${group}.`, {
    status: 404,
    remedy: 'Install the CustomResourceDefinition that brings this kind, or use a version that the cluster serves.',
  });
}

function withoutValues(status: number, answer: Json | undefined, subject: RequestSubject): string {
  const fields = listAt(answer, 'details', 'causes').map((cause) => stringAt(cause, 'field') ?? '');
  const named = [...new Set(fields.filter((field) => field !== ''))];
  const reason = stringAt(answer, 'reason') ?? String(status);
  const about = named.length === 0 ? '' : `: ${named.join(', ')}`;
  return `The cluster refused ${describeSubject(subject)} (${reason})${about}.`;
}

/** The owners that an apply met: `details.causes` of reason FieldManagerConflict (semantics M-13). */
function conflictsOf(answer: Json | undefined): ConflictCause[] {
  return listAt(answer, 'details', 'causes')
    .filter((cause) => stringAt(cause, 'reason') === 'FieldManagerConflict')
    .map((cause) => {
      const message = stringAt(cause, 'message') ?? '';
      const manager = /^conflict with "((?:[^"\\]|\\.)*)"/.exec(message)?.[1] ?? '';
      return { manager, field: stringAt(cause, 'field') ?? '', message };
    });
}

function remedyFor(reason: ClusterErrorReason, from: Answerer): { remedy?: string } {
  if (reason === 'too-many-requests') return { remedy: `${from.context} is overloaded; try again in a while.` };
  if (reason === 'timeout') return { remedy: `${from.context} took too long; try again.` };
  return {};
}
