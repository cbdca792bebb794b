import assert from 'node:assert/strict';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { type JsonObject, fieldAt } from '../../../../src/core/json.ts';
import type { KubeObject } from '../../../../src/core/kube/objectKey.ts';
import { type Fault, sendJson } from '../../../fakes/fakeApiServer.ts';
import { StatusAnswer } from '../../../fakes/fakeObjects.ts';
import { configMaps, fakeCluster, scratchFolder } from './fixture.ts';

const definitions = {
  ...configMaps,
  group: 'apiextensions.k8s.io',
  kind: 'CustomResourceDefinition',
  resource: 'customresourcedefinitions',
  namespaced: false,
};

function definition(kind: string): KubeObject {
  const plural = `${kind.toLowerCase()}s`;
  const names = { kind, plural };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.shop.example.com` },
    spec: { group: 'shop.example.com', scope: 'Namespaced', names, versions: [{ name: 'v1' }] },
  };
}

const discoveries = (requests: readonly string[]): string[] => requests.filter((each) => each.startsWith('GET /api'));

describe('discovery', () => {
  for (const legacy of [false, true]) {
    test(`finds the same kinds ${legacy ? 'one group-version at a time' : 'in two requests'}`, async (t) => {
      const { server, cluster } = await fakeCluster(t);
      server.legacyDiscovery = legacy;
      const { resources, problems } = await cluster.discover();
      assert.deepEqual(problems, []);
      assert.deepEqual(
        resources.map(({ group, version, kind, resource, namespaced, subresources }) =>
          [group, version, kind, resource, String(namespaced), ...subresources].join(' '),
        ),
        [
          ' v1 Namespace namespaces false',
          ' v1 ConfigMap configmaps true',
          ' v1 Secret secrets true',
          'apps v1 Deployment deployments true scale status',
          'apiextensions.k8s.io v1 CustomResourceDefinition customresourcedefinitions false',
        ],
      );
      assert.equal(discoveries(server.requests).length, legacy ? 5 : 2);
      // Documents of schemas will be wanted: where they are is asked meanwhile, once.
      assert.deepEqual(
        server.requests.filter((each) => !discoveries([each]).length),
        ['GET /openapi/v3'],
      );
    });

    test(`an API server that is away costs its own kinds only (${legacy ? 'legacy' : 'aggregated'})`, async (t) => {
      const { server, cluster } = await fakeCluster(t);
      server.legacyDiscovery = legacy;
      server.unavailable.add('metrics.k8s.io/v1beta1');
      const away: Fault = (request, response) => {
        if (!request.path.startsWith('/apis/metrics.k8s.io')) return false;
        sendJson(response, 503, new StatusAnswer(503, 'ServiceUnavailable', 'the server is away').toStatus());
        return true;
      };
      server.inject(away, 100);
      const { resources, problems } = await cluster.discover();
      assert.equal(resources.length, 5);
      assert.deepEqual(
        problems.map(({ code, severity }) => [code, severity]),
        [['discovery-incomplete', 'warning']],
      );
      assert.match(problems[0]?.message ?? '', /metrics\.k8s\.io\/v1beta1/);
    });
  }

  test('is asked for once by all, and again only on refresh, which costs nothing when nothing changed', async (t) => {
    const { server, cluster } = await fakeCluster(t);
    const [first, second] = await Promise.all([cluster.discover(), cluster.discover()]);
    assert.equal(first, second);
    assert.equal(discoveries(server.requests).length, 2);
    const statuses: number[] = [];
    server.inject((request, response) => {
      if (request.path.startsWith('/api')) response.once('finish', () => statuses.push(response.statusCode));
      return false;
    }, 1_000);
    await cluster.discover({ refresh: true });
    assert.deepEqual(statuses, [304, 304]);
    await cluster.create(definitions, definition('Widget'));
    const { resources } = await cluster.discover({ refresh: true });
    assert.ok(resources.some((each) => each.kind === 'Widget' && each.group === 'shop.example.com'));
  });

  test('that failed is not kept', async (t) => {
    const { server, cluster } = await fakeCluster(t);
    server.inject((request, response) => {
      if (request.path !== '/apis') return false;
      sendJson(response, 500, new StatusAnswer(500, 'InternalError', 'etcd is away').toStatus());
      return true;
    });
    await assert.rejects(cluster.discover(), /etcd is away/);
    assert.equal((await cluster.discover()).resources.length, 5);
  });
});

describe('OpenAPI documents', () => {
  const documents = (requests: readonly string[]): string[] =>
    requests.filter((each) => each.startsWith('GET /openapi/v3/'));

  test('are fetched once per content', async (t) => {
    const { server, cluster } = await fakeCluster(t);
    await Promise.all([cluster.openApi('v1'), cluster.openApi('v1'), cluster.openApi('apps/v1')]);
    assert.equal(documents(server.requests).length, 2);
    await cluster.discover({ refresh: true });
    await cluster.openApi('v1');
    assert.equal(documents(server.requests).length, 2);

    await cluster.create(definitions, definition('Widget'));
    assert.equal(await cluster.openApi('shop.example.com/v1'), undefined);
    await cluster.discover({ refresh: true });
    assert.notEqual(await cluster.openApi('shop.example.com/v1'), undefined);
    await cluster.create(definitions, definition('Gadget'));
    await cluster.discover({ refresh: true });
    assert.match(JSON.stringify(await cluster.openApi('shop.example.com/v1')), /Gadget/);
    await cluster.openApi('v1');
    assert.equal(documents(server.requests).length, 4);
  });

  test('of a server that has none are undefined', async (t) => {
    const { server, cluster } = await fakeCluster(t);
    server.inject((request, response) => {
      if (!request.path.startsWith('/openapi')) return false;
      response.writeHead(404).end('404 page not found');
      return true;
    }, 10);
    assert.equal(await cluster.openApi('v1'), undefined);
  });

  test('are found below the path of a server, however the server names them', async (t) => {
    const { server, cluster } = await fakeCluster(t, {
      kubeconfigText: (fake) => fake.kubeconfig().replace(fake.url, `${fake.url}/k8s/clusters/c-1`),
    });
    server.inject((request, response) => {
      const paths = {
        'api/v1': '/openapi/v3/api/v1?hash=1',
        'apis/apps/v1': '/k8s/clusters/c-1/openapi/v3/apis/apps/v1?hash=1',
      };
      const entries = Object.entries(paths).map(([key, url]): [string, JsonObject] => [
        key,
        { serverRelativeURL: url },
      ]);
      sendJson(
        response,
        200,
        request.path.endsWith('/openapi/v3') ? { paths: Object.fromEntries(entries) } : { at: request.path },
      );
      return true;
    }, 10);
    assert.deepEqual(await cluster.openApi('v1'), { at: '/k8s/clusters/c-1/openapi/v3/api/v1' });
    assert.deepEqual(await cluster.openApi('apps/v1'), { at: '/k8s/clusters/c-1/openapi/v3/apis/apps/v1' });
  });

  test('are not fetched from elsewhere', async (t) => {
    const { server, cluster } = await fakeCluster(t);
    server.inject((request, response) => {
      if (request.path !== '/openapi/v3') return false;
      const elsewhere = { serverRelativeURL: 'http://127.0.0.1:1/openapi/v3/api/v1?hash=1' };
      sendJson(response, 200, {
        paths: { 'api/v1': elsewhere, 'apis/apps/v1': { serverRelativeURL: '@evil.example.com/' } },
      });
      return true;
    });
    assert.equal(await cluster.openApi('v1'), undefined);
    assert.equal(await cluster.openApi('apps/v1'), undefined);
  });

  test('of Kubernetes itself are kept on disk, those of CRDs are not, and a broken file counts for nothing', async (t) => {
    const schemaFolder = join(await scratchFolder(t), 'schemas');
    const { server, cluster, clusters } = await fakeCluster(t, { schemaFolder });
    await cluster.create(definitions, definition('Widget'));
    const first = await cluster.openApi('v1');
    await cluster.openApi('shop.example.com/v1');
    const [file, ...others] = await readdir(schemaFolder);
    assert.ok(file !== undefined && others.length === 0);
    const path = join(schemaFolder, file);
    assert.ok(!(await readFile(path, 'utf8')).includes('Widget'));

    const asked = documents(server.requests).length;
    clusters.reset();
    assert.deepEqual(await (await clusters.connect('admin')).openApi('v1'), first);
    assert.equal(documents(server.requests).length, asked);

    await writeFile(path, '{"components": {');
    clusters.reset();
    assert.deepEqual(await (await clusters.connect('admin')).openApi('v1'), first);
    assert.notEqual(fieldAt(first, 'components', 'schemas'), undefined);
  });

  test('come through where the folder cannot be written', async (t) => {
    const file = join(await scratchFolder(t), 'file');
    await writeFile(file, '');
    const { cluster } = await fakeCluster(t, { schemaFolder: join(file, 'below') });
    assert.notEqual(await cluster.openApi('v1'), undefined);
  });
});
