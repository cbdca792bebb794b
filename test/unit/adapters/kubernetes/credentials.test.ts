import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import type { JsonObject } from '../../../../src/core/json.ts';
import { ClusterError } from '../../../../src/ports/clusterError.ts';
import { makeServerCertificate } from '../../../../src/sandbox/certificate.ts';
import { refusal, withUser } from './credentials.ts';
import { configMaps, fakeCluster } from './fixture.ts';

describe('credentials of a kubeconfig', () => {
  test('a token file counts, trimmed, relative to the kubeconfig', async (t) => {
    const { cluster, server, kubeconfig } = await fakeCluster(t, {
      kubeconfigText: withUser({ tokenFile: 'token', token: 'ignored' }),
    });
    await writeFile(join(dirname(kubeconfig), 'token'), `${server.tokens.admin}\n`);
    assert.equal((await cluster.version()).major, '1');
  });

  test('a file that is not there is named', async (t) => {
    for (const user of [{ tokenFile: 'gone' }, { 'client-certificate': 'gone', 'client-key': 'gone' }]) {
      const { cluster } = await fakeCluster(t, { kubeconfigText: withUser(user) });
      assert.match((await refusal(cluster.version())).message, /gone.*could not be read \(ENOENT\)/);
    }
  });

  test('impersonation is sent whole', async (t) => {
    const { cluster, server } = await fakeCluster(t, {
      kubeconfigText: (fake) =>
        withUser({
          token: fake.tokens.admin,
          as: 'jane',
          'as-groups': ['dev', 'ops'],
          'as-uid': '7',
          'as-user-extra': { 'example.com/team': ['shop'] },
        })(fake),
    });
    let seen: Record<string, unknown> = {};
    server.inject((request) => {
      seen = request.headers;
      return false;
    });
    await cluster.version();
    assert.equal(seen['impersonate-user'], 'jane');
    assert.equal(seen['impersonate-group'], 'dev, ops');
    assert.equal(seen['impersonate-uid'], '7');
    assert.equal(seen['impersonate-extra-example.com%2fteam'], 'shop');
  });

  test('basic authentication', async (t) => {
    const { cluster, server } = await fakeCluster(t, {
      kubeconfigText: withUser({ username: 'jane', password: 'p:w' }),
    });
    let seen: string | undefined;
    server.inject((request, response) => {
      seen = request.headers.authorization;
      response.end('{}');
      return true;
    });
    await cluster.version();
    assert.equal(seen, `Basic ${Buffer.from('jane:p:w').toString('base64')}`);
  });

  test('an OpenID token counts as long as it lasts; one that ran out and cannot be renewed is a sign-in to repeat', async (t) => {
    const jwt = (expires: number): string => {
      const part = (value: JsonObject): string => Buffer.from(JSON.stringify(value)).toString('base64url');
      return `${part({ alg: 'none' })}.${part({ exp: Math.floor(expires / 1000) })}.c2ln`;
    };
    const user = (token: string): JsonObject => ({ 'auth-provider': { name: 'oidc', config: { 'id-token': token } } });
    const fresh = jwt(Date.now() + 3_600_000);
    const { cluster, server } = await fakeCluster(t, { kubeconfigText: withUser(user(fresh)) });
    server.tokens.admin = fresh;
    assert.equal((await cluster.version()).major, '1');

    const late = await fakeCluster(t, { kubeconfigText: withUser(user(jwt(Date.now() - 1_000))) });
    const error = await refusal(late.cluster.version());
    assert.match(error.message, /could not be renewed: its token ran out, and the kubeconfig has no refresh token/);
    assert.match(error.remedy ?? '', /identity provider/);
    assert.deepEqual(late.server.requests, []);
  });

  test('an OpenID token that ran out is renewed in memory, once, and the new one lasts', async (t) => {
    const part = (value: JsonObject): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const { certificate, key } = makeServerCertificate(new Date());
    const asked: string[] = [];
    let issuer = '';
    const seconds = Math.floor(Date.now() / 1000);
    const token = (expires: number): string => {
      const claims = { iss: issuer, aud: 'plumbline', sub: 'jane', iat: seconds, exp: seconds + expires };
      return `${part({ alg: 'RS256' })}.${part(claims)}.c2ln`;
    };
    const provider = createServer({ cert: certificate, key }, (request, response) => {
      asked.push(request.url ?? '');
      response.setHeader('Content-Type', 'application/json');
      response.end(
        JSON.stringify(
          request.method === 'POST'
            ? {
                access_token: 'a',
                token_type: 'bearer',
                id_token: token(3600),
                refresh_token: 'second',
                expires_in: 3600,
              }
            : { issuer, token_endpoint: `${issuer}token`, authorization_endpoint: `${issuer}auth` },
        ),
      );
    });
    await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
    t.after(() => {
      provider.closeAllConnections();
      provider.close();
    });
    issuer = `https://127.0.0.1:${(provider.address() as AddressInfo).port}/`;
    const config: JsonObject = {
      'idp-issuer-url': issuer,
      'idp-certificate-authority-data': Buffer.from(certificate).toString('base64'),
      'client-id': 'plumbline',
      'refresh-token': 'first',
      'id-token': token(-10),
    };
    const { cluster, server, kubeconfig } = await fakeCluster(t, {
      kubeconfigText: withUser({ 'auth-provider': { name: 'oidc', config } }),
    });
    server.tokens.admin = token(3600);
    const before = await readFile(kubeconfig, 'utf8');
    await Promise.all([cluster.version(), cluster.list(configMaps), cluster.discover()]);
    await cluster.version();
    assert.deepEqual(asked, ['/.well-known/openid-configuration', '/token']);
    assert.equal(await readFile(kubeconfig, 'utf8'), before);
  });

  test('providers that Kubernetes dropped are refused, since they would run in a shell', async (t) => {
    const user = { 'auth-provider': { name: 'gcp', config: { 'cmd-path': '/bin/sh', 'cmd-args': '-c true' } } };
    await assert.rejects(fakeCluster(t, { kubeconfigText: withUser(user) }), (error) => {
      assert.ok(ClusterError.is(error, 'credentials'));
      assert.match(error.remedy ?? '', /gcloud container clusters get-credentials/);
      return true;
    });
  });
});
