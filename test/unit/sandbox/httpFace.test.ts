import assert from 'node:assert/strict';
import { request } from 'node:https';
import { after, before, describe, test } from 'node:test';
import { type Json, field, fieldAt, listAt, stringAt } from '../../../src/core/json.ts';
import { parseJson } from '../../../src/core/jsonText.ts';
import { aggregatedType } from '../../../src/sandbox/discovery.ts';
import { ask, temporarySandbox } from './sandboxClient.ts';

const configMaps = '/api/v1/namespaces/default/configmaps';
const tableType = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';

function configMap(name: string, data: Record<string, Json> = { a: '1' }): Json {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data };
}

describe('the sandbox over HTTP', () => {
  let sandbox: Awaited<ReturnType<typeof temporarySandbox>>;
  before(async () => {
    sandbox = await temporarySandbox();
  });
  after(() => sandbox.remove());
  const create = (body: Json, query = '') => ask(sandbox, configMaps + query, { method: 'POST', body });

  test('answers nobody without the token, nobody who came by another name, and no page', async () => {
    for (const token of ['', 'wrong', `${sandbox.token}x`]) {
      const { status, json } = await ask(sandbox, '/api/v1/namespaces', { token });
      assert.deepEqual([status, field(json, 'reason')], [401, 'Unauthorized'], token);
    }
    const inQuery = await ask(sandbox, `/api/v1/namespaces?token=${sandbox.token}&access_token=${sandbox.token}`, {
      token: '',
    });
    assert.equal(inQuery.status, 401);
    for (const headers of [
      { host: 'evil.example' },
      { host: `127.0.0.1.evil.example:${new URL(sandbox.url).port}` },
      { origin: 'http://localhost:3000' },
    ]) {
      const { status } = await ask(sandbox, '/api/v1/namespaces', { headers });
      assert.equal(status, 403, JSON.stringify(headers));
    }
    assert.equal((await ask(sandbox, '/api/v1/namespaces')).status, 200);
  });

  test('discovery: whole, and in the older form', async () => {
    const whole = await ask(sandbox, '/apis', { headers: { accept: aggregatedType } });
    assert.equal(whole.headers['content-type'], aggregatedType);
    const apps = listAt(whole.json, 'items').find((item) => stringAt(item, 'metadata', 'name') === 'apps');
    const deployments = listAt(listAt(apps, 'versions')[0], 'resources').find(
      (one) => stringAt(one, 'resource') === 'deployments',
    );
    assert.deepEqual(field(deployments, 'shortNames'), ['deploy']);
    assert.deepEqual(
      listAt(deployments, 'subresources').map((one) => stringAt(one, 'subresource')),
      ['scale', 'status'],
    );
    const groups = await ask(sandbox, '/apis');
    assert.equal(field(groups.json, 'kind'), 'APIGroupList');
    const resources = await ask(sandbox, '/apis/apps/v1');
    assert.ok(listAt(resources.json, 'resources').some((one) => stringAt(one, 'name') === 'deployments/scale'));
    assert.equal((await ask(sandbox, '/apis/apps')).status, 200);
    assert.equal((await ask(sandbox, '/version')).status, 200);
  });

  test('OpenAPI: an index with hashes, and documents that hold all that they refer to', async () => {
    const index = await ask(sandbox, '/openapi/v3');
    const url = stringAt(index.json, 'paths', 'apis/apps/v1', 'serverRelativeURL') ?? '';
    assert.match(url, /^\/openapi\/v3\/apis\/apps\/v1\?hash=[0-9A-F]{128}$/);
    const { text, json } = await ask(sandbox, url);
    const schemas = fieldAt(json, 'components', 'schemas') as Record<string, Json>;
    const references = [...text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(([, name = '']) => name);
    assert.ok(references.length > 100);
    assert.deepEqual(
      references.filter((name) => !Object.hasOwn(schemas, name)),
      [],
    );
  });

  test('what is not served is a plain 404, a missing object a Status', async () => {
    for (const path of ['/apis/foo/v1/bars', '/nope', '/apis/foo', '/openapi/v2']) {
      const { status, text } = await ask(sandbox, path);
      assert.deepEqual([status, text], [404, '404 page not found\n'], path);
    }
    const resource = await ask(sandbox, '/api/v1/nopes');
    assert.deepEqual(
      [resource.status, field(resource.json, 'message')],
      [404, 'the server could not find the requested resource'],
    );
    const missing = await ask(sandbox, `${configMaps}/nope`);
    assert.deepEqual(
      [missing.status, field(missing.json, 'message'), field(missing.json, 'details')],
      [404, 'configmaps "nope" not found', { name: 'nope', kind: 'configmaps' }],
    );
  });

  test('creates, warns, refuses', async () => {
    assert.equal((await create(configMap('a'))).status, 201);
    assert.equal((await create(configMap('a'))).status, 409);
    const odd = await create({ ...(configMap('odd') as object), dat: 1 });
    assert.equal(odd.headers['warning'], '299 - "unknown field \\"dat\\""');
    const strict = await create({ ...(configMap('odd2') as object), dat: 1 }, '?fieldValidation=Strict');
    assert.equal(strict.status, 400);
    const wrong = await create({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'x' } });
    assert.equal(wrong.status, 400);
    assert.equal((await create(configMap('dry'), '?dryRun=Some')).status, 400);
    const broken = await ask(sandbox, configMaps, { method: 'POST', body: Buffer.from('{') });
    assert.equal(broken.status, 400);
    const large = await ask(sandbox, configMaps, { method: 'POST', body: Buffer.alloc(9 * 1024 * 1024, 32) }).catch(
      () => undefined,
    );
    assert.ok(large === undefined || large.status === 413, 'a body that is too large is refused');
  });

  test('patches by content type, and applies YAML', async () => {
    await create(configMap('p'));
    const patch = (contentType: string, body: Json | Buffer, query = '') =>
      ask(sandbox, `${configMaps}/p${query}`, { method: 'PATCH', body, headers: { 'content-type': contentType } });
    assert.equal(fieldAt((await patch('application/merge-patch+json', { data: { b: '2' } })).json, 'data', 'b'), '2');
    assert.equal(
      fieldAt((await patch('application/json-patch+json', [{ op: 'remove', path: '/data/b' }])).json, 'data', 'b'),
      undefined,
    );
    const yaml = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: p}\ndata: {c: "3"}\n';
    const applied = await patch('application/apply-patch+yaml', Buffer.from(yaml), '?fieldManager=me');
    assert.equal(fieldAt(applied.json, 'data', 'c'), '3');
    assert.equal((await patch('application/apply-patch+yaml', Buffer.from(yaml))).status, 422, 'no manager');
    assert.equal((await patch('application/xml', Buffer.from('x'))).status, 415);
  });

  test('a writer that names no manager is named by its program', async () => {
    await ask(sandbox, configMaps, {
      method: 'POST',
      body: configMap('agent'),
      headers: { 'user-agent': 'Mozilla/5.0' },
    });
    const { json } = await ask(sandbox, `${configMaps}/agent`);
    assert.equal(stringAt(listAt(json, 'metadata', 'managedFields')[0], 'manager'), 'Mozilla');
  });

  test('lists without kinds in items, in chunks, as a table', async () => {
    const list = await ask(sandbox, `${configMaps}?limit=1`);
    assert.equal(field(list.json, 'kind'), 'ConfigMapList');
    assert.equal(field(listAt(list.json, 'items')[0], 'kind'), undefined);
    assert.ok((stringAt(list.json, 'metadata', 'continue') ?? '') !== '');
    const table = await ask(sandbox, configMaps, { headers: { accept: tableType } });
    assert.deepEqual(
      listAt(table.json, 'columnDefinitions').map((column) => stringAt(column, 'name')),
      ['Name', 'Data', 'Age'],
    );
    assert.equal(stringAt(listAt(table.json, 'rows')[0], 'object', 'kind'), 'PartialObjectMetadata');
  });

  test('scale: shows and changes replicas, by a manager of its own without a time', async () => {
    const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i:1' }] } };
    const body = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web' },
      spec: { selector: { matchLabels: { a: 'b' } }, template },
    };
    const path = '/apis/apps/v1/namespaces/default/deployments';
    await ask(sandbox, path, { method: 'POST', body });
    const headers = { 'content-type': 'application/merge-patch+json' };
    const scaled = await ask(sandbox, `${path}/web/scale?fieldManager=kubectl`, {
      method: 'PATCH',
      body: { spec: { replicas: 4 } },
      headers,
    });
    assert.deepEqual([field(scaled.json, 'kind'), fieldAt(scaled.json, 'spec', 'replicas')], ['Scale', 4]);
    const { json } = await ask(sandbox, `${path}/web`);
    const entry = listAt(json, 'metadata', 'managedFields').find((one) => stringAt(one, 'subresource') === 'scale');
    assert.deepEqual(
      [stringAt(entry, 'manager'), field(entry, 'time'), fieldAt(entry, 'fieldsV1', 'f:spec')],
      ['kubectl', undefined, { 'f:replicas': {} }],
    );
  });

  test('reviews: who has the token may do everything', async () => {
    const body = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes: { verb: 'get' } },
    };
    const { json } = await ask(sandbox, '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
      method: 'POST',
      body,
    });
    assert.equal(fieldAt(json, 'status', 'allowed'), true);
  });

  test('watches: events as they happen, an end when the time is over, 410 for what is forgotten', async () => {
    const events: Json[] = [];
    const ended = new Promise<void>((resolve, reject) => {
      const path = `${sandbox.url}${configMaps}?watch=1&resourceVersion=${sandbox.cluster.store.resourceVersion}&timeoutSeconds=1`;
      const headers = { authorization: `Bearer ${sandbox.token}` };
      const sent = request(path, { headers, ca: sandbox.certificate }, (response) => {
        let rest = '';
        response.on('data', (chunk: Buffer) => {
          const lines = (rest + chunk.toString('utf8')).split('\n');
          rest = lines.pop() ?? '';
          events.push(...lines.map(parseJson));
        });
        response.on('end', resolve);
        void create(configMap('watched')).then(() => ask(sandbox, `${configMaps}/watched`, { method: 'DELETE' }));
      });
      sent.on('error', reject);
      sent.end();
    });
    await ended;
    assert.deepEqual(
      events.map((event) => [stringAt(event, 'type'), stringAt(event, 'object', 'metadata', 'name')]),
      [
        ['ADDED', 'watched'],
        ['DELETED', 'watched'],
      ],
    );
    for (let index = 0; index < 9000; index++)
      sandbox.cluster.store.put('/events', { apiVersion: 'v1', kind: 'Event', metadata: { name: 'e' } });
    const old = await ask(sandbox, `${configMaps}?watch=1&resourceVersion=1&timeoutSeconds=1`);
    assert.deepEqual([old.status, field(old.json, 'reason')], [410, 'Expired']);
  });

  test('listens on loopback alone', () => {
    assert.equal(new URL(sandbox.url).hostname, '127.0.0.1');
  });
});
