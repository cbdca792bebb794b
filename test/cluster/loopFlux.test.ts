import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Clone } from '../rig/cluster/clone.ts';
import { type ControlPlane, startControlPlane } from '../rig/cluster/controlPlane.ts';
import type { GitRepository } from '../rig/cluster/gitServer.ts';
import { lastRequests, requestReconcile, suspendFlux } from '../rig/cluster/requestReconcile.ts';
import { skipReason } from '../rig/cluster/requirements.ts';
import { until } from '../rig/cluster/until.ts';
import { Loop, changedPaths } from '../support/loop.ts';
import { deliverByFlux, folder, namespace, pushApplication } from '../support/loopApplication.ts';
import {
  configMap,
  deployment,
  kustomization,
  namespaceManifest,
  service,
  widget,
  widgetDefinition,
} from '../support/loopManifests.ts';
import { patchLive } from '../support/patchLive.ts';

const options = { flux: true };

describe('the loop under Flux', { skip: await skipReason(options) }, () => {
  let plane: ControlPlane;
  let remote: GitRepository;
  let clone: Clone;
  let loop: Loop;
  let firstCommit: string;

  before(async () => {
    plane = await startControlPlane(options);
    ({ remote, clone, firstCommit } = await pushApplication(plane));
    await deliverByFlux(plane, remote);
    loop = new Loop(plane, clone, 'flux:default/shop');
  });
  after(async () => {
    console.log(`plans held against what happened: ${JSON.stringify(loop.counts)}`);
    await plane.stop();
  });

  const field = (resource: string, path: string): Promise<string> =>
    plane.kubectl(['get', resource, `-o=jsonpath={${path}}`]);
  const requests = (): Promise<string[]> => lastRequests(plane, ['gitrepository/fleet', 'kustomization/shop']);
  const pushAndSync = async (): Promise<void> => {
    await clone.push();
    await loop.synced();
  };

  test('what Flux has just applied has no findings, and its plan changes nothing', async () => {
    assert.deepEqual(await loop.findings(), []);
    const plan = await loop.preview();
    assert.deepEqual(plan.gates, []);
    assert.equal(plan.summary.unchanged, 3);
  });

  test('edit, preview, commit, push, sync, healthy', async () => {
    await clone.commit({ [`${folder}/deployment.yaml`]: deployment(namespace, { tag: '2.0' }) });
    assert.deepEqual(await loop.findings(), ['Deployment/web pending']);
    const plan = await loop.foretold(async () => {
      const early = await loop.sync();
      assert.equal(early.code, 3, 'not pushed, so Flux would apply something else than the plan');
      assert.match(early.stdout, /not pushed/);
      await clone.push();
      assert.deepEqual(await loop.findings(), ['Deployment/web pending']);
      await loop.synced();
    });
    assert.deepEqual(
      plan.gates.map((gate) => gate.kind),
      ['not-pushed'],
    );
    assert.deepEqual(changedPaths(plan, 'web'), ['spec.template.spec.containers[name=web].image']);
    assert.deepEqual(await loop.findings(), []);
  });

  test('a hand edit is drift that Flux reverts, and a reconcile restores it', async () => {
    await patchLive(plane, 'deployment/web', namespace, 'kubectl-edit', { spec: { replicas: 5 } });
    const [object] = (await loop.drift()).applications[0]?.objects.filter(({ status }) => status !== 'synced') ?? [];
    assert.equal(object?.status, 'drifted');
    const [change] = object.changes.filter(({ status }) => status === 'drifted');
    assert.ok(change);
    const { path, cause, next, basis, live, desired } = change;
    assert.deepEqual(
      { path, cause, next, basis, live, desired },
      { path: 'spec.replicas', cause: 'edit', next: 'reverted', basis: 'revision', live: 5, desired: 2 },
    );
    const plan = await loop.foretold(() => loop.synced());
    assert.deepEqual(changedPaths(plan, 'web'), ['spec.replicas']);
    assert.deepEqual(await loop.findings(), []);
  });

  test('a label that kubectl added is previewed to go, and goes; another manager’s stays', async () => {
    await plane.kubectl(['label', 'configmap/settings', '-n', namespace, 'by=kubectl']);
    await patchLive(plane, 'configmap/settings', namespace, 'console', { metadata: { labels: { console: 'yes' } } });
    const plan = await loop.foretold(() => loop.synced());
    assert.deepEqual(changedPaths(plan, 'settings'), ['metadata.labels.by']);
    assert.equal((await loop.live()).get('ConfigMap/settings')?.metadata.labels?.['console'], 'yes');
  });

  test('a bad image is said not to be healthy, and rolling back heals it', async () => {
    const good = await clone.head();
    await clone.commit({ [`${folder}/deployment.yaml`]: deployment(namespace, { tag: 'broken' }) });
    await loop.foretold(async () => {
      await clone.push();
      const answer = await loop.sync('--wait', '--timeout', '8');
      assert.equal(answer.code, 3, answer.stdout);
      assert.match(answer.stdout, /not healthy/);
    });
    const refused = await loop.run('rollback', '--to', good);
    assert.equal(refused.code, 64);
    await loop.foretold(
      async () => {
        const answer = await loop.run('rollback', '--to', good, '--yes', '--timeout', '60');
        assert.equal(answer.code, 0, `${answer.stdout}\n${answer.stderr}`);
        assert.match(answer.stdout, /healthy/);
      },
      '--to',
      good,
    );
    assert.deepEqual(await loop.findings(), []);
    const status = await clone.git('status', '--porcelain', '--branch');
    assert.equal(status.trim(), '## main...origin/main');
    assert.equal(await field('kustomization/shop', '.status.lastAppliedRevision'), `main@sha1:${await clone.head()}`);
  });

  test('what Git drops is previewed as pruned, and pruned by the inventory', async () => {
    await clone.commit({
      [`${folder}/kustomization.yaml`]: kustomization('deployment.yaml', 'service.yaml'),
      [`${folder}/settings.yaml`]: undefined,
    });
    assert.deepEqual(await loop.findings(), ['ConfigMap/settings extra']);
    const plan = await loop.foretold(pushAndSync);
    assert.equal(plan.summary.prune, 1);
    assert.deepEqual(await loop.findings(), []);
  });

  test('what Git adds is to be created; what a person deleted is missing, and comes back', async () => {
    const files = {
      [`${folder}/kustomization.yaml`]: kustomization('deployment.yaml', 'service.yaml', 'extra.yaml'),
      [`${folder}/extra.yaml`]: configMap(namespace, 'extra', 'new'),
    };
    await clone.commit(files);
    assert.deepEqual(await loop.findings(), ['ConfigMap/extra create']);
    const plan = await loop.foretold(pushAndSync);
    assert.equal(plan.summary.create, 1);
    await plane.kubectl(['delete', 'configmap/extra', '-n', namespace]);
    assert.deepEqual(await loop.findings(), ['ConfigMap/extra missing']);
    await loop.foretold(() => loop.synced());
    assert.deepEqual(await loop.findings(), []);
  });

  test('a suspended Kustomization is said before the push, and a sync sends nothing', async () => {
    await suspendFlux(plane, 'kustomization/shop', true);
    await clone.commit({ [`${folder}/extra.yaml`]: configMap(namespace, 'extra', 'suspended') });
    const plan = await loop.preview();
    assert.deepEqual(plan.gates.map((gate) => gate.kind).sort(), ['not-pushed', 'suspended']);
    await clone.push();
    const earlier = await requests();
    const answer = await loop.sync();
    assert.equal(answer.code, 3);
    assert.match(answer.stdout, /suspended.*nothing was sent/s);
    const back = await loop.run('rollback', '--to', firstCommit, '--yes');
    assert.equal(back.code, 3);
    assert.match(back.stdout, /suspended/);
    assert.equal(await clone.status(), '## main...origin/main');
    assert.deepEqual(await requests(), earlier);
    await suspendFlux(plane, 'kustomization/shop', false);
    await until('resumed', async () => {
      const data = (await loop.live()).get('ConfigMap/extra')?.['data'] as { greeting: string };
      return data.greeting === 'suspended' || (await loop.sync()).code === 0;
    });
    await loop.synced();
    assert.deepEqual(await loop.findings(), []);
  });

  test('one bad object holds its whole stage back, and the next push completes it', async () => {
    await clone.commit({
      [`${folder}/deployment.yaml`]: deployment(namespace, { tag: '3.0' }),
      [`${folder}/service.yaml`]: service(namespace).replace('port: 80', 'port: 99999'),
    });
    const plan = await loop.foretold(async () => {
      await clone.push();
      const answer = await loop.sync();
      assert.equal(answer.code, 3);
      assert.match(answer.stdout, /blocked/);
      // Somebody pushes it all the same: Flux then applies nothing of it.
      await requestReconcile(plane, 'gitrepository/fleet');
      const head = await clone.head();
      await until('Flux failed', async () => {
        const tried = await field('kustomization/shop', '.status.lastAttemptedRevision');
        const ready = await field('kustomization/shop', '.status.conditions[?(@.type=="Ready")].status');
        return tried.endsWith(head) && ready === 'False';
      });
    });
    assert.equal(plan.summary.blocked, 2);
    assert.equal(plan.summary.configure, 0);
    assert.deepEqual(await loop.findings(), ['Deployment/web pending', 'Service/web pending']);
    await clone.commit({ [`${folder}/service.yaml`]: service(namespace) });
    await loop.foretold(pushAndSync);
    assert.deepEqual(await loop.findings(), []);
  });

  test('an immutable field and a missing namespace are blocked', async () => {
    await clone.commit({ [`${folder}/deployment.yaml`]: deployment(namespace, { tag: '3.0', app: 'other' }) });
    const selector = await loop.preview();
    assert.equal(selector.summary.blocked, 1);
    assert.match(selector.steps.find((step) => step.action === 'blocked')?.reasons.join() ?? '', /immutable/);
    await clone.commit({
      [`${folder}/deployment.yaml`]: deployment(namespace, { tag: '3.0' }),
      [`${folder}/extra.yaml`]: configMap('nowhere', 'extra', 'new'),
    });
    const nowhere = await loop.preview();
    const blocked = nowhere.steps.find((step) => step.namespace === 'nowhere');
    assert.equal(blocked?.action, 'blocked');
    assert.match(blocked.reasons.join(), /nowhere.*not exist/);
    await clone.commit({ [`${folder}/extra.yaml`]: configMap(namespace, 'extra', 'suspended') });
  });

  test('a namespace, a definition and an object of its kind in one change', async () => {
    await clone.commit({
      [`${folder}/kustomization.yaml`]: kustomization('deployment.yaml', 'service.yaml', 'extra.yaml', 'new.yaml'),
      [`${folder}/new.yaml`]: [namespaceManifest('fresh'), widgetDefinition, widget('fresh')].join('---\n'),
    });
    const plan = await loop.preview();
    assert.equal(plan.summary.create, 3);
    assert.equal(plan.summary.blocked, 0);
    await clone.push();
    await loop.synced();
    assert.equal(await plane.kubectl(['get', 'widget/first', '-n', 'fresh', '-o=jsonpath={.spec.size}']), '3');
    assert.deepEqual(await loop.findings(), []);
  });

  test('a rejected push loses nothing: the commit is kept, said, and a second run completes', async () => {
    const good = (await clone.git('rev-parse', 'HEAD~1')).trim();
    await clone.commit({ [`${folder}/extra.yaml`]: configMap(namespace, 'extra', 'bad') });
    await clone.push();
    await loop.synced();
    await remote.rejectPushes('main is frozen');
    const first = await loop.run('rollback', '--to', good, '--yes');
    assert.equal(first.code, 3, `${first.stdout}\n${first.stderr}`);
    assert.match(`${first.stdout}${first.stderr}`, /committed [0-9a-f]{7}.*not pushed/s);
    assert.match(`${first.stdout}${first.stderr}`, /main is frozen/);
    await remote.rejectPushes(undefined);
    const commit = await clone.head();
    const second = await loop.run('rollback', '--to', good, '--yes', '--timeout', '60');
    assert.equal(second.code, 0, `${second.stdout}\n${second.stderr}`);
    assert.equal(await clone.head(), commit, 'the commit was there already');
    assert.deepEqual(await loop.findings(), []);
  });
});
