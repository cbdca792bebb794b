import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { ObjectKey } from '../../src/core/kube/objectKey.ts';
import { describeRestore } from '../../src/services/actions/describeRestore.ts';
import { liveValueEdit } from '../../src/services/actions/liveValueEdit.ts';
import { describeSuspension } from '../../src/services/actions/suspension.ts';
import type { Clone } from '../rig/cluster/clone.ts';
import { type ControlPlane, startControlPlane } from '../rig/cluster/controlPlane.ts';
import { skipReason } from '../rig/cluster/requirements.ts';
import { until } from '../rig/cluster/until.ts';
import { Loop } from '../support/loop.ts';
import { folder, namespace, pushApplication } from '../support/loopApplication.ts';
import { configMap, deployment, kustomization, refusesForReal } from '../support/loopManifests.ts';
import { patchLive } from '../support/patchLive.ts';
import { type RigActions, openRigActions } from '../support/rigScope.ts';

const options = { gitServer: true };
const cli = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));
const web: ObjectKey = { group: 'apps', kind: 'Deployment', namespace, name: 'web' };
const settings: ObjectKey = { group: '', kind: 'ConfigMap', namespace, name: 'settings' };

describe('actions where Plumbline applies', { skip: await skipReason(options) }, () => {
  let plane: ControlPlane;
  let clone: Clone;
  let loop: Loop;
  let actions: RigActions;

  before(async () => {
    plane = await startControlPlane(options);
    ({ clone } = await pushApplication(plane));
    loop = new Loop(plane, clone, folder);
    actions = await openRigActions(plane, clone);
    await loop.synced();
  });
  after(async () => {
    console.log(`plans held against what happened: ${JSON.stringify(loop.counts)}`);
    await actions.dispose();
    await plane.stop();
  });

  const kubectl = (...args: string[]): Promise<string> => plane.kubectl([...args, '-n', namespace]);
  const editByHand = (what: string, value: object): Promise<string> =>
    patchLive(plane, what, namespace, 'kubectl-edit', value);
  const restore = (key: ObjectKey): ReturnType<RigActions['restore']> => actions.restore(folder, key);
  const managersOf = async (what: string): Promise<string[]> => {
    const text = await kubectl('get', what, '--show-managed-fields', '-o=json');
    const { metadata } = JSON.parse(text) as { metadata: { managedFields: { manager: string; operation: string }[] } };
    return metadata.managedFields.map(({ manager, operation }) => `${manager} ${operation}`);
  };

  test('one object is restored by the manager that applied it, and the other edit stays', async () => {
    await editByHand('deployment/web', { spec: { replicas: 5 } });
    await editByHand('configmap/settings', { data: { greeting: 'edited' } });
    const { described, outcome } = await restore(web);
    assert.deepEqual(described.by, { engine: 'direct', manager: 'plumbline' });
    assert.deepEqual(
      described.plan.steps.map(({ name, action, changes }) => [name, action, changes.map(({ path }) => path)]),
      [['web', 'configure', ['spec.replicas']]],
    );
    assert.deepEqual(outcome, { result: 'restored', pending: [], kept: [] });
    assert.equal(await kubectl('get', 'deployment/web', '-o=jsonpath={.spec.replicas}'), '2');
    assert.deepEqual(await loop.findings(), ['ConfigMap/settings drifted']);
    assert.equal((await restore(settings)).outcome.result, 'restored');
    assert.deepEqual(await loop.findings(), []);
  });

  test('a restored object stays in the inventory: Git that drops it prunes it', async () => {
    await kubectl('delete', 'configmap/settings');
    const { described, outcome } = await restore(settings);
    assert.equal(described.step.action, 'create');
    assert.equal(outcome.result, 'restored');
    const label = await kubectl('get', 'configmap/settings', '-o=jsonpath={.metadata.labels}');
    assert.match(label, /applyset\.kubernetes\.io\/part-of/);
    assert.deepEqual(await loop.findings(), []);
  });

  test('what kubectl applied client-side is migrated, which is said before, and Git that drops a field takes it along', async () => {
    await kubectl('delete', 'configmap/settings');
    await plane.kubectl(['apply', '-f', join(clone.folder, folder, 'settings.yaml')]);
    await editByHand('configmap/settings', { data: { greeting: 'edited' } });
    const { described, outcome } = await restore(settings);
    assert.match(described.by.engine === 'direct' ? (described.by.migration ?? '') : '', /server-side as kubectl/);
    assert.equal(outcome.result, 'restored');
    assert.ok((await managersOf('configmap/settings')).includes('kubectl Apply'));
    assert.deepEqual(await loop.findings(), []);
    await writeFile(
      join(clone.folder, folder, 'settings.yaml'),
      configMap(namespace, 'settings', 'x').replace('greeting', 'other'),
    );
    assert.equal((await restore(settings)).outcome.result, 'restored');
    assert.equal(await kubectl('get', 'configmap/settings', '-o=jsonpath={.data}'), '{"other":"x"}');
    await clone.git('checkout', '--', folder);
    assert.equal((await restore(settings)).outcome.result, 'restored');
  });

  test('what nobody applied gets an owner, which is said before', async () => {
    await kubectl('delete', 'configmap/settings');
    await kubectl('create', 'configmap', 'settings', '--from-literal=greeting=other');
    const { described, outcome } = await restore(settings);
    assert.match(
      described.by.engine === 'direct' ? (described.by.migration ?? '') : '',
      /nobody is known to have applied it/,
    );
    assert.equal(outcome.result, 'restored');
    assert.ok((await managersOf('configmap/settings')).includes('plumbline Apply'));
    assert.deepEqual(await loop.findings(), []);
  });

  test('what the cluster refuses, and what Git does not declare, is refused', async () => {
    await writeFile(join(clone.folder, folder, 'deployment.yaml'), deployment(namespace, { app: 'other' }));
    const blocked = await describeRestore(await actions.scope(), folder, web);
    assert.match(blocked.result === 'refused' ? blocked.reason : '', /the cluster refuses it: .*immutable/);
    await clone.git('checkout', '--', folder);
    const unknown = await describeRestore(await actions.scope(), folder, { ...settings, name: 'nothing' });
    assert.match(unknown.result === 'refused' ? unknown.reason : '', /Git does not declare/);
    const nothing = await describeSuspension(await actions.scope(), folder, true);
    assert.match(nothing.result === 'refused' ? nothing.reason : '', /nothing applies apps\/shop by itself/);
  });

  test('a live value is written, committed, pushed and synced, and Git and cluster agree', async () => {
    await editByHand('deployment/web', { spec: { replicas: 4 } });
    const scope = await actions.scope();
    const edit = await liveValueEdit(scope, folder, web, [{ field: 'spec' }, { field: 'replicas' }]);
    assert.equal(edit.result, 'possible', JSON.stringify(edit));
    await writeFile(join(clone.folder, edit.file), edit.newText);
    assert.deepEqual(await loop.findings(), []);
    const outcome = await actions.commitAndSync(folder, [edit.file], { message: 'Keep four of them' });
    assert.deepEqual(outcome, { result: 'done', health: 'healthy' });
    assert.equal(await clone.status(), '## main...origin/main');
    assert.equal(await clone.git('show', '--name-only', '--format=%s'), `Keep four of them\n\n${edit.file}\n`);
    assert.deepEqual(await loop.findings(), []);
  });

  test('one object is denied half-way: what was applied is counted and kept, and the next run completes', async () => {
    await plane.kubectl(['apply', '-f', '-'], { input: refusesForReal });
    await until('the policy is in force', async () => {
      const denied = await plane.tryKubectl(['create', 'configmap', 'denied', '-n', namespace]);
      if (denied.code === 0) await kubectl('delete', 'configmap/denied');
      return denied.code !== 0;
    });
    const maps = ['a-first', 'denied', 'z-last'];
    await clone.commit({
      [`${folder}/kustomization.yaml`]: kustomization('deployment.yaml', 'service.yaml', 'settings.yaml', 'maps.yaml'),
      [`${folder}/maps.yaml`]: maps.map((name) => configMap(namespace, name, 'new')).join('---\n'),
    });
    await clone.push();
    const first = await loop.sync();
    assert.equal(first.code, 3, first.stdout);
    assert.match(first.stdout, /failed: .*denied for the test.*\(1 of 6 objects applied\)/s);
    const plan = await loop.preview();
    const toCome = plan.steps.filter(({ action }) => action === 'create').map(({ name }) => name);
    assert.deepEqual(toCome.sort(), ['denied', 'z-last']);
    await plane.kubectl(['delete', 'validatingadmissionpolicybindings,validatingadmissionpolicies', 'half-way']);
    await until('a sync completes', async () => (await loop.sync('--wait')).code === 0);
    assert.deepEqual(await loop.findings(), []);
  });

  test('Ctrl-C during a sync ends with a sentence and code 3, and a new sync goes on from there', async () => {
    const many = Array.from({ length: 60 }, (_, index) => configMap(namespace, `many-${String(index)}`, 'one'));
    await clone.commit({
      [`${folder}/kustomization.yaml`]: kustomization('deployment.yaml', 'service.yaml', 'settings.yaml', 'many.yaml'),
      [`${folder}/many.yaml`]: many.join('---\n'),
      [`${folder}/maps.yaml`]: undefined,
    });
    await clone.push();
    const args = [
      'sync',
      clone.folder,
      '--app',
      folder,
      '--context',
      'admin',
      '--kubeconfig',
      plane.kubeconfig,
      '--yes',
    ];
    const child = spawn(process.execPath, [cli, ...args], {
      cwd: clone.folder,
      env: { ...process.env, ...plane.environment, HOME: plane.folder },
    });
    let said = '';
    let stopped = false;
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => {
      if (stopped || !/many-/.test(chunk.toString())) return;
      stopped = true;
      child.kill('SIGINT');
    });
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    assert.equal(code, 3, said);
    assert.match(said, /shop: Stopped\. \d+ of 63 objects applied; a new sync goes on from there\./);
    const plan = await loop.preview();
    assert.ok(plan.summary.create > 0 && plan.summary.create < 60, JSON.stringify(plan.summary));
    await loop.synced('--prune');
    assert.deepEqual(await loop.findings(), []);
  });

  test('a remote that moved on: a rollback is refused before it commits, and completes after a pull', async () => {
    const good = await clone.head();
    await clone.commit({ [`${folder}/settings.yaml`]: configMap(namespace, 'settings', 'bad') });
    await clone.push();
    await loop.synced('--prune');
    await clone.git('commit', '--quiet', '--allow-empty', '-m', 'Somebody else');
    await clone.push();
    await clone.git('reset', '--quiet', '--hard', 'HEAD~1');
    const refused = await loop.run('rollback', '--to', good, '--yes');
    assert.equal(refused.code, 3, refused.stdout);
    assert.match(refused.stdout, /main is 1 commit behind its upstream.*Pull first/s);
    assert.equal(await clone.status(), '## main...origin/main [behind 1]');
    await clone.git('pull', '--quiet');
    const done = await loop.run('rollback', '--to', good, '--yes', '--timeout', '60');
    assert.equal(done.code, 0, `${done.stdout}\n${done.stderr}`);
    assert.deepEqual(await loop.findings(), []);
  });

  test('a rollback on a branch is pushed there and syncs nothing; a second run goes on', async () => {
    const good = await clone.head();
    await clone.commit({ [`${folder}/settings.yaml`]: configMap(namespace, 'settings', 'other') });
    await clone.push();
    await loop.synced('--prune');
    const before = await loop.live();
    const args = ['--to', good, '--branch', 'undo', '--message', 'Undo it', '--yes'];
    const answer = await loop.run('rollback', ...args);
    assert.equal(answer.code, 0, `${answer.stdout}\n${answer.stderr}`);
    assert.match(answer.stdout, /pushed undo; merge it to roll back/);
    assert.equal(await clone.status(), '## undo...origin/undo');
    assert.equal((await clone.git('log', '-1', '--format=%s')).trim(), 'Undo it');
    assert.deepEqual(await loop.live(), before);
    const again = await loop.run('rollback', ...args);
    assert.equal(again.code, 0, `${again.stdout}\n${again.stderr}`);
    await clone.git('switch', '--quiet', 'main');
  });
});
