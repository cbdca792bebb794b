import assert from 'node:assert/strict';
import type { JsonObject } from '../../../../src/core/json.ts';
import { ClusterError } from '../../../../src/ports/clusterError.ts';
import type { FakeApiServer } from '../../../fakes/fakeApiServer.ts';

/** A kubeconfig of the fake whose user is what is given, as JSON. */
export const withUser =
  (user: JsonObject) =>
  (server: FakeApiServer): string =>
    server.kubeconfig().replace(/- \{name: admin, user: \{token.*/, `- {name: admin, user: ${JSON.stringify(user)}}`);

/** The ClusterError of reason `credentials` that a call ends with. */
export async function refusal(asked: Promise<unknown>): Promise<ClusterError> {
  const error: unknown = await asked.then(
    () => assert.fail('it did not reject'),
    (reason: unknown) => reason,
  );
  assert.ok(ClusterError.is(error, 'credentials'), String(error));
  return error;
}
