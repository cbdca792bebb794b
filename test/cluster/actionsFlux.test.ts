import assert from 'node:assert/strict';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { ObjectKey } from '../../src/core/kube/objectKey.ts';
import {
  type CommitAndSyncOptions,
  commitAndSync,
  prepareCommitAndSync,
} from '../../src/services/actions/commitAndSync.ts';
import { describeRestore } from '../../src/services/actions/describeRestore.ts';
import { liveValueEdit } from '../../src/services/actions/liveValueEdit.ts';
import { describeSuspension, setSuspended } from '../../src/services/actions/suspension.ts';
import type { SyncOutcome, SyncStep } from '../../src/services/sync/syncOutcome.ts';
import { type Clone, makeClone } from '../rig/cluster/clone.ts';
import { type ControlPlane, startControlPlane } from '../rig/cluster/controlPlane.ts';
import type { GitRepository } from '../rig/cluster/gitServer.ts';
import { requestReconcile } from '../rig/cluster/requestReconcile.ts';
import { skipReason } from '../rig/cluster/requirements.ts';
import { until } from '../rig/cluster/until.ts';
import { Loop } from '../support/loop.ts';
import { folder, namespace, pushApplication } from '../support/loopApplication.ts';
import {
  configMap,
  deployment,
  fluxKustomization,
  fluxSource,
  kustomization,
  namespaceManifest,
  refusesForReal,
  service,
} from '../support/loopManifests.ts';
import { patchLive } from '../support/patchLive.ts';
import { type RigActions, openRigActions } from '../support/rigScope.ts';

const options = { flux: true };
const application = 'flux:default/shop';
const web: ObjectKey = { group: 'apps', kind: 'Deployment', namespace, name: 'web' };
const settings: ObjectKey = { group: '', kind: 'ConfigMap', namespace, name: 'settings' };
const silent = (): void => undefined;

describe('actions on what Flux delivers', { skip: await skipReason(options) }, () => {
  let plane: ControlPlane;
  let remote: GitRepository;
  let clone: Clone;
  let loop: Loop;
  let actions: RigActions;

  before(async () => {
    plane = await startControlPlane(options);
    ({ remote, clone } = await pushApplication(plane, { 'clusters/rig/shop.yaml': fluxKustomization('shop', folder) }));
    const input = [fluxSource(remote.url), fluxKustomization('rig', 'clusters/rig')].join('---\n');
    await plane.kubectl(['apply', '-f', '-'], { input });
    await plane.kubectl(['wait', 'kustomization/rig', '--for=condition=Ready', '--timeout=60s']);
    await until('the application is there', () => plane.kubectl(['get', 'kustomization/shop']).then(() => true));
    await plane.kubectl(['wait', 'kustomization/shop', '--for=condition=Ready', '--timeout=60s']);
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
  /** Commits the chosen files, pushes and syncs. */
  const commit = async (
    paths: readonly string[],
    signal?: AbortSignal,
    onStep: (step: SyncStep) => void = silent,
  ): Promise<SyncOutcome> => {
    const scope = await actions.scope();
    const wanted: CommitAndSyncOptions = {
      applications: [application],
      paths,
      message: 'Change it',
      waitMilliseconds: 60_000,
    };
    const prepared = await prepareCommitAndSync(scope, actions.repository, wanted);
    const [result] = await commitAndSync(scope, actions.repository, prepared, wanted, onStep, signal);
    assert.ok(result);
    return result.outcome;
  };
  const write = (files: Record<string, string>): Promise<unknown> =>
    Promise.all(Object.entries(files).map(([path, text]) => writeFile(join(clone.folder, path), text)));
  const extra = `${folder}/settings.yaml`;

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
    await write({ [extra]: configMap(namespace, 'settings', 'suspended') });
    const refused = await commit([extra]);
    assert.match(refused.result === 'refused' ? refused.reason : '', /suspended: “an incident”/);
    assert.match(await clone.status(), /^## main\.\.\.origin\/main\n M /, 'nothing was committed');
    await clone.git('checkout', '--', extra);
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
    const outcome = await commit([edit.file], undefined, ({ step }) => steps.push(step));
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
      [extra]: configMap(namespace, 'settings', 'one'),
      [`${folder}/service.yaml`]: service(namespace).replace('port: 80', 'port: 81'),
    });
    const refused = await commit([extra]);
    assert.match(refused.result === 'refused' ? refused.reason : '', /service\.yaml belongs to what is synced/);
    await clone.git('checkout', '--', folder);
  });

  test('a failing pre-commit hook and a failing pre-push hook lose nothing, and a second run completes', async () => {
    const hooks = join(clone.folder, '.git/hooks');
    await mkdir(hooks, { recursive: true });
    const hook = async (name: string, text: string): Promise<void> => {
      await writeFile(join(hooks, name), `#!/bin/sh\n${text}\n`);
      await chmod(join(hooks, name), 0o755);
    };
    await write({ [extra]: configMap(namespace, 'settings', 'hooked') });
    await hook('pre-commit', 'echo "no tabs" >&2; exit 1');
    const first = await commit([extra]);
    assert.equal(first.result, 'failed');
    assert.match(`${first.reason} ${first.done}`, /no tabs.*nothing was committed/s);
    assert.match(await clone.status(), /^## main\.\.\.origin\/main\n M /);
    await rm(join(hooks, 'pre-commit'));
    await hook('pre-push', 'echo "tests are red" >&2; exit 1');
    const second = await commit([extra]);
    assert.match(
      second.result === 'failed' ? `${second.reason} ${second.done}` : '',
      /tests are red.*committed [0-9a-f]{7}, not pushed/s,
    );
    assert.equal(await clone.status(), '## main...origin/main [ahead 1]');
    assert.deepEqual(await loop.findings(), ['ConfigMap/settings pending']);
    await rm(join(hooks, 'pre-push'));
    assert.deepEqual(await commit([extra]), { result: 'done', health: 'healthy' });
    assert.equal(await clone.status(), '## main...origin/main');
    assert.deepEqual(await loop.findings(), []);
  });

  test('a remote that moved on: the commit is kept and said, and after a pull the same action completes', async () => {
    const other = await makeClone(plane, remote);
    await other.commit({ 'README.md': 'somebody else was faster\n' });
    await other.push();
    await write({ [extra]: configMap(namespace, 'settings', 'slower') });
    const rejected = await commit([extra]);
    assert.match(
      rejected.result === 'failed' ? `${rejected.reason} ${rejected.done}` : '',
      /committed [0-9a-f]{7}, not pushed/,
    );
    assert.deepEqual(await loop.findings(), ['ConfigMap/settings pending']);
    await clone.git('fetch', '--quiet');
    const behind = await commit([extra]);
    assert.match(behind.result === 'refused' ? behind.reason : '', /main is 1 commit behind its upstream/);
    await clone.git('pull', '--quiet', '--rebase');
    assert.deepEqual(await commit([extra]), { result: 'done', health: 'healthy' });
    assert.deepEqual(await loop.findings(), []);
  });

  test('stopped after the push: it says what was done, and Flux has it', async () => {
    const controller = new AbortController();
    await write({ [extra]: configMap(namespace, 'settings', 'stopped') });
    const outcome = await commit([extra], controller.signal, ({ step }) => {
      if (step === 'fetched') controller.abort(new Error('stopped'));
    });
    assert.equal(outcome.result, 'stopped', JSON.stringify(outcome));
    assert.match(outcome.done, /^committed and pushed [0-9a-f]{7}; [0-9a-f]{7} was fetched$/);
    assert.equal(outcome.next, 'Flux will apply it at its next reconcile');
    await until('Flux applied it', async () => (await loop.findings()).length === 0);
  });

  test('the API server restarts during a sync: it goes on and ends well', async () => {
    await write({ [`${folder}/deployment.yaml`]: deployment(namespace, { tag: '3.0', replicas: 4 }) });
    let restarted: Promise<void> | undefined;
    const outcome = await commit([`${folder}/deployment.yaml`], undefined, ({ step }) => {
      if (step === 'requested') restarted ??= plane.stopApiServer({ grace: 0 }).then(() => plane.startApiServer());
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
