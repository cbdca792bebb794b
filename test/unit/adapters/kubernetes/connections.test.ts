import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import http, { createServer as createHttpServer } from 'node:http';
import https, { createServer as createHttpsServer } from 'node:https';
import { syncBuiltinESMExports } from 'node:module';
import { type AddressInfo, type Server, type Socket, connect, createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, describe, test } from 'node:test';
import { TLSSocket } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { ApiConnection } from '../../../../src/adapters/kubernetes/apiConnection.ts';
import { openCredentials } from '../../../../src/adapters/kubernetes/clientNode.ts';
import type { ContextConfig } from '../../../../src/adapters/kubernetes/kubeconfig.ts';
import { SpawnRunner } from '../../../../src/adapters/process/spawnRunner.ts';
import type { JsonObject } from '../../../../src/core/json.ts';
import { ClusterError } from '../../../../src/ports/clusterError.ts';
import { makeServerCertificate } from '../../../../src/sandbox/certificate.ts';
import { type ConnectProxy, startConnectProxy } from '../../../fakes/connectProxy.ts';
import { scratchFolder } from './fixture.ts';

async function listening(t: TestContext, server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** A server over TLS that answers who asked, and the certificate that speaks for it. */
async function tlsServer(t: TestContext): Promise<{ url: string; ca: string; connections: () => number }> {
  const { certificate, key } = makeServerCertificate(new Date());
  const server = createHttpsServer({ cert: certificate, key }, (request, response) => {
    response.end(JSON.stringify({ token: request.headers.authorization ?? '' }));
  });
  let connections = 0;
  server.on('secureConnection', () => (connections += 1));
  const port = await listening(t, server);
  return { url: `https://127.0.0.1:${port}`, ca: certificate, connections: () => connections };
}

function connectionTo(
  t: TestContext,
  server: string,
  cluster: JsonObject,
  proxy?: string,
  user: JsonObject = { token: 'secret-token' },
): ApiConnection {
  const config: ContextConfig = {
    ...{ context: 'prod', namespace: undefined, server, clusterName: 'c', cluster },
    ...{ userName: 'u', user, userFolder: '/' },
  };
  const open = (): { source: ReturnType<typeof openCredentials>; signIn: string } => ({
    source: openCredentials(config, { runner: new SpawnRunner(), proxy }),
    signIn: '',
  });
  const connection = new ApiConnection({
    ...{ context: 'prod', server, proxy, credentials: open(), reopen: () => Promise.resolve(open()) },
    limits: { connect: 1_000, silence: 1_000 },
  });
  t.after(() => connection.dispose());
  return connection;
}

const ask = (connection: ApiConnection): Promise<unknown> =>
  connection.json({ method: 'GET', path: '/version', subject: { verb: 'ask' } });

async function unreachable(asked: Promise<unknown>): Promise<string> {
  const error: unknown = await asked.then(
    () => assert.fail('it did not reject'),
    (reason: unknown) => reason,
  );
  assert.ok(ClusterError.is(error, 'unreachable'), String(error));
  assert.ok(!`${error.stack ?? ''}${String(error.cause)}`.includes('secret-token'));
  return error.message;
}

const authority = (ca: string): JsonObject => ({ 'certificate-authority-data': Buffer.from(ca).toString('base64') });

describe('TLS', () => {
  test("the kubeconfig's authority is trusted, connections are kept", async (t) => {
    const { url, ca, connections } = await tlsServer(t);
    const connection = connectionTo(t, url, authority(ca));
    for (let index = 0; index < 5; index++) assert.deepEqual(await ask(connection), { token: 'Bearer secret-token' });
    assert.equal(connections(), 1);
  });

  test('another authority is not, and nothing is sent', async (t) => {
    const { url } = await tlsServer(t);
    const other = makeServerCertificate(new Date()).certificate;
    assert.match(
      await unreachable(ask(connectionTo(t, url, {}))),
      /signed by an authority that the kubeconfig does not name/,
    );
    assert.match(
      await unreachable(ask(connectionTo(t, url, authority(other)))),
      /prod \(https:.*\) did not answer: its certificate/,
    );
  });

  test('an authority, or a certificate of the user, that is none is an error of the connection, and nothing is sent', async (t) => {
    const { url, ca, connections } = await tlsServer(t);
    const broken = '-----BEGIN CERTIFICATE-----\nbm9uZQ==\n-----END CERTIFICATE-----\n';
    assert.match(await unreachable(ask(connectionTo(t, url, authority(broken)))), /authority that the kubeconfig/);
    const data = Buffer.from(broken).toString('base64');
    const user = { 'client-certificate-data': data, 'client-key-data': data };
    const said = await unreachable(ask(connectionTo(t, url, authority(ca), undefined, user)));
    assert.match(said, /certificate or key of the kubeconfig cannot be read/);
    assert.equal(connections(), 0);
  });

  test('insecure-skip-tls-verify trusts anything, tls-server-name decides the name', async (t) => {
    const { url, ca } = await tlsServer(t);
    await ask(connectionTo(t, url, { 'insecure-skip-tls-verify': true }));
    await ask(connectionTo(t, url, { ...authority(ca), 'tls-server-name': 'localhost' }));
    const named = ask(connectionTo(t, url, { ...authority(ca), 'tls-server-name': 'api.example.com' }));
    assert.match(await unreachable(named), /its certificate is for another name/);
  });
});

async function proxyOf(t: TestContext): Promise<ConnectProxy> {
  const proxy = await startConnectProxy('jane:pass');
  t.after(() => proxy.stop());
  return proxy;
}

describe('client certificates', () => {
  /** A server that tells the certificate that its client showed. */
  async function certifyingServer(t: TestContext): Promise<{ url: string; ca: string }> {
    const { certificate, key } = makeServerCertificate(new Date());
    const options = { cert: certificate, key, requestCert: true, rejectUnauthorized: false };
    const server = createHttpsServer(options, (request, response) => {
      assert.ok(request.socket instanceof TLSSocket);
      const shown = request.socket.getPeerX509Certificate();
      response.end(JSON.stringify({ shown: shown?.fingerprint256 ?? '' }));
    });
    return { url: `https://127.0.0.1:${await listening(t, server)}`, ca: certificate };
  }
  const fingerprint = (certificate: string): string => new X509Certificate(certificate).fingerprint256;
  const inBase64 = (text: string): string => Buffer.from(text).toString('base64');

  test('of the kubeconfig reach the server, straight and through a proxy', async (t) => {
    const { url, ca } = await certifyingServer(t);
    const { certificate, key } = makeServerCertificate(new Date());
    const user = { 'client-certificate-data': inBase64(certificate), 'client-key-data': inBase64(key) };
    const { port } = await proxyOf(t);
    for (const proxy of [undefined, `http://jane:pass@127.0.0.1:${port}`]) {
      const connection = connectionTo(t, url, authority(ca), proxy, user);
      assert.deepEqual(await ask(connection), { shown: fingerprint(certificate) });
    }
  });

  test('of a plugin reach it too, and a new one replaces the old', async (t) => {
    const { url, ca } = await certifyingServer(t);
    const folder = await scratchFolder(t);
    const file = join(folder, 'status.json');
    const script = join(folder, 'plugin.cjs');
    const print = `require('node:fs').readFileSync(${JSON.stringify(file)}, 'utf8')`;
    await writeFile(script, `console.log('{"kind":"ExecCredential","status":' + ${print} + '}')`);
    const user: JsonObject = { exec: { command: process.execPath, args: [script] } };
    const { port } = await proxyOf(t);
    for (const proxy of [undefined, `http://jane:pass@127.0.0.1:${port}`]) {
      const connection = connectionTo(t, url, authority(ca), proxy, user);
      for (let round = 0; round < 2; round++) {
        const { certificate, key } = makeServerCertificate(new Date());
        const expirationTimestamp = new Date(Date.now() - 1_000).toISOString();
        const status = { clientCertificateData: certificate, clientKeyData: key, expirationTimestamp };
        await writeFile(file, JSON.stringify(status));
        assert.deepEqual(await ask(connection), { shown: fingerprint(certificate) });
      }
    }
  });
});

describe('proxies', () => {
  test('an HTTP proxy is gone through, with its password, by one tunnel', async (t) => {
    const { url, ca } = await tlsServer(t);
    const { port, tunnels } = await proxyOf(t);
    const connection = connectionTo(t, url, authority(ca), `http://jane:pass@127.0.0.1:${port}`);
    for (let index = 0; index < 3; index++) assert.deepEqual(await ask(connection), { token: 'Bearer secret-token' });
    assert.deepEqual(tunnels, [url.replace('https://', '')]);
  });

  test('a proxy that refuses is named without its password', async (t) => {
    const { url, ca } = await tlsServer(t);
    const { port } = await proxyOf(t);
    const message = await unreachable(ask(connectionTo(t, url, authority(ca), `http://jane:wrong@127.0.0.1:${port}`)));
    assert.match(message, new RegExp(`through the proxy http://127.0.0.1:${port}: the proxy answered 407`));
    assert.ok(!message.includes('wrong'));
  });

  test('a SOCKS proxy is gone through', async (t) => {
    const { url, ca } = await tlsServer(t);
    let tunnels = 0;
    const server = createTcpServer((client) => {
      client.once('data', () => {
        client.write(Buffer.from([5, 0]));
        client.once('data', (request) => {
          tunnels += 1;
          const target = connect(request.readUInt16BE(request.length - 2), '127.0.0.1', () => {
            client.write(Buffer.from([5, 0, 0, 1, 127, 0, 0, 1, 0, 0]));
            target.pipe(client).pipe(target);
          });
          target.on('error', () => client.destroy());
        });
      });
    });
    const port = await listening(t, server);
    const connection = connectionTo(t, url, authority(ca), `socks5://127.0.0.1:${port}`);
    for (let index = 0; index < 3; index++) assert.deepEqual(await ask(connection), { token: 'Bearer secret-token' });
    assert.equal(tunnels, 1);
  });
});

test('requests do not go through what an editor puts in the place of http and https', async (t) => {
  const { url, ca } = await tlsServer(t);
  for (const module of [http, https]) {
    t.mock.method(module, 'request', () => assert.fail('the replaced function was called'));
    t.mock.method(module, 'get', () => assert.fail('the replaced function was called'));
  }
  syncBuiltinESMExports();
  t.after(() => syncBuiltinESMExports());
  assert.throws(() => https.request(url), /replaced/);
  const { port } = await proxyOf(t);
  for (const proxy of [undefined, `http://jane:pass@127.0.0.1:${port}`]) {
    assert.deepEqual(await ask(connectionTo(t, url, authority(ca), proxy)), { token: 'Bearer secret-token' });
  }
});

test('compressed answers are read, broken ones are errors', async (t) => {
  const whole = gzipSync(JSON.stringify({ text: 'x'.repeat(5_000) }));
  let body = whole;
  const server = createHttpServer((_request, response) => {
    response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(body);
  });
  const connection = connectionTo(t, `http://127.0.0.1:${await listening(t, server)}`, {});
  assert.deepEqual(await ask(connection), { text: 'x'.repeat(5_000) });
  body = whole.subarray(0, 20);
  await unreachable(ask(connection));
});
