import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type TestContext, describe, test } from 'node:test';
import { SpawnRunner } from '../../../../src/adapters/process/spawnRunner.ts';
import { runExecPlugin } from '../../../../src/adapters/kubernetes/execCredential.ts';
import type { ContextConfig } from '../../../../src/adapters/kubernetes/kubeconfig.ts';
import type { JsonObject } from '../../../../src/core/json.ts';
import { until } from '../../../rig/cluster/until.ts';
import { refusal, withUser } from './credentials.ts';
import { type FakeCluster, configMaps, fakeCluster, scratchFolder } from './fixture.ts';

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

function contextOf(user: JsonObject): ContextConfig {
  return {
    ...{ context: 'prod', namespace: undefined, server: 'https://a', clusterName: 'c', cluster: {} },
    ...{ userName: 'u', user, userFolder: '/' },
  };
}
