import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { ObjectKey } from '../../src/core/kube/objectKey.ts';
import { describeRestore } from '../../src/services/actions/describeRestore.ts';
import { liveValueEdit } from '../../src/services/actions/liveValueEdit.ts';
import { describeSuspension, setSuspended } from '../../src/services/actions/suspension.ts';
import type { SyncOutcome } from '../../src/services/sync/syncOutcome.ts';
import type { Clone } from '../rig/cluster/clone.ts';
import { type ControlPlane, startControlPlane } from '../rig/cluster/controlPlane.ts';
import { requestReconcile, untilApplied } from '../rig/cluster/requestReconcile.ts';
import { skipReason } from '../rig/cluster/requirements.ts';
import { until } from '../rig/cluster/until.ts';
import { Loop } from '../support/loop.ts';
import { folder, namespace, pushFleet } from '../support/loopApplication.ts';
import { configMap, deployment, fluxKustomization, service } from '../support/loopManifests.ts';
import { patchLive } from '../support/patchLive.ts';
import { type CommitRun, type RigActions, openRigActions } from '../support/rigScope.ts';

const options = { flux: true };
const application = 'flux:default/shop';
const web: ObjectKey = { group: 'apps', kind: 'Deployment', namespace, name: 'web' };
const settings: ObjectKey = { group: '', kind: 'ConfigMap', namespace, name: 'settings' };
const settingsFile = `${folder}/settings.yaml`;

describe('actions on what Flux delivers', { skip: await skipReason(options) }, () => {
  let plane: ControlPlane;
  let clone: Clone;
  let loop: Loop;
  let actions: RigActions;

  before(async () => {
    plane = await startControlPlane(options);
    ({ clone } = await pushFleet(plane));
    loop = new Loop(plane, clone, application);
    actions = await openRigActions(plane, clone);
  });
  after(async () => {
    console.log(`plans held against what happened: ${JSON.stringify(loop.counts)}`);
    await actions.dispose();
    await plane.stop();
  });

  const kubectl = (...args: string[]): Promise<string> => plane.kubectl([...args, '-n', namespace]);
  const patch = (what: string, value: object, manager: string): Promise<string> =>
    patchLive(plane, what, namespace, manager, value);
  const restore = (key: ObjectKey): ReturnType<RigActions['restore']> => actions.restore(application, key);
  const commit = (paths: readonly string[], more?: CommitRun): Promise<SyncOutcome> =>
    actions.commitAndSync(application, paths, more);
  const write = (files: Record<string, string>): Promise<unknown> =>
    Promise.all(Object.entries(files).map(([path, text]) => writeFile(join(clone.folder, path), text)));

  test('restoring one object reconciles its Kustomization, and is proved', async () => {
    await patch('deployment/web', { spec: { replicas: 5 } }, 'kubectl-edit');
    await patch('configmap/settings', { data: { greeting: 'edited' } }, 'kubectl-edit');
    const { described, outcome } = await held(() => restore(web));
    assert.deepEqual(described.by.engine === 'flux' && described.by.kustomization, 'Kustomization default/shop');
    assert.equal(described.step.action, 'configure');
    assert.deepEqual(
      described.plan.steps
        .filter(({ action }) => action === 'configure')
        .map(({ name }) => name)
        .sort(),
      ['settings', 'web'],
      'it is said that the other edit goes as well',
    );
    assert.deepEqual(outcome, { result: 'restored', pending: [], kept: [] });
    assert.equal(await kubectl('get', 'deployment/web', '-o=jsonpath={.spec.replicas}'), '2');
    assert.deepEqual(await loop.findings(), []);
  });

  test('a restore brings nothing new from Git', async () => {
    await patch('deployment/web', { spec: { replicas: 5 } }, 'kubectl-edit');
    await clone.commit({ [`${folder}/deployment.yaml`]: deployment(namespace, { tag: '2.0' }) });
    await clone.push();
    const { outcome } = await restore(web);
    assert.deepEqual(outcome.result === 'restored' && outcome.pending.map(({ path }) => path), [
      'spec.template.spec.containers[name=web].image',
    ]);
    assert.equal(
      await kubectl('get', 'deployment/web', '-o=jsonpath={.spec.replicas} {.spec.template.spec.containers[0].image}'),
      '2 example.invalid/web:1.0',
    );
    await loop.synced();
  });

  test('what Flux leaves to another manager is foretold, and said afterwards', async () => {
    await patch('configmap/settings', { data: { greeting: 'edited', added: 'by k9s' } }, 'k9s');
    const { described, outcome } = await held(() => restore(settings));
    assert.deepEqual(
      described.keeps.map(({ path }) => path),
      ['data.added'],
    );
    assert.deepEqual(outcome.result === 'restored' && outcome.kept.map(({ path }) => path), ['data.added']);
    assert.equal(
      await kubectl('get', 'configmap/settings', '-o=jsonpath={.data}'),
      '{"added":"by k9s","greeting":"hello"}',
    );
    await kubectl('patch', 'configmap/settings', '--type=merge', '-p', '{"data":{"added":null}}');
  });

  test('suspended: said, refused, resumed; Git that says otherwise is warned of', async () => {
    const scope = await actions.scope();
    const described = await describeSuspension(scope, application, true);
    assert.equal(described.result, 'possible');
    assert.equal(described.isSo, false);
    assert.match(described.warnings.join(), /applied by Kustomization default\/rig, which leaves spec\.suspend alone/);
    const outcome = await setSuspended(scope, described, { reason: 'an incident' });
    assert.deepEqual(outcome, { result: 'done', health: 'not-waited' });
    assert.equal(await plane.kubectl(['get', 'kustomization/shop', '-o=jsonpath={.spec.suspend}']), 'true');
    const held = await describeRestore(await actions.scope(), application, web);
    assert.match(held.result === 'refused' ? held.reason : '', /suspended/);
    await write({ [settingsFile]: configMap(namespace, 'settings', 'suspended') });
    const refused = await commit([settingsFile]);
    assert.match(refused.result === 'refused' ? refused.reason : '', /suspended: “an incident”/);
    assert.match(await clone.status(), /^## main\.\.\.origin\/main\n M /, 'nothing was committed');
    await clone.git('checkout', '--', settingsFile);
    const back = await describeSuspension(await actions.scope(), application, false);
    assert.equal(back.result, 'possible');
    await setSuspended(await actions.scope(), back, {});
    const annotations = await plane.kubectl(['get', 'kustomization/shop', '-o=jsonpath={.metadata.annotations}']);
    assert.doesNotMatch(annotations, /an incident/);
    assert.deepEqual(await loop.findings(), []);
    // Git now says it itself.
    await clone.commit({ 'clusters/rig/shop.yaml': fluxKustomization('shop', folder, { suspend: false }) });
    await clone.push();
    await requestReconcile(plane, 'gitrepository/fleet');
    await until('Git says suspend: false', async () => {
      const warned = await describeSuspension(await actions.scope(), application, true);
      return warned.result === 'possible' && /resumes it again at its next reconcile/.test(warned.warnings.join());
    });
    // With its own declaration changed it is reconciled once more.
    await untilApplied(plane, 'kustomization/shop', await clone.head());
  });

  test('a live value is written into Git, committed and synced, and nothing of the cluster changes by it', async () => {
    await patch('deployment/web', { spec: { replicas: 4 } }, 'kubectl-edit');
    const edit = await liveValueEdit(await actions.scope(), application, web, [
      { field: 'spec' },
      { field: 'replicas' },
    ]);
    assert.equal(edit.result, 'possible', JSON.stringify(edit));
    await write({ [edit.file]: edit.newText });
    assert.deepEqual(await loop.findings(), []);
    const version = await kubectl('get', 'deployment/web', '-o=jsonpath={.metadata.generation}');
    const steps: string[] = [];
    const outcome = await commit([edit.file], { onStep: ({ step }) => steps.push(step) });
    assert.deepEqual(outcome, { result: 'done', health: 'healthy' });
    assert.deepEqual(
      steps.filter((step) => step !== 'waiting' && step !== 'requested'),
      ['committed', 'pushed', 'fetched', 'applied', 'healthy'],
    );
    assert.equal(await kubectl('get', 'deployment/web', '-o=jsonpath={.metadata.generation}'), version);
    assert.deepEqual(await loop.findings(), []);
    assert.equal(await clone.status(), '## main...origin/main');
  });

  test('what is not chosen and would be shown is refused before the commit', async () => {
    await write({
      [settingsFile]: configMap(namespace, 'settings', 'one'),
      [`${folder}/service.yaml`]: service(namespace).replace('port: 80', 'port: 81'),
    });
    const refused = await commit([settingsFile]);
    assert.match(refused.result === 'refused' ? refused.reason : '', /service\.yaml belongs to what is synced/);
    await clone.git('checkout', '--', folder);
  });

  /** Does it, and holds actions and fields of the plan that was shown before against what happened. */
  async function held<T>(act: () => Promise<T>): Promise<T> {
    let answer: { value: T } | undefined;
    await loop.foretold(async () => {
      answer = { value: await act() };
    });
    assert.ok(answer);
    return answer.value;
  }
});
