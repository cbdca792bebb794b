import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openRepository } from '../../../../src/adapters/git/localRepository.ts';
import { SpawnRunner } from '../../../../src/adapters/process/spawnRunner.ts';
import type { GitRepository } from '../../../../src/ports/gitRepository.ts';
import type { SimulatedClusterPort } from '../../../../src/sandbox/simulatedClusterPort.ts';
import {
  type PreparedRollback,
  type RollbackOptions,
  carryOutRollback,
  prepareRollback,
} from '../../../../src/services/rollback/rollBack.ts';
import { type WorkRepository, copyToRepository } from '../../../support/workRepository.ts';
import { appliedCluster, openScope } from '../actions/scopeFixture.ts';

const silent = (): void => undefined;
const configMap = (name: string, value: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n  namespace: default\ndata:\n  value: ${value}\n`;

/** Application `one` at two commits, and a cluster that holds the second. */
async function world(t: TestContext): Promise<{
  work: WorkRepository;
  repository: GitRepository;
  cluster: SimulatedClusterPort;
  first: string;
}> {
  const work = await copyToRepository('.', []);
  t.after(() => work.dispose());
  await work.git('config', 'user.name', 'Test');
  await work.git('config', 'user.email', 'test@example.invalid');
  await work.git('config', 'commit.gpgSign', 'false');
  const first = await work.commit({ 'one/map.yaml': configMap('one', 'good'), 'two/map.yaml': configMap('two', 'x') });
  await work.commit({ 'one/map.yaml': configMap('one', 'bad') });
  const repository = await openRepository(work.folder, new SpawnRunner());
  t.after(() => repository.dispose());
  const cluster = await appliedCluster(repository.workingTree(), []);
  return { work, repository, cluster, first };
}

const options = (to: string, more: Partial<RollbackOptions> = {}): RollbackOptions => ({
  application: 'one',
  to,
  shared: false,
  push: true,
  waitMilliseconds: 5000,
  ...more,
});

async function prepare(
  cluster: SimulatedClusterPort,
  repository: GitRepository,
  wanted: RollbackOptions,
): Promise<PreparedRollback> {
  const scope = await openScope(repository.workingTree(), cluster, repository);
  const prepared = await prepareRollback(scope, repository, wanted);
  assert.ok(prepared);
  return prepared;
}

test('restores, commits, applies; a second run has nothing to commit', async (t) => {
  const { work, repository, cluster, first } = await world(t);
  const scope = await openScope(repository.workingTree(), cluster, repository);
  const prepared = await prepareRollback(scope, repository, options(first));
  assert.ok(prepared);
  assert.deepEqual(prepared.files.paths, ['one/map.yaml']);
  assert.deepEqual(
    prepared.plans.plans.map(({ application, summary }) => [application, summary.configure]),
    [['one', 1]],
  );
  const outcome = await carryOutRollback(scope, repository, prepared, options(first), silent);
  assert.deepEqual(outcome, { result: 'done', health: 'healthy' });
  assert.equal((await work.git('log', '-1', '--format=%s')).trim(), `Roll back one to ${first.slice(0, 7)}`);
  const { resources } = await cluster.discover();
  const resource = resources.find(({ kind }) => kind === 'ConfigMap');
  assert.ok(resource);
  assert.deepEqual((await cluster.get(resource, 'default', 'one'))?.['data'], { value: 'good' });
  const head = await work.git('rev-parse', 'HEAD');
  const again = await openScope(repository.workingTree(), cluster, repository);
  const second = await prepareRollback(again, repository, options(first));
  assert.deepEqual(second?.files.paths, []);
  assert.deepEqual(await carryOutRollback(again, repository, second, options(first), silent), outcome);
  assert.equal(await work.git('rev-parse', 'HEAD'), head);
});

test('uncommitted changes would be lost: refused, and nothing is done although asked to', async (t) => {
  const { work, repository, cluster, first } = await world(t);
  await writeFile(join(work.folder, 'one/map.yaml'), configMap('one', 'edited'));
  const scope = await openScope(repository.workingTree(), cluster, repository);
  const prepared = await prepareRollback(scope, repository, options(first));
  assert.equal(prepared?.refusal?.because, 'dirty');
  const outcome = await carryOutRollback(scope, repository, prepared, options(first), silent);
  assert.deepEqual(outcome, {
    result: 'refused',
    reason: 'uncommitted changes would be lost: one/map.yaml',
    remedy: 'Commit or discard them.',
  });
  assert.equal((await work.git('status', '--porcelain')).trim(), 'M one/map.yaml');
});

test('files that others read: their plans are shown, and it is refused until it is said again', async (t) => {
  const { work, repository, cluster } = await world(t);
  const overlay = (name: string): string => `namePrefix: ${name}-\nresources:\n  - ../base\n`;
  const good = await work.commit({
    'base/kustomization.yaml': 'resources:\n  - map.yaml\n',
    'base/map.yaml': configMap('shared', 'good'),
    'a/kustomization.yaml': overlay('a'),
    'b/kustomization.yaml': overlay('b'),
  });
  await work.commit({ 'base/map.yaml': configMap('shared', 'bad') });
  const wanted = options(good, { application: 'a' });
  const prepared = await prepare(cluster, repository, wanted);
  assert.equal(prepared.refusal?.because, 'shared');
  assert.match(prepared.refusal.reason, /b reads base\/map\.yaml/);
  assert.deepEqual(prepared.plans.plans.map(({ application }) => application).sort(), ['a', 'b']);
  assert.equal((await prepare(cluster, repository, { ...wanted, shared: true })).refusal, undefined);
});

test('what the cluster would refuse is refused before Git is touched; a commit for later is not', async (t) => {
  const { work, repository, cluster } = await world(t);
  const nowhere = configMap('one', 'x').replace('default', 'nowhere');
  const bad = await work.commit({ 'one/map.yaml': nowhere });
  await work.commit({ 'one/map.yaml': configMap('one', 'y') });
  const prepared = await prepare(cluster, repository, options(bad));
  assert.equal(prepared.refusal?.because, 'plan');
  assert.match(prepared.refusal.reason, /ConfigMap nowhere\/one is blocked/);
  assert.equal((await prepare(cluster, repository, options(bad, { push: false }))).refusal, undefined);
});

test('a branch that is behind its upstream is refused, unless nothing is pushed', async (t) => {
  const { work, repository, cluster, first } = await world(t);
  await work.git('clone', '--quiet', '--bare', '.', '.git/remote.git');
  await work.git('remote', 'add', 'origin', join(work.folder, '.git/remote.git'));
  await work.commit({ 'README.md': 'more\n' });
  await work.git('push', '--quiet', '--set-upstream', 'origin', 'main');
  await work.git('reset', '--quiet', '--hard', 'HEAD~1');
  const prepared = await prepare(cluster, repository, options(first));
  assert.equal(prepared.refusal?.because, 'behind');
  assert.equal((await prepare(cluster, repository, options(first, { push: false }))).refusal, undefined);
});

test('stopped before anything: the files are as they were', async (t) => {
  const { work, repository, cluster, first } = await world(t);
  const scope = await openScope(repository.workingTree(), cluster, repository);
  const prepared = await prepareRollback(scope, repository, options(first));
  assert.ok(prepared);
  const signal = AbortSignal.abort(new Error('stopped'));
  const outcome = await carryOutRollback(scope, repository, prepared, options(first), silent, signal);
  assert.equal(outcome.result, 'stopped');
  assert.equal((await work.git('status', '--porcelain')).trim(), '');
});

test('an application that is not there', async (t) => {
  const { repository, cluster, first } = await world(t);
  const scope = await openScope(repository.workingTree(), cluster, repository);
  assert.equal(await prepareRollback(scope, repository, options(first, { application: 'none' })), undefined);
});

test('what is edited while a person thinks is not lost', async (t) => {
  const { work, repository, cluster, first } = await world(t);
  const scope = await openScope(repository.workingTree(), cluster, repository);
  const prepared = await prepareRollback(scope, repository, options(first));
  assert.ok(prepared);
  assert.equal(prepared.refusal, undefined);
  await writeFile(join(work.folder, 'one/map.yaml'), configMap('one', 'edited'));
  const outcome = await carryOutRollback(scope, repository, prepared, options(first), silent);
  assert.equal(outcome.result, 'refused');
  assert.match(outcome.reason, /uncommitted changes would be lost: one\/map\.yaml/);
  assert.match(await readFile(join(work.folder, 'one/map.yaml'), 'utf8'), /edited/);
});

test('a commit that a hook refuses leaves no file behind that the rollback brought back', async (t) => {
  const { work, repository, cluster } = await world(t);
  const then = await work.commit({ 'one/second.yaml': configMap('second', 'x') });
  await work.git('rm', '-q', 'one/second.yaml');
  await work.git('commit', '-q', '-m', 'Remove it');
  await writeFile(join(work.folder, '.git/hooks/pre-commit'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
  const scope = await openScope(repository.workingTree(), cluster, repository);
  const prepared = await prepareRollback(scope, repository, options(then));
  assert.deepEqual(prepared?.files.paths, ['one/second.yaml']);
  const outcome = await carryOutRollback(scope, repository, prepared, options(then), silent);
  assert.equal(outcome.result, 'failed');
  assert.match(outcome.done, /nothing was committed, the files are as they were/);
  assert.equal(await work.git('status', '--porcelain'), '');
});
