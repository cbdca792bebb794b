import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { RequestSubject } from '../../../../src/adapters/kubernetes/describeRequest.ts';
import { statusError } from '../../../../src/adapters/kubernetes/statusError.ts';
import type { ApiResource } from '../../../../src/ports/cluster.ts';
import { leaksIn } from './needles.ts';
import { secretText } from './situation.ts';
import { loggedOf } from './surfaces.ts';

const secrets = { group: '', version: 'v1', kind: 'Secret', resource: 'secrets', namespaced: true } as ApiResource;
const from = { context: 'c', server: 'https://192.0.2.1', signIn: 'run x' };

/** What an API server and the webhooks behind it answer about a Secret, with the value in it. */
const answers: readonly ((value: string) => { status: number; reason: string; message: string })[] = [
  (value) => ({
    status: 422,
    reason: 'Invalid',
    message: `Secret "x" is invalid: data[a]: Invalid value: ${JSON.stringify(value)}: too short`,
  }),
  (value) => ({
    status: 400,
    reason: 'BadRequest',
    message: `admission webhook "w" denied the request: password ${value} is known`,
  }),
  (value) => ({ status: 403, reason: 'Forbidden', message: `admission webhook "w" denied the request: ${value}` }),
  (value) => ({
    status: 403,
    reason: 'Forbidden',
    message: `User "u" cannot patch resource "secrets" in API group "": ${value}`,
  }),
  (value) => ({ status: 409, reason: 'Conflict', message: `Operation cannot be fulfilled: ${value}` }),
  (value) => ({ status: 500, reason: '', message: `illegal base64 data: ${Buffer.from(value).toString('base64')}` }),
  (value) => ({ status: 503, reason: 'ServiceUnavailable', message: value }),
];

describe('no byte of a Secret is in an error about it', () => {
  for (const verb of ['get', 'apply', 'create', 'change'] as const) {
    test(`${verb}: message, remedy, and what a log keeps`, () => {
      fc.assert(
        fc.property(secretText, fc.constantFrom(...answers), fc.boolean(), (value, answer, isStatus) => {
          const { status, reason, message } = answer(value);
          const causes = [{ reason: 'FieldValueInvalid', message: `Invalid value: ${value}`, field: 'data[a]' }];
          const details = { name: 'x', causes };
          const object = {
            kind: 'Status',
            apiVersion: 'v1',
            status: 'Failure',
            message,
            reason,
            details,
            code: status,
          };
          // A proxy or a broken webhook may answer with anything.
          const body = isStatus ? JSON.stringify(object) : `<html>${message}</html>`;
          const subject: RequestSubject = { verb, resource: secrets, namespace: 'n', name: 'x' };
          const error = statusError(status, body, subject, from);
          const shown = [error.message, error.remedy, JSON.stringify(error.conflicts), loggedOf(error)].join('\n');
          const known = statusError(status, '{}', subject, from);
          const isPublic = (needle: string): boolean =>
            loggedOf(known).includes(needle) || answer('').message.includes(needle);
          assert.deepEqual(leaksIn(shown, [new Uint8Array(Buffer.from(value))], isPublic), [], shown);
        }),
        { numRuns: 300 },
      );
    });
  }
});
