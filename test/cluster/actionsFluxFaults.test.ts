import assert from 'node:assert/strict';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { SyncOutcome } from '../../src/services/sync/syncOutcome.ts';
import { type Clone, makeClone } from '../rig/cluster/clone.ts';
import { type ControlPlane, startControlPlane } from '../rig/cluster/controlPlane.ts';
import type { GitRepository } from '../rig/cluster/gitServer.ts';
import { requestReconcile } from '../rig/cluster/requestReconcile.ts';
import { skipReason } from '../rig/cluster/requirements.ts';
import { until } from '../rig/cluster/until.ts';
import { Loop } from '../support/loop.ts';
import { folder, namespace, pushFleet } from '../support/loopApplication.ts';
import {
  configMap,
  deployment,
  kustomization,
  namespaceManifest,
  refusesForReal,
  service,
} from '../support/loopManifests.ts';
import { type CommitRun, type RigActions, openRigActions } from '../support/rigScope.ts';

const options = { flux: true };
const application = 'flux:default/shop';
const settingsFile = `${folder}/settings.yaml`;

describe('what goes wrong on the way to what Flux delivers', { skip: await skipReason(options) }, () => {
  let plane: ControlPlane;
  let remote: GitRepository;
  let clone: Clone;
  let loop: Loop;
  let actions: RigActions;

  before(async () => {
    plane = await startControlPlane(options);
    ({ remote, clone } = await pushFleet(plane));
    loop = new Loop(plane, clone, application);
    actions = await openRigActions(plane, clone);
  });
  after(async () => {
    await actions.dispose();
    await plane.stop();
  });

  const kubectl = (...args: string[]): Promise<string> => plane.kubectl([...args, '-n', namespace]);
  const commit = (paths: readonly string[], more?: CommitRun): Promise<SyncOutcome> =>
    actions.commitAndSync(application, paths, more);
  const write = (files: Record<string, string>): Promise<unknown> =>
    Promise.all(Object.entries(files).map(([path, text]) => writeFile(join(clone.folder, path), text)));

  test('a failing pre-commit hook and a failing pre-push hook lose nothing, and a second run completes', async () => {
    const hooks = join(clone.folder, '.git/hooks');
    await mkdir(hooks, { recursive: true });
    const hook = async (name: string, text: string): Promise<void> => {
      await writeFile(join(hooks, name), `#!/bin/sh\n${text}\n`);
      await chmod(join(hooks, name), 0o755);
    };
    await write({ [settingsFile]: configMap(namespace, 'settings', 'hooked') });
    await hook('pre-commit', 'echo "no tabs" >&2; exit 1');
    const first = await commit([settingsFile]);
    assert.equal(first.result, 'failed');
    assert.match(`${first.reason} ${first.done}`, /no tabs.*nothing was committed/s);
    assert.match(await clone.status(), /^## main\.\.\.origin\/main\n M /);
    await rm(join(hooks, 'pre-commit'));
    await hook('pre-push', 'echo "tests are red" >&2; exit 1');
    const second = await commit([settingsFile]);
    assert.match(
      second.result === 'failed' ? `${second.reason} ${second.done}` : '',
      /tests are red.*committed [0-9a-f]{7}, not pushed/s,
    );
    assert.equal(await clone.status(), '## main...origin/main [ahead 1]');
    assert.deepEqual(await loop.findings(), ['ConfigMap/settings pending']);
    await rm(join(hooks, 'pre-push'));
    assert.deepEqual(await commit([settingsFile]), { result: 'done', health: 'healthy' });
    assert.equal(await clone.status(), '## main...origin/main');
    assert.deepEqual(await loop.findings(), []);
  });

  test('a remote that moved on: the commit is kept and said, and after a pull the same action completes', async () => {
    const other = await makeClone(plane, remote);
    await other.commit({ 'README.md': 'somebody else was faster\n' });
    await other.push();
    await write({ [settingsFile]: configMap(namespace, 'settings', 'slower') });
    const rejected = await commit([settingsFile]);
    assert.match(
      rejected.result === 'failed' ? `${rejected.reason} ${rejected.done}` : '',
      /committed [0-9a-f]{7}, not pushed/,
    );
    assert.deepEqual(await loop.findings(), ['ConfigMap/settings pending']);
    await clone.git('fetch', '--quiet');
    const behind = await commit([settingsFile]);
    assert.match(behind.result === 'refused' ? behind.reason : '', /main is 1 commit behind its upstream/);
    await clone.git('pull', '--quiet', '--rebase');
    assert.deepEqual(await commit([settingsFile]), { result: 'done', health: 'healthy' });
    assert.deepEqual(await loop.findings(), []);
  });

  test('stopped after the push: it says what was done, and Flux has it', async () => {
    const controller = new AbortController();
    await write({ [settingsFile]: configMap(namespace, 'settings', 'stopped') });
    const outcome = await commit([settingsFile], {
      signal: controller.signal,
      onStep: ({ step }) => {
        if (step === 'fetched') controller.abort(new Error('stopped'));
      },
    });
    assert.equal(outcome.result, 'stopped', JSON.stringify(outcome));
    assert.match(outcome.done, /^committed and pushed [0-9a-f]{7}; [0-9a-f]{7} was fetched$/);
    assert.equal(outcome.next, 'Flux will apply it at its next reconcile');
    await until('Flux applied it', async () => (await loop.findings()).length === 0);
  });

  test('the API server restarts during a sync: it goes on and ends well', async () => {
    await write({ [`${folder}/deployment.yaml`]: deployment(namespace, { tag: '3.0', replicas: 4 }) });
    let restarted: Promise<void> | undefined;
    const outcome = await commit([`${folder}/deployment.yaml`], {
      onStep: ({ step }) => {
        if (step === 'requested') restarted ??= plane.stopApiServer({ grace: 0 }).then(() => plane.startApiServer());
      },
    });
    await restarted;
    assert.ok(restarted, 'the server was stopped');
    if (outcome.result !== 'done') {
      // Where the request itself met the closed door, the end says so; the same action completes it.
      assert.match(outcome.result === 'failed' ? outcome.done : '', /^committed and pushed/);
      await until('the API server answers', () => plane.kubectl(['get', '--raw=/readyz']).then(() => true));
      assert.deepEqual(await commit([]), { result: 'done', health: 'healthy' });
    }
    assert.deepEqual(await loop.findings(), []);
  });

  test('a Kustomization that fails half-way: what was applied is told from what was not, and the next sync completes', async () => {
    await plane.kubectl(['apply', '-f', '-'], { input: refusesForReal });
    const maps = ['a-first', 'denied', 'z-last'];
    await clone.commit({
      [`${folder}/kustomization.yaml`]: kustomization('deployment.yaml', 'service.yaml', 'settings.yaml', 'maps.yaml'),
      [`${folder}/maps.yaml`]: maps.map((name) => configMap(namespace, name, 'new')).join('---\n'),
    });
    await until('the policy is in force', async () => {
      const denied = await plane.tryKubectl(['create', 'configmap', 'denied', '-n', namespace]);
      if (denied.code === 0) await kubectl('delete', 'configmap/denied');
      return denied.code !== 0;
    });
    await clone.push();
    const answer = await loop.sync();
    assert.equal(answer.code, 3, answer.stdout);
    assert.match(answer.stdout, /failed: .*denied/s);
    const missing = maps.filter((name) => name !== 'a-first').map((name) => `ConfigMap/${name} create`);
    assert.deepEqual(await loop.findings(), missing);
    const plan = await loop.preview();
    assert.deepEqual(
      plan.steps
        .filter(({ action }) => action === 'create')
        .map(({ name }) => name)
        .sort(),
      ['denied', 'z-last'],
    );
    assert.ok(
      plan.gates.some(({ kind }) => kind === 'failing'),
      'the next start says that the last reconcile failed',
    );
    await plane.kubectl(['delete', 'validatingadmissionpolicybindings,validatingadmissionpolicies', 'half-way']);
    await until('the policy is gone', async () => {
      const made = await plane.tryKubectl(['create', 'configmap', 'denied', '-n', namespace, '--dry-run=server']);
      return made.code === 0;
    });
    await until('a sync completes', async () => (await loop.sync('--wait')).code === 0);
    assert.deepEqual(await loop.findings(), []);
  });

  test('an earlier stage is applied although a later one is blocked, as foretold', async () => {
    await clone.commit({
      [`${folder}/kustomization.yaml`]: kustomization(
        'deployment.yaml',
        'service.yaml',
        'settings.yaml',
        'staged.yaml',
      ),
      [`${folder}/staged.yaml`]: [namespaceManifest('staged'), configMap('staged', 'inside', 'new')].join('---\n'),
      [`${folder}/service.yaml`]: service(namespace).replace('port: 80', 'port: 99999'),
    });
    const plan = await loop.preview();
    const actionsOf = Object.fromEntries(plan.steps.map((step) => [`${step.kind}/${step.name}`, step.action]));
    assert.equal(actionsOf['Namespace/staged'], 'create');
    assert.equal(actionsOf['ConfigMap/inside'], 'blocked');
    assert.equal(actionsOf['Service/web'], 'blocked');
    assert.equal(actionsOf['ConfigMap/a-first'], 'blocked', 'nothing is pruned either');
    // Somebody pushes it all the same.
    const before = await loop.live();
    await clone.push();
    await requestReconcile(plane, 'gitrepository/fleet');
    const head = await clone.head();
    await until('Flux failed', async () => {
      const said = await plane.kubectl([
        'get',
        'kustomization/shop',
        '-o=jsonpath={.status.lastAttemptedRevision} {.status.conditions[?(@.type=="Ready")].status}',
      ]);
      return said.endsWith(`${head} False`);
    });
    assert.equal(await plane.kubectl(['get', 'namespace/staged', '-o=name']), 'namespace/staged\n');
    assert.equal((await plane.tryKubectl(['get', 'configmap/inside', '-n', 'staged'])).code, 1);
    assert.deepEqual(await loop.live(), before);
    await clone.commit({ [`${folder}/service.yaml`]: service(namespace) });
    const mended = await loop.preview();
    assert.equal(mended.summary.blocked, 0);
    await clone.push();
    await loop.synced();
    assert.equal(await plane.kubectl(['get', 'configmap/inside', '-n', 'staged', '-o=name']), 'configmap/inside\n');
    assert.equal((await loop.live()).has('ConfigMap/a-first'), false);
    assert.deepEqual(await loop.findings(), []);
  });
});
