import assert from 'node:assert/strict';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type TestContext, describe, test } from 'node:test';
import { OpenIdRefusal, openIdToken } from '../../../../src/adapters/kubernetes/openIdToken.ts';
import type { JsonObject } from '../../../../src/core/json.ts';
import { makeServerCertificate } from '../../../../src/sandbox/certificate.ts';

interface TokenRequest {
  authorization: string | undefined;
  form: Record<string, string>;
}

const part = (value: JsonObject): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token that lasts so many seconds from now. */
const token = (seconds: number): string =>
  `${part({ alg: 'none' })}.${part({ exp: Math.floor(Date.now() / 1000) + seconds })}.c2ln`;

/** An identity provider with a certificate of its own, and the auth-provider settings of a user whose token ran out. */
async function provider(
  t: TestContext,
  answer: (request: TokenRequest) => { status: number; document: JsonObject },
): Promise<{ settings: JsonObject; requests: TokenRequest[] }> {
  const { certificate, key } = makeServerCertificate(new Date());
  const requests: TokenRequest[] = [];
  const server = createServer({ cert: certificate, key }, (request, response) => {
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      if (request.method === 'GET') {
        response.end(JSON.stringify({ token_endpoint: `${url}/token` }));
        return;
      }
      const asked = {
        authorization: request.headers.authorization,
        form: Object.fromEntries(new URLSearchParams(body)),
      };
      requests.push(asked);
      const { status, document } = answer(asked);
      response.writeHead(status).end(JSON.stringify(document));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    requests,
    settings: {
      'idp-issuer-url': `https://127.0.0.1:${(server.address() as AddressInfo).port}/`,
      'idp-certificate-authority-data': Buffer.from(certificate).toString('base64'),
      'client-id': 'plumbline',
      'refresh-token': 'first',
      'id-token': token(-10),
    },
  };
}

const granted = (refreshToken?: string): { status: number; document: JsonObject } => ({
  status: 200,
  document: { id_token: token(3600), ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }) },
});

async function refused(asked: Promise<unknown>): Promise<string> {
  const error: unknown = await asked.then(
    () => assert.fail('it did not reject'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof OpenIdRefusal, String(error));
  return error.message;
}

describe('OpenID tokens', () => {
  test("are renewed with the refresh token, and the provider's next one replaces it", async (t) => {
    const { settings, requests } = await provider(t, () => granted('second'));
    const renewed = await openIdToken(settings);
    assert.equal(renewed.refreshToken, 'second');
    assert.ok(renewed.expires > Date.now());
    await openIdToken(settings, renewed.refreshToken);
    assert.deepEqual(
      requests.map(({ form }) => form),
      [
        { grant_type: 'refresh_token', refresh_token: 'first', client_id: 'plumbline' },
        { grant_type: 'refresh_token', refresh_token: 'second', client_id: 'plumbline' },
      ],
    );
  });

  test('a provider that gives no other refresh token leaves the one that there is', async (t) => {
    const { settings } = await provider(t, () => granted());
    assert.equal((await openIdToken(settings)).refreshToken, 'first');
  });

  test("the client's secret goes into the header, and into the form where that is refused", async (t) => {
    const { settings, requests } = await provider(t, ({ form }) =>
      form['client_secret'] === 'a b' ? granted() : { status: 401, document: { error: 'invalid_client' } },
    );
    await openIdToken({ ...settings, 'client-secret': 'a b' });
    const authorization = `Basic ${Buffer.from('plumbline:a%20b').toString('base64')}`;
    const form = { grant_type: 'refresh_token', refresh_token: 'first' };
    assert.deepEqual(requests[0], { authorization, form });
    assert.equal(requests.length, 2);
  });

  test('a spent refresh token is said so, once, and nothing else of the answer', async (t) => {
    const { settings, requests } = await provider(t, () => ({
      status: 400,
      document: { error: 'invalid_grant', error_description: 'token first is spent' },
    }));
    const message = await refused(openIdToken({ ...settings, 'client-secret': 's' }));
    assert.equal(message, 'the identity provider answered 400 (invalid_grant)');
    assert.equal(requests.length, 1);
  });

  test('an answer without a token that lasts is refused', async (t) => {
    for (const id_token of [token(-5), 'none', '']) {
      const { settings } = await provider(t, () => ({ status: 200, document: { id_token } }));
      assert.match(await refused(openIdToken(settings)), /no token that lasts/);
    }
  });

  test('nothing is sent without TLS, nor to a provider that the authority does not know', async (t) => {
    const { settings, requests } = await provider(t, () => granted());
    assert.match(
      await refused(openIdToken({ ...settings, 'idp-issuer-url': 'http://127.0.0.1:1/' })),
      /no https address/,
    );
    await assert.rejects(openIdToken({ ...settings, 'idp-certificate-authority-data': '' }), /self-signed certificate/);
    assert.deepEqual(requests, []);
  });
});
