import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { field, stringAt } from '../../../src/core/json.ts';
import { SandboxError } from '../../../src/sandbox/sandboxError.ts';
import { startSandbox } from '../../../src/sandbox/sandboxServer.ts';
import { ask, temporarySandbox } from './sandboxClient.ts';

const configMaps = '/api/v1/namespaces/default/configmaps';

describe('what the sandbox keeps', () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'plumbline-sandbox-'));
  });
  after(() => rm(directory, { recursive: true }));

  test('outlives a restart, with versions that go on and watches of before told to list again', async () => {
    const first = await startSandbox({ dataDirectory: directory });
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'kept' }, data: { a: '1' } };
    await ask(first, configMaps, { method: 'POST', body });
    const version = first.cluster.store.resourceVersion;
    await first.stop();

    const second = await startSandbox({ dataDirectory: directory });
    const { json } = await ask(second, `${configMaps}/kept`);
    assert.deepEqual(field(json, 'data'), { a: '1' });
    assert.ok(second.cluster.store.resourceVersion >= version);
    const watch = await ask(second, `${configMaps}?watch=1&resourceVersion=2`);
    assert.deepEqual([watch.status, field(watch.json, 'reason')], [410, 'Expired']);
    assert.notEqual(second.token, first.token, 'each start has a token of its own');
    await second.stop();
  });

  test('is for the user alone', async () => {
    const sandbox = await startSandbox({ dataDirectory: directory });
    for (const file of ['kubeconfig', 'journal.ndjson', 'snapshot.json']) {
      const { mode } = await stat(join(directory, file));
      assert.equal(mode & 0o777, 0o600, file);
    }
    const kubeconfig = await readFile(sandbox.kubeconfigPath, 'utf8');
    assert.match(kubeconfig, /^current-context: plumbline-sandbox$/m);
    assert.equal(kubeconfig.match(/^- name:/gm)?.length, 3, 'one cluster, one user, one context');
    await sandbox.stop();
  });

  test('a second sandbox over the same folder is refused while the first lives', async () => {
    const sandbox = await startSandbox({ dataDirectory: directory });
    await assert.rejects(startSandbox({ dataDirectory: directory }), (error) => SandboxError.is(error, 'in-use'));
    await sandbox.stop();
  });

  test('a taken port is named, and leaves the folder free', async () => {
    const sandbox = await temporarySandbox();
    const port = Number(new URL(sandbox.url).port);
    await assert.rejects(startSandbox({ dataDirectory: directory, port }), (error) =>
      SandboxError.is(error, 'port-taken'),
    );
    await sandbox.remove();
    await (await startSandbox({ dataDirectory: directory })).stop();
  });

  test('a line that was torn is dropped, all before it stay', async () => {
    const sandbox = await startSandbox({ dataDirectory: directory });
    await ask(sandbox, configMaps, {
      method: 'POST',
      body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'whole' } },
    });
    await sandbox.stop();
    await appendFile(
      join(directory, 'journal.ndjson'),
      '{"type":"ADDED","key":"/configmaps","rv":999999,"object":{"apiVersion":"v1","ki',
    );
    const again = await startSandbox({ dataDirectory: directory });
    assert.equal((await ask(again, `${configMaps}/whole`)).status, 200);
    assert.ok(again.cluster.store.resourceVersion < 999_999);
    await again.stop();
  });

  test('reset leaves what a new cluster has, and nothing of before', async () => {
    const sandbox = await startSandbox({ dataDirectory: directory });
    await ask(sandbox, configMaps, {
      method: 'POST',
      body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'gone' } },
    });
    const version = sandbox.cluster.store.resourceVersion;
    sandbox.reset();
    assert.equal((await ask(sandbox, `${configMaps}/gone`)).status, 404);
    assert.equal((await ask(sandbox, '/api/v1/namespaces/default')).status, 200);
    assert.ok(sandbox.cluster.store.resourceVersion > version);
    await sandbox.stop();
    const again = await startSandbox({ dataDirectory: directory });
    assert.equal((await ask(again, `${configMaps}/gone`)).status, 404);
    await again.stop();
  });

  test('what was answered outlives a kill', async () => {
    const child = spawn(process.execPath, [fileURLToPath(new URL('killedSandbox.ts', import.meta.url)), directory], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const target = JSON.parse(line.toString('utf8')) as { url: string; token: string; certificate: string };
    for (let index = 0; index < 20; index++) {
      const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `answered-${index}` } };
      const { status } = await ask(target, configMaps, { method: 'POST', body });
      assert.equal(status, 201);
    }
    child.kill('SIGKILL');
    await once(child, 'exit');
    const again = await startSandbox({ dataDirectory: directory });
    for (let index = 0; index < 20; index++) {
      const { json } = await ask(again, `${configMaps}/answered-${index}`);
      assert.equal(stringAt(json, 'metadata', 'name'), `answered-${index}`);
    }
    await again.stop();
  });
});
