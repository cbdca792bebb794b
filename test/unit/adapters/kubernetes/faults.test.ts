import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { nameOf } from '../../../../src/core/kube/objectKey.ts';
import { ClusterError } from '../../../../src/ports/clusterError.ts';
import { type Fault, FakeApiServer, sendJson } from '../../../fakes/fakeApiServer.ts';
import { StatusAnswer } from '../../../fakes/fakeObjects.ts';
import { configMap, configMaps, fakeCluster, secrets } from './fixture.ts';

const answer =
  (code: number, headers: Record<string, string> = {}, message = 'try later'): Fault =>
  (_request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    sendJson(response, code, new StatusAnswer(code, 'Fault', message).toStatus());
    return true;
  };

async function rejection(promise: Promise<unknown>): Promise<ClusterError> {
  const error: unknown = await promise.then(
    () => assert.fail('it did not reject'),
    (reason: unknown) => reason,
  );
  assert.ok(ClusterError.is(error), String(error));
  return error;
}

describe('an overloaded server', () => {
  test('429 is asked again after the time that the server names', async (t) => {
    const { server, cluster } = await fakeCluster(t, { limits: { patience: 5_000 } });
    server.inject(answer(429, { 'Retry-After': '1' }));
    const start = performance.now();
    await cluster.version();
    assert.ok(performance.now() - start >= 1_000);
    assert.equal(server.requests.length, 2);
  });

  test('429 without a time, and 503 with one, are asked again; what was refused counts for nothing', async (t) => {
    const { server, cluster } = await fakeCluster(t);
    server.inject(answer(429), 2);
    server.inject(answer(503, { 'Retry-After': '0' }), 2);
    await cluster.create(configMaps, configMap('once'));
    assert.equal(server.requests.length, 5);
  });

  test('patience ends', async (t) => {
    const { server, cluster } = await fakeCluster(t, { limits: { patience: 100, retryAfter: 30 } });
    server.inject(answer(429), 1_000);
    const error = await rejection(cluster.version());
    assert.equal(error.reason, 'too-many-requests');
    assert.match(error.remedy ?? '', /overloaded/);
  });

  test('a wait ends with the abort', async (t) => {
    const { server, cluster } = await fakeCluster(t, { limits: { patience: 60_000 } });
    server.inject(answer(429, { 'Retry-After': '30' }));
    const controller = new AbortController();
    const asked = cluster.version(controller.signal);
    await delay(50);
    controller.abort(new Error('enough'));
    await assert.rejects(asked, /enough/);
  });

  test("500 is the manifest's fault and is not repeated (semantics X-5)", async (t) => {
    const { server, cluster } = await fakeCluster(t);
    server.inject(answer(500, {}, 'failed to create typed patch object'), 5);
    const error = await rejection(cluster.apply(configMaps, configMap('a'), { fieldManager: 'm' }));
    assert.equal(error.reason, 'server');
    assert.match(error.message, /typed patch object/);
    assert.equal(server.requests.length, 1);
  });
});

describe('lists', () => {
  test('begin anew when the server forgot the first chunk, then ask for everything at once', async (t) => {
    const { server, cluster } = await fakeCluster(t);
    for (let index = 0; index < 501; index++) await cluster.create(configMaps, configMap(`c-${index}`));
    server.requests.length = 0;
    let forgets = 2;
    server.inject((request) => {
      if (!request.query.has('continue') || forgets === 0) return false;
      forgets -= 1;
      server.objects.forgetHistory();
      return false;
    });
    const { objects } = await cluster.list(configMaps);
    assert.equal(new Set(objects.map(nameOf)).size, 501);
    assert.equal(objects.length, 501);
    assert.deepEqual(
      server.requests.map((request) => request.replace(/continue=[^&]+/, 'continue')),
      [
        'GET /api/v1/configmaps?limit=500',
        'GET /api/v1/configmaps?limit=500&continue',
        'GET /api/v1/configmaps?limit=500',
        'GET /api/v1/configmaps?limit=500&continue',
        'GET /api/v1/configmaps',
      ],
    );
  });

  test('slow chunks are waited for, silence is not', async (t) => {
    const { server, cluster } = await fakeCluster(t, { limits: { silence: 1_000 } });
    server.inject((_request, response) => {
      const text = JSON.stringify({ metadata: { resourceVersion: '1' }, items: [{ metadata: { name: 'slow' } }] });
      response.writeHead(200);
      void (async () => {
        for (const part of text.match(/.{1,12}/g) ?? []) {
          response.write(part);
          await delay(100);
        }
        response.end();
      })();
      return true;
    });
    assert.deepEqual((await cluster.list(configMaps)).objects.map(nameOf), ['slow']);

    server.inject((_request, response) => {
      response.writeHead(200);
      response.write('{"items": [');
      return true;
    }, 2);
    const error = await rejection(cluster.list(configMaps));
    assert.match(error.message, /did not answer: nothing came for 1 s/);
  });

  test('half an answer is asked for again, once', async (t) => {
    const { server, cluster } = await fakeCluster(t);
    const cut: Fault = (_request, response) => {
      response.writeHead(200, { 'Content-Length': '1000' });
      response.write('{"items": [', () => response.destroy());
      return true;
    };
    server.inject(cut);
    assert.deepEqual((await cluster.list(configMaps)).objects, []);
    server.inject(cut, 2);
    assert.equal((await rejection(cluster.list(configMaps))).reason, 'unreachable');
  });
});

describe('who may not', () => {
  test('401 reads the kubeconfig again, once, and goes on with what it says now', async (t) => {
    const { server, cluster, kubeconfig } = await fakeCluster(t, { kubeconfigText: (fake) => fake.kubeconfig('old') });
    await writeFile(kubeconfig, server.kubeconfig());
    await Promise.all([cluster.version(), cluster.version(), cluster.version()]);
    assert.ok(server.requests.length <= 6);
  });

  test('credentials that are refused for good end in `unauthorized` with what to do, without a storm', async (t) => {
    const { server, cluster } = await fakeCluster(t, {
      kubeconfigText: (fake) => fake.kubeconfig('wrong-token-0123456789'),
    });
    const error = await rejection(cluster.version());
    assert.equal(error.reason, 'unauthorized');
    assert.equal(error.status, 401);
    assert.match(error.remedy ?? '', /^Your sign-in expired: get a new token/);
    assert.ok(!`${error.stack ?? ''}${JSON.stringify(error)}`.includes('wrong-token'));
    assert.equal(server.requests.length, 2);
    await rejection(cluster.version());
    assert.equal(server.requests.length, 3);
    await assert.rejects(
      cluster.watch(configMaps, {}, () => {}),
      (reason) => ClusterError.is(reason, 'unauthorized'),
    );
  });

  test('403 for nobody is a sign-in that is missing', async (t) => {
    const { server, cluster } = await fakeCluster(t);
    server.inject(
      answer(403, {}, 'configmaps is forbidden: User "system:anonymous" cannot list resource "configmaps"'),
    );
    assert.equal((await rejection(cluster.list(configMaps))).reason, 'unauthorized');
  });

  test("403 of a policy keeps the policy's words", async (t) => {
    const { server, cluster } = await fakeCluster(t);
    const words = 'admission webhook "policy.example.com" denied the request: no latest tag';
    server.inject(answer(403, {}, words));
    const error = await rejection(cluster.create(configMaps, configMap('a')));
    assert.deepEqual([error.reason, error.message], ['forbidden', words]);
  });
});

describe('answers that are none', () => {
  test('a page of a proxy', async (t) => {
    const { server, cluster } = await fakeCluster(t);
    server.inject((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/html' }).end('<html>Sign in, token=abc</html>');
      return true;
    });
    const error = await rejection(cluster.version());
    assert.match(error.message, /not JSON/);
    assert.ok(!error.message.includes('abc') && error.cause === undefined);
  });

  test('a 404 that no API server would give', async (t) => {
    const { server, cluster } = await fakeCluster(t);
    server.inject((_request, response) => {
      response.writeHead(404, { 'Content-Type': 'text/html' }).end('<html>not here</html>');
      return true;
    }, 2);
    for (const asked of [cluster.version(), cluster.get(configMaps, 'default', 'a')]) {
      const error = await rejection(asked);
      assert.equal(error.reason, 'server');
      assert.match(error.message, /is no API server/);
    }
  });

  test('a refused Secret names its fields, never its values', async (t) => {
    const { server, cluster } = await fakeCluster(t);
    server.inject((request, response) => {
      const causes = [{ reason: 'FieldValueInvalid', field: 'data[password]', message: 'Invalid value: "hunter2"' }];
      const message = `Secret "s" is invalid: data[password]: Invalid value: "hunter2" in ${request.body}`;
      sendJson(response, 422, new StatusAnswer(422, 'Invalid', message, { causes }).toStatus());
      return true;
    });
    const secret = { ...configMap('s', { password: 'hunter2' }), kind: 'Secret' };
    const error = await rejection(cluster.apply(secrets, secret, { fieldManager: 'm' }));
    assert.equal(error.reason, 'invalid');
    assert.equal(error.message, 'The cluster refused Secret default/s (Invalid): data[password].');
    assert.ok(!`${error.stack ?? ''}${JSON.stringify(error)}${String(error.cause)}`.includes('hunter2'));
  });
});

describe('no server', () => {
  test('a closed port is named with its cause', async (t) => {
    const { server, cluster } = await fakeCluster(t);
    const { url } = server;
    await server.stop();
    const error = await rejection(cluster.version());
    assert.equal(error.reason, 'unreachable');
    assert.equal(error.message, `admin (${url}) did not answer: connection refused.`);
  });

  test('a name that nobody knows', async (t) => {
    const { cluster } = await fakeCluster(t, {
      kubeconfigText: (fake) => fake.kubeconfig().replace(fake.url, 'http://cluster.invalid:6443'),
      limits: { connect: 5_000 },
    });
    const error = await rejection(cluster.version());
    assert.equal(error.reason, 'unreachable');
    assert.match(error.message, /cluster\.invalid.* did not answer: its name (is not known|could not be looked up)/);
    assert.match(error.remedy ?? '', /VPN/);
  });

  test('TLS expected where none is spoken', async (t) => {
    const { cluster } = await fakeCluster(t, {
      kubeconfigText: (fake) => fake.kubeconfig().replace('http:', 'https:'),
    });
    assert.match((await rejection(cluster.version())).message, /does not speak TLS/);
  });

  test('a port that accepts and says nothing', async (t) => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    t.after(() => {
      silent.closeAllConnections();
      silent.close();
    });
    const { port } = silent.address() as AddressInfo;
    const { cluster } = await fakeCluster(t, {
      kubeconfigText: (fake) => fake.kubeconfig().replace(String(fake.port), String(port)),
      limits: { silence: 200 },
    });
    assert.match((await rejection(cluster.version())).message, /nothing came for 0\.2 s/);
  });

  test('a connection that the server closed while it was idle is made anew', async (t) => {
    const { server, cluster } = await fakeCluster(t);
    await cluster.version();
    server.dropConnections();
    await cluster.version();
    await delay(20);
    await cluster.create(configMaps, configMap('after'));
  });

  test('a provider that was reset closes what is under way', async (t) => {
    const { server, clusters, cluster } = await fakeCluster(t);
    server.inject(() => true);
    const asked = rejection(cluster.version());
    const watched = rejection(cluster.watch(configMaps, {}, () => {}));
    await delay(50);
    clusters.reset();
    assert.match((await asked).message, /was closed/);
    assert.match((await watched).message, /was closed/);
  });
});

test('the fake refuses what it does not know, so that faults are not mistaken for answers', async (t) => {
  const server = new FakeApiServer();
  await server.start();
  t.after(() => server.stop());
  const response = await fetch(`${server.url}/api/v1/configmaps`, { headers: { Authorization: 'Bearer nobody' } });
  assert.equal(response.status, 401);
});
