import assert from 'node:assert/strict';
import { test } from 'node:test';
import { english } from '../../../../src/core/explain/wording.ts';
import type { Question } from '../../../../src/editor/actions/prompts.ts';
import { type ContextRules, rulesOf } from '../../../../src/editor/permission/contextRules.ts';
import { GuardedClusters } from '../../../../src/editor/permission/guardedClusters.ts';
import { Permissions } from '../../../../src/editor/permission/permissions.ts';
import { ClusterError } from '../../../../src/ports/clusterError.ts';
import { SimulatedClusterPort } from '../../../../src/sandbox/simulatedClusterPort.ts';
import { ScriptedPrompts } from '../scriptedPrompts.ts';

const server = 'https://10.0.0.1:6443';

function setUp(
  answers: (string | undefined)[],
  given: { trusted?: boolean; sandbox?: string; writable?: object } = {},
) {
  const writable: Record<string, unknown> = { ...given.writable };
  const prompts = new ScriptedPrompts(answers);
  const rules = (): ContextRules => rulesOf(writable, ['*prod*']);
  const permissions = new Permissions({
    prompts,
    rules,
    allow: (context, at) => {
      writable[context] = at;
      return Promise.resolve();
    },
    isSandbox: (context) => context === given.sandbox,
    isTrusted: () => given.trusted !== false,
    t: english,
  });
  return { permissions, prompts, writable };
}

const questions = (prompts: ScriptedPrompts): Question[] => prompts.questions;

test('a context is asked about once, by name and server, and the answer is kept', async () => {
  const { permissions, prompts, writable } = setUp(['Allow']);
  assert.equal(permissions.mayChange('prod-eu', server), false);
  assert.equal(await permissions.request({ context: 'prod-eu', server }), true);
  assert.equal(await permissions.request({ context: 'prod-eu', server }), true);
  assert.deepEqual(questions(prompts), [
    {
      message: 'May Plumbline change prod-eu?',
      detail: [
        'Server: https://10.0.0.1:6443',
        'Nothing is changed by this. Each change shows first what it will do, and asks.',
        'Kept in your user settings as plumbline.writableContexts; remove it there to take it back.',
      ].join('\n'),
      buttons: ['Allow'],
    },
  ]);
  assert.deepEqual(writable, { 'prod-eu': server });
});

test('who declines is asked again next time, and nothing is kept', async () => {
  const { permissions, writable } = setUp([undefined, undefined]);
  assert.equal(await permissions.request({ context: 'prod-eu', server }), false);
  assert.equal(await permissions.request({ context: 'prod-eu', server }), false);
  assert.deepEqual(writable, {});
});

test('a context that points to another server is another cluster', async () => {
  const { permissions, prompts } = setUp(['Allow'], { writable: { 'prod-eu': 'https://old' } });
  assert.equal(permissions.mayChange('prod-eu', server), false);
  assert.equal(await permissions.request({ context: 'prod-eu', server }), true);
  assert.match(questions(prompts)[0]?.detail ?? '', /You allowed it when it pointed to https:\/\/old: this is another/);
});

test('the sandbox always may and is never protected; nothing may in Restricted Mode', async () => {
  const sandbox = setUp([], { sandbox: 'prod-sandbox' });
  assert.equal(await sandbox.permissions.request({ context: 'prod-sandbox', server }), true);
  assert.equal(sandbox.permissions.isProtected('prod-sandbox'), false);
  assert.equal(sandbox.permissions.isProtected('prod-eu'), true);
  const untrusted = setUp([], { trusted: false, sandbox: 'x', writable: { 'prod-eu': server } });
  assert.equal(await untrusted.permissions.request({ context: 'prod-eu', server }), false);
  assert.equal(untrusted.permissions.mayChange('x', server), false);
  assert.deepEqual(untrusted.prompts.questions, []);
});

test('no write of any kind passes the door of a context that was not allowed, and every dry run does', async () => {
  const port = new SimulatedClusterPort({ context: 'prod-eu' });
  let allowed = false;
  const clusters = new GuardedClusters(
    {
      contexts: () => Promise.resolve({ contexts: [], problems: [], files: [] }),
      connect: () => Promise.resolve(port),
      reset: () => undefined,
    },
    () => allowed,
  );
  const cluster = await clusters.connect('prod-eu');
  assert.equal(await clusters.connect('prod-eu'), cluster, 'one client stays one client');
  const { resources } = await cluster.discover();
  const configMaps = resources.find((resource) => resource.kind === 'ConfigMap' && resource.group === '');
  assert.ok(configMaps);
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', namespace: 'default' } };
  const writes = (dryRun: boolean): (() => Promise<unknown>)[] => [
    () => cluster.apply(configMaps, object, { fieldManager: 'plumbline', dryRun }),
    () => cluster.create(configMaps, object, { dryRun }),
    () => cluster.patch(configMaps, 'default', 'c', { data: { a: 'b' } }, { type: 'merge', dryRun }),
    () => cluster.delete(configMaps, 'default', 'c', { dryRun }),
  ];
  for (const write of writes(false)) {
    await assert.rejects(write, (error) => ClusterError.is(error, 'forbidden') && error.message.includes('prod-eu'));
  }
  await assert.rejects(() => cluster.create(configMaps, object), 'without options');
  assert.equal(await cluster.get(configMaps, 'default', 'c'), undefined);
  allowed = true;
  await cluster.create(configMaps, object);
  allowed = false;
  const [apply, , patch, remove] = writes(true);
  for (const dryRun of [apply, patch, remove]) await dryRun?.();
  assert.deepEqual((await cluster.get(configMaps, 'default', 'c'))?.['data'], undefined);
});
