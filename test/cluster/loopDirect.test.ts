import assert from 'node:assert/strict';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { ActionReport } from '../../src/cli/output/actionOutput.ts';
import type { Clone } from '../rig/cluster/clone.ts';
import { type ControlPlane, startControlPlane } from '../rig/cluster/controlPlane.ts';
import { skipReason } from '../rig/cluster/requirements.ts';
import { until } from '../rig/cluster/until.ts';
import { Loop, changedPaths } from '../support/loop.ts';
import { folder, namespace, pushApplication } from '../support/loopApplication.ts';
import {
  configMap,
  deployment,
  kustomization,
  namespaceManifest,
  widget,
  widgetDefinition,
} from '../support/loopManifests.ts';
import { patchLive } from '../support/patchLive.ts';

const options = { gitServer: true };

describe('the loop where Plumbline applies', { skip: await skipReason(options) }, () => {
  let plane: ControlPlane;
  let clone: Clone;
  let loop: Loop;

  before(async () => {
    plane = await startControlPlane(options);
    ({ clone } = await pushApplication(plane));
    loop = new Loop(plane, clone, folder);
  });
  after(async () => {
    console.log(`plans held against what happened: ${JSON.stringify(loop.counts)}`);
    await plane.stop();
  });

  test('without --yes the plan is shown and nothing is changed', async () => {
    const answer = await loop.run('sync');
    assert.equal(answer.code, 64);
    assert.match(answer.stdout, /Deployment shop\/web/);
    assert.equal((await loop.live()).size, 0);
  });

  test('a sync says what it did as JSON', async () => {
    const asked = await loop.run('sync', '--output', 'json');
    assert.equal(asked.code, 64);
    const { kind, plans, results } = JSON.parse(asked.stdout) as ActionReport;
    assert.deepEqual([kind, plans.map(({ summary }) => summary.create), results], ['ActionReport', [3], []]);
    const made = await loop.sync('--output', 'json');
    assert.equal(made.code, 0);
    const expected = [{ application: folder, result: 'done', health: 'not-waited' }];
    assert.deepEqual((JSON.parse(made.stdout) as ActionReport).results, expected);
    await plane.kubectl(['delete', 'deployment/web', 'service/web', 'configmap/settings', '-n', namespace]);
  });

  test('the first sync creates what was previewed', async () => {
    const plan = await loop.foretold(() => loop.synced());
    assert.equal(plan.summary.create, 3);
    assert.deepEqual(await loop.findings(), []);
    assert.equal((await loop.preview()).summary.unchanged, 3);
  });

  test('edit, preview, commit, push, sync, healthy', async () => {
    await clone.commit({ [`${folder}/deployment.yaml`]: deployment(namespace, { tag: '2.0' }) });
    assert.deepEqual(await loop.findings(), ['Deployment/web pending']);
    await clone.push();
    const plan = await loop.foretold(() => loop.synced());
    assert.deepEqual(changedPaths(plan, 'web'), ['spec.template.spec.containers[name=web].image']);
    assert.deepEqual(await loop.findings(), []);
  });

  test('a hand edit is drift, and a sync restores it', async () => {
    await patchLive(plane, 'deployment/web', namespace, 'kubectl-edit', { spec: { replicas: 5 } });
    const [object] = (await loop.drift()).applications[0]?.objects.filter(({ status }) => status !== 'synced') ?? [];
    assert.equal(object?.status, 'drifted');
    const [change] = object.changes.filter(({ status }) => status === 'drifted');
    assert.deepEqual([change?.path, change?.cause, change?.live, change?.desired], ['spec.replicas', 'edit', 5, 2]);
    const plan = await loop.foretold(() => loop.synced());
    assert.deepEqual(changedPaths(plan, 'web'), ['spec.replicas']);
    assert.deepEqual(await loop.findings(), []);
  });

  test('a bad image is said not to be healthy, and rolling back heals it', async () => {
    const good = await clone.head();
    await clone.commit({ [`${folder}/deployment.yaml`]: deployment(namespace, { tag: 'crashing' }) });
    await clone.push();
    await loop.foretold(async () => {
      const answer = await loop.sync('--wait', '--timeout', '8');
      assert.equal(answer.code, 3, answer.stdout);
      assert.match(answer.stdout, /not healthy.*Deployment shop\/web/);
    });
    await loop.foretold(
      async () => {
        const answer = await loop.run('rollback', '--to', good, '--yes', '--timeout', '60');
        assert.equal(answer.code, 0, `${answer.stdout}\n${answer.stderr}`);
        assert.match(answer.stdout, /synced, healthy/);
      },
      '--to',
      good,
    );
    assert.deepEqual(await loop.findings(), []);
    assert.equal(await clone.status(), '## main...origin/main');
  });

  test('what Git drops is kept without --prune and said so, and pruned with it', async () => {
    await clone.commit({
      [`${folder}/kustomization.yaml`]: kustomization('deployment.yaml', 'service.yaml'),
      [`${folder}/settings.yaml`]: undefined,
    });
    const kept = await loop.foretold(() => loop.synced());
    assert.equal(kept.summary.prune, 0);
    const step = kept.steps.find(({ name }) => name === 'settings');
    assert.equal(step?.action, 'skip');
    assert.match(step.reasons.join(), /--prune/);
    const pruned = await loop.foretold(() => loop.synced('--prune'), '--prune');
    assert.equal(pruned.summary.prune, 1);
    assert.equal((await loop.live()).has('ConfigMap/settings'), false);
    assert.equal((await loop.preview('--prune')).summary.prune, 0);
  });

  test('a refused object changes nothing; an immutable field and a missing namespace are blocked', async () => {
    const earlier = await loop.live();
    await clone.commit({
      [`${folder}/kustomization.yaml`]: kustomization('deployment.yaml', 'service.yaml', 'extra.yaml'),
      [`${folder}/deployment.yaml`]: deployment(namespace, { app: 'other' }),
      [`${folder}/extra.yaml`]: configMap('nowhere', 'extra', 'new'),
    });
    const plan = await loop.preview();
    const blocked = plan.steps.filter((step) => step.action === 'blocked');
    assert.deepEqual(blocked.map((step) => `${step.kind}/${step.name}`).sort(), ['ConfigMap/extra', 'Deployment/web']);
    assert.match(blocked.find(({ kind }) => kind === 'Deployment')?.reasons.join() ?? '', /immutable/);
    assert.match(blocked.find(({ kind }) => kind === 'ConfigMap')?.reasons.join() ?? '', /nowhere.*not exist/);
    const answer = await loop.sync();
    assert.equal(answer.code, 3);
    assert.deepEqual(await loop.live(), earlier);
  });

  test('a namespace, a definition and an object of its kind in one change', async () => {
    await clone.commit({
      [`${folder}/kustomization.yaml`]: kustomization('deployment.yaml', 'service.yaml', 'new.yaml'),
      [`${folder}/deployment.yaml`]: deployment(namespace, { tag: '2.0' }),
      [`${folder}/new.yaml`]: [namespaceManifest('fresh'), widgetDefinition, widget('fresh')].join('---\n'),
      [`${folder}/extra.yaml`]: undefined,
    });
    const plan = await loop.preview();
    assert.equal(plan.summary.create, 3);
    assert.equal(plan.summary.blocked, 0);
    await loop.synced();
    assert.equal(await plane.kubectl(['get', 'widget/first', '-n', 'fresh', '-o=jsonpath={.spec.size}']), '3');
    assert.deepEqual(await loop.findings(), []);
  });

  test('an API server that goes away during a sync: it says where things stand, and a second run completes', async () => {
    const many = Array.from({ length: 60 }, (_, index) => configMap(namespace, `many-${String(index)}`, 'one'));
    await clone.commit({
      [`${folder}/kustomization.yaml`]: kustomization('deployment.yaml', 'service.yaml', 'new.yaml', 'many.yaml'),
      [`${folder}/many.yaml`]: many.join('---\n'),
    });
    const running = loop.sync();
    // Looked for without a kubectl, which may take as long to start as the whole sync does.
    const first = `/api/v1/namespaces/${namespace}/configmaps/many-0`;
    const isThere = async (): Promise<boolean> => (await plane.api.get(first)).status === 200;
    await until('some of it applied', isThere, { interval: 10 });
    await plane.stopApiServer({ grace: 0 });
    const broken = await running;
    await plane.startApiServer();
    assert.equal(broken.code, 3, `${broken.stdout}\n${broken.stderr}`);
    assert.match(broken.stdout, /failed: .*\(\d+ of 65 objects applied\)/);
    const second = await loop.sync('--wait');
    assert.equal(second.code, 0, `${second.stdout}\n${second.stderr}`);
    assert.deepEqual(await loop.findings(), []);
    // Nothing of the interrupted sync is lost to the inventory: all of it can be pruned.
    await clone.commit({
      [`${folder}/kustomization.yaml`]: kustomization('deployment.yaml', 'service.yaml', 'new.yaml'),
      [`${folder}/many.yaml`]: undefined,
    });
    const plan = await loop.foretold(() => loop.synced('--prune'), '--prune');
    assert.equal(plan.summary.prune, 60);
  });

  test('a hook that refuses the commit of a rollback changes nothing, and the next run completes', async () => {
    const good = await clone.head();
    await clone.commit({ [`${folder}/deployment.yaml`]: deployment(namespace, { replicas: 3, tag: '2.0' }) });
    await clone.push();
    await loop.synced();
    const hook = join(clone.folder, '.git/hooks/pre-commit');
    await writeFile(hook, '#!/bin/sh\necho "manifests are frozen" >&2\nexit 1\n');
    await chmod(hook, 0o755);
    const head = await clone.git('rev-parse', 'HEAD');
    const refused = await loop.run('rollback', '--to', good, '--yes');
    assert.equal(refused.code, 3, `${refused.stdout}\n${refused.stderr}`);
    assert.match(refused.stdout, /manifests are frozen/);
    assert.match(refused.stdout, /nothing was committed/);
    assert.equal(await clone.git('rev-parse', 'HEAD'), head);
    assert.equal(await clone.status(), '## main...origin/main');
    assert.deepEqual(await loop.findings(), []);
    await writeFile(hook, '#!/bin/sh\nexit 0\n');
    const completed = await loop.run('rollback', '--to', good, '--yes', '--timeout', '60');
    assert.equal(completed.code, 0, `${completed.stdout}\n${completed.stderr}`);
    assert.deepEqual(await loop.findings(), []);
  });
});
