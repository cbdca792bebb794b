import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { type TestContext, describe, test } from 'node:test';
import { SpawnRunner } from '../../../../src/adapters/process/spawnRunner.ts';
import { runExecPlugin } from '../../../../src/adapters/kubernetes/execCredential.ts';
import type { ContextConfig } from '../../../../src/adapters/kubernetes/kubeconfig.ts';
import { signInAgain } from '../../../../src/adapters/kubernetes/signIn.ts';
import type { JsonObject } from '../../../../src/core/json.ts';
import { ClusterError } from '../../../../src/ports/clusterError.ts';
import { makeServerCertificate } from '../../../../src/sandbox/certificate.ts';
import { until } from '../../../rig/cluster/until.ts';
import type { FakeApiServer } from '../../../fakes/fakeApiServer.ts';
import { type FakeCluster, configMaps, fakeCluster, scratchFolder } from './fixture.ts';

/** A kubeconfig of the fake whose user is what is given, as JSON. */
const withUser =
  (user: JsonObject) =>
  (server: FakeApiServer): string =>
    server.kubeconfig().replace(/- \{name: admin, user: \{token.*/, `- {name: admin, user: ${JSON.stringify(user)}}`);

interface Plugin {
  exec: JsonObject;
  runs(): Promise<number>;
  info(): Promise<unknown>;
}

/** A credential plugin: a script of Node that notes each run and does what `body` says. */
async function plugin(t: TestContext, body: string, more: JsonObject = {}): Promise<Plugin> {
  const folder = await scratchFolder(t);
  const script = join(folder, 'plugin.cjs');
  await writeFile(
    script,
    `const fs = require('node:fs');
fs.appendFileSync(${JSON.stringify(join(folder, 'runs'))}, process.env.KUBERNETES_EXEC_INFO + '\\n');
const answer = (status) => console.log(JSON.stringify({ kind: 'ExecCredential', apiVersion: 'client.authentication.k8s.io/v1', status }));
${body}`,
  );
  const notes = async (): Promise<string[]> =>
    (await readFile(join(folder, 'runs'), 'utf8').catch(() => '')).split('\n').filter((line) => line !== '');
  return {
    exec: { apiVersion: 'client.authentication.k8s.io/v1', command: process.execPath, args: [script], ...more },
    runs: async () => (await notes()).length,
    info: async () => JSON.parse((await notes())[0] ?? 'null') as unknown,
  };
}

/** A plugin that reads the token from a file beside the kubeconfig, so that a test can change it. */
async function withTokenPlugin(
  t: TestContext,
  expires = '',
): Promise<FakeCluster & { plugin: Plugin; tokenFile: string }> {
  const tokenFile = join(await scratchFolder(t), 'token');
  const made = await plugin(
    t,
    `setTimeout(() => answer({ token: fs.readFileSync(${JSON.stringify(tokenFile)}, 'utf8')${expires} }), 100);`,
  );
  const fake = await fakeCluster(t, { kubeconfigText: withUser({ exec: made.exec }) });
  await writeFile(tokenFile, fake.server.tokens.admin);
  return { ...fake, plugin: made, tokenFile };
}

async function refusal(asked: Promise<unknown>): Promise<ClusterError> {
  const error: unknown = await asked.then(
    () => assert.fail('it did not reject'),
    (reason: unknown) => reason,
  );
  assert.ok(ClusterError.is(error, 'credentials'), String(error));
  return error;
}

describe('credential plugins', () => {
  test('run once for however many requests wait, and get what the format promises them', async (t) => {
    const { cluster, plugin: made } = await withTokenPlugin(t);
    await Promise.all([cluster.version(), cluster.list(configMaps), cluster.discover()]);
    await cluster.version();
    assert.equal(await made.runs(), 1);
    assert.deepEqual(await made.info(), {
      kind: 'ExecCredential',
      apiVersion: 'client.authentication.k8s.io/v1',
      spec: { interactive: false },
    });
  });

  test('run again when the token runs out', async (t) => {
    const { cluster, plugin: made } = await withTokenPlugin(
      t,
      ', expirationTimestamp: new Date(Date.now() - 1000).toISOString()',
    );
    await cluster.version();
    await cluster.version();
    assert.equal(await made.runs(), 2);
  });

  test('run again, once, when the server refuses the token', async (t) => {
    const { cluster, server, plugin: made, tokenFile } = await withTokenPlugin(t);
    await cluster.version();
    server.tokens.admin = 'renewed-token';
    await writeFile(tokenFile, 'renewed-token');
    await Promise.all([cluster.version(), cluster.version(), cluster.version(), cluster.version()]);
    assert.equal(await made.runs(), 2);
  });

  test('do not run for a refusal that comes late, of a token that was renewed meanwhile', async (t) => {
    const { cluster, server, plugin: made, tokenFile } = await withTokenPlugin(t);
    await cluster.version();
    server.tokens.admin = 'renewed-token';
    await writeFile(tokenFile, 'renewed-token');
    server.inject((_request, response) => {
      setTimeout(() => response.writeHead(401).end(), 400);
      return true;
    });
    const late = cluster.version();
    await cluster.list(configMaps);
    await late;
    assert.equal(await made.runs(), 2);
  });

  test('that fail say why, with what to do, and are not run for each request that waits', async (t) => {
    const token = 'eyJhbGciOiJSUzI1NiIsImtpZCI6IjEyMzQ1Njc4OTAifQ.e30.c2ln';
    const made = await plugin(
      t,
      `console.log('${token}'); console.error('x\\nSession expired (token=${token}).'); process.exit(255);`,
    );
    const exec = { ...made.exec, env: [{ name: 'AWS_PROFILE', value: 'shop' }] };
    const { cluster } = await fakeCluster(t, { kubeconfigText: withUser({ exec }) });
    const error = await refusal(cluster.version());
    assert.match(error.message, /^node could not sign in to admin: Session expired/);
    await refusal(cluster.version());
    await refusal(cluster.list(configMaps));
    assert.equal(await made.runs(), 1);
    assert.ok(!`${error.stack ?? ''}${JSON.stringify(error)}${String(error.cause)}`.includes('eyJ'));
  });

  test('that print no credential are named, and what they printed is not', async (t) => {
    for (const body of ["console.log('password=hunter2')", "answer({ note: 'hunter2' })"]) {
      const { exec } = await plugin(t, body);
      const { cluster } = await fakeCluster(t, { kubeconfigText: withUser({ exec }) });
      const error = await refusal(cluster.version());
      assert.match(error.message, /node answered without a token or certificate for admin/);
      assert.ok(!`${error.stack ?? ''}${String(error.cause)}`.includes('hunter2'));
    }
  });

  test('that are not there are named, with the hint of the kubeconfig', async (t) => {
    const exec: JsonObject = { command: 'no-such-plugin-anywhere' };
    const { cluster } = await fakeCluster(t, { kubeconfigText: withUser({ exec }) });
    const error = await refusal(cluster.version());
    assert.match(error.message, /^no-such-plugin-anywhere was not found on PATH/);
    assert.match(error.remedy ?? '', /Install no-such-plugin-anywhere/);
    const hinted = await fakeCluster(t, {
      kubeconfigText: withUser({ exec: { ...exec, installHint: 'Get it at the shop.' } }),
    });
    assert.equal((await refusal(hinted.cluster.version())).remedy, 'Get it at the shop.');
  });

  test('that need a terminal are not run', async (t) => {
    const made = await plugin(t, 'answer({ token: "t" })', { interactiveMode: 'Always' });
    const { cluster } = await fakeCluster(t, { kubeconfigText: withUser({ exec: made.exec }) });
    assert.match((await refusal(cluster.version())).message, /only from a terminal/);
    assert.equal(await made.runs(), 0);
  });

  test('that hang are ended', async (t) => {
    const { exec } = await plugin(t, 'setInterval(() => {}, 1000)');
    const error = await refusal(runExecPlugin(contextOf({ exec }), new SpawnRunner(), undefined, 300));
    assert.match(error.message, /did not sign in to prod in time/);
  });

  test('end when the provider is reset', async (t) => {
    const { exec } = await plugin(
      t,
      `fs.writeFileSync(__dirname + '/pid', String(process.pid)); setInterval(() => {}, 1000);`,
    );
    const { cluster, clusters } = await fakeCluster(t, { kubeconfigText: withUser({ exec }) });
    const asked = assert.rejects(cluster.version(), /was closed/);
    const pidFile = join(dirname(String((exec['args'] as string[])[0])), 'pid');
    const pid = Number(await until('the plugin to run', () => readFile(pidFile, 'utf8')));
    clusters.reset();
    await asked;
    await until('the plugin to end', () => Promise.resolve(!isAlive(pid)));
  });

  test('whoever aborts stops waiting; the others get their token', async (t) => {
    const { cluster, plugin: made } = await withTokenPlugin(t);
    const controller = new AbortController();
    const [aborted, other] = [cluster.version(controller.signal), cluster.version()];
    controller.abort(new Error('enough'));
    await assert.rejects(aborted, /enough/);
    assert.equal((await other).major, '1');
    assert.equal(await made.runs(), 1);
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('other credentials', () => {
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

function contextOf(user: JsonObject): ContextConfig {
  return {
    ...{ context: 'prod', namespace: undefined, server: 'https://a', clusterName: 'c', cluster: {} },
    ...{ userName: 'u', user, userFolder: '/' },
  };
}

/** What the user entry of the kubeconfig is, and what a person does to sign in again. */
const remedies: [JsonObject, string][] = [
  [{ exec: { command: 'aws', args: ['eks', 'get-token'] } }, 'run `aws sso login`'],
  [{ exec: { command: '/usr/bin/aws', args: ['--profile', 'shop'] } }, 'run `aws sso login --profile shop`'],
  [{ exec: { command: 'aws', env: [{ name: 'AWS_PROFILE', value: 'shop' }] } }, 'run `aws sso login --profile shop`'],
  [{ exec: { command: 'aws', args: ['--profile', '$(reboot)'] } }, 'run `aws sso login`'],
  [{ exec: { command: 'gke-gcloud-auth-plugin' } }, 'run `gcloud auth login`'],
  [{ exec: { command: 'C:\\bin\\kubelogin.exe', args: ['get-token', '--server-id', 'x'] } }, 'run `az login`'],
  [
    { exec: { command: 'kubectl', args: ['oidc-login', 'get-token'] } },
    'sign in by running `kubectl --context prod auth whoami` in a terminal',
  ],
  [{ exec: { command: 'tsh' } }, 'run `tsh login`'],
  [{ exec: { command: 'corp-login' } }, 'sign in again with corp-login'],
  [
    { 'auth-provider': { name: 'oidc' } },
    'sign in with your identity provider again, so that the kubeconfig gets a new refresh token',
  ],
  [{ 'client-certificate-data': 'x' }, 'get a new client certificate: the one in the kubeconfig may have expired'],
  [{ token: 'x' }, 'get a new token, as `oc login` does for OpenShift'],
  [{}, 'log in to the cluster again'],
];

describe('how to sign in again', () => {
  for (const [user, expected] of remedies) {
    test(JSON.stringify(user), () => {
      assert.equal(signInAgain('prod', user), expected);
    });
  }
});
