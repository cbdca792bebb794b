import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { JqInWorker } from '../../src/adapters/jq/jqInWorker.ts';
import type { Clone } from '../rig/cluster/clone.ts';
import { type ControlPlane, startControlPlane } from '../rig/cluster/controlPlane.ts';
import { makeRemote } from '../rig/cluster/greeting.ts';
import { requestReconcile } from '../rig/cluster/requestReconcile.ts';
import { skipReason } from '../rig/cluster/requirements.ts';
import { until } from '../rig/cluster/until.ts';
import { DriftCheck, toldChanges } from '../support/driftCheck.ts';
import { configMap, deployment, fluxSource, kustomization } from '../support/loopManifests.ts';
import { patchLive } from '../support/patchLive.ts';

const options = { flux: true };

/** Every line of the tables of design §2.1 for what Flux delivers, with a real Flux. */
describe('who moved what Flux delivers', { skip: await skipReason(options) }, () => {
  let plane: ControlPlane;
  let clone: Clone;
  let check: DriftCheck;
  const write = (path: string, text: string): Promise<void> => writeFile(join(clone.folder, path), text);
  const patch = (resource: string, namespace: string, manager: string, body: unknown): Promise<string> =>
    patchLive(plane, resource, namespace, manager, body);
  const namespace = 'shop';
  const folder = 'apps/shop';
  const declaration = 'clusters/prod/shop.yaml';
  const flux = `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: shop
  namespace: default
spec:
  interval: 1h
  retryInterval: 1h
  path: ./${folder}
  prune: true
  sourceRef:
    kind: GitRepository
    name: fleet
`;
  const find = (id: string) => check.find(clone.folder, folder, id);
  const field = (resource: string, path: string, where = 'default'): Promise<string> =>
    plane.kubectl(['get', resource, '--namespace', where, `-o=jsonpath={${path}}`]);
  const deliver = async (files: Record<string, string | undefined>, ready: 'True' | 'False' = 'True') => {
    const commit = await clone.commit(files);
    await clone.push();
    await reconcile(commit, ready);
  };
  const reconcile = async (commit: string, ready: 'True' | 'False' = 'True'): Promise<void> => {
    await requestReconcile(plane, 'gitrepository/fleet');
    await until('the source is fetched', async () =>
      (await field('gitrepository/fleet', '.status.artifact.revision')).endsWith(commit),
    );
    const requested = await requestReconcile(plane, 'kustomization/shop');
    await until(`Flux handled ${commit}`, async () => {
      const [handled, status, attempted] = await Promise.all([
        field('kustomization/shop', '.status.lastHandledReconcileAt'),
        field('kustomization/shop', '.status.conditions[?(@.type=="Ready")].status'),
        field('kustomization/shop', '.status.lastAttemptedRevision'),
      ]);
      return handled === requested && status === ready && attempted.endsWith(commit);
    });
  };

  before(async () => {
    plane = await startControlPlane(options);
    const { repository, clone: own } = await makeRemote(plane);
    clone = own;
    check = new DriftCheck(plane, { jq: new JqInWorker() });
    await plane.kubectl(['create', 'namespace', namespace]);
    await clone.commit({
      [declaration]: flux,
      [`${folder}/kustomization.yaml`]: kustomization('deployment.yaml', 'settings.yaml', 'quota.yaml'),
      [`${folder}/deployment.yaml`]: deployment(namespace),
      [`${folder}/settings.yaml`]: configMap(namespace, 'settings', 'one'),
      [`${folder}/quota.yaml`]: configMap(namespace, 'quota', 'one'),
    });
    await clone.push();
    await plane.kubectl(['apply', '-f', '-'], { input: fluxSource(repository.url) });
    await plane.kubectl(['apply', '--server-side', '-f', join(clone.folder, declaration)]);
    await plane.kubectl(['wait', 'kustomization/shop', '--for=condition=Ready', '--timeout=60s']);
  });

  after(async () => {
    check.dispose();
    await plane.stop();
  });

  test('by the revision: pending, drifted, conflict, and none where both agree', async () => {
    await write(`${folder}/settings.yaml`, configMap(namespace, 'settings', 'two'));
    assert.deepEqual(toldChanges(await find('ConfigMap/settings')), [
      'data.greeting changed pending revision unknown reverted',
    ]);
    await patch('configmap/settings', namespace, 'kubectl-edit', { data: { greeting: 'three' } });
    assert.deepEqual(toldChanges(await find('ConfigMap/settings')), [
      'data.greeting changed conflict revision edit reverted',
    ]);
    await write(`${folder}/settings.yaml`, configMap(namespace, 'settings', 'one'));
    assert.deepEqual(toldChanges(await find('ConfigMap/settings')), [
      'data.greeting changed drifted revision edit reverted',
    ]);
    await write(`${folder}/settings.yaml`, configMap(namespace, 'settings', 'three'));
    assert.deepEqual(toldChanges(await find('ConfigMap/settings')), []);
    await write(`${folder}/settings.yaml`, configMap(namespace, 'settings', 'one'));
  });

  test('by the inventory: missing, create and extra', async () => {
    await plane.kubectl(['delete', 'configmap/quota', '--namespace', namespace]);
    assert.equal((await find('ConfigMap/quota'))?.status, 'missing');
    await write(`${folder}/kustomization.yaml`, kustomization('deployment.yaml', 'settings.yaml', 'new.yaml'));
    await write(`${folder}/new.yaml`, configMap(namespace, 'new', 'one'));
    assert.equal((await find('ConfigMap/new'))?.status, 'create');
    await plane.kubectl(['create', 'configmap', 'quota', '--namespace', namespace]);
    assert.equal((await find('ConfigMap/quota'))?.status, 'extra');
    await clone.git('checkout', '--', '.');
    await clone.git('clean', '-fdq');
  });

  test('added by hand: what kubectl added goes with the next reconcile, what a console added stays, and so it is foretold', async () => {
    const label = (name: string): unknown => ({ metadata: { labels: { [name]: 'x' } } });
    await patch('deployment/web', namespace, 'kubectl-label', label('by-kubectl'));
    await patch('deployment/web', namespace, 'k9s', label('by-k9s'));
    await patch('deployment/web', namespace, 'kubectl-edit', { spec: { replicas: 4 } });
    assert.deepEqual(toldChanges(await find('Deployment/web')).sort(), [
      'metadata.labels.by-k9s added ignored revision edit kept',
      'metadata.labels.by-kubectl added drifted revision edit reverted',
      'spec.replicas changed drifted revision edit reverted',
    ]);
    await reconcile(await clone.head());
    const labels = JSON.parse(await field('deployment/web', '.metadata.labels', namespace)) as Record<string, string>;
    assert.deepEqual([labels['by-kubectl'], labels['by-k9s']], [undefined, 'x']);
    assert.equal(await field('deployment/web', '.spec.replicas', namespace), '2');
  });

  test('after a reconcile that failed half-way, what it applied before is not drift', async () => {
    const quota = 'apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n  labels:\n    tier: ';
    await deliver({
      [`${folder}/kustomization.yaml`]: kustomization('namespace.yaml', 'deployment.yaml', 'settings.yaml'),
      [`${folder}/namespace.yaml`]: `${quota}first\n`,
    });
    // Namespaces are a stage of their own; the selector of a Deployment cannot be changed.
    await deliver(
      {
        [`${folder}/namespace.yaml`]: `${quota}second\n`,
        [`${folder}/deployment.yaml`]: deployment(namespace, { app: 'other' }),
      },
      'False',
    );
    assert.equal(await field('namespace/shop', '.metadata.labels.tier'), 'second');
    assert.deepEqual(toldChanges(await find('Namespace/shop')), []);
    assert.equal((await find('Deployment/web'))?.status, 'pending');
    await write(`${folder}/namespace.yaml`, `${quota}third\n`);
    assert.deepEqual(toldChanges(await find('Namespace/shop')), [
      'metadata.labels.tier changed pending revision unknown reverted',
    ]);
    await patch('namespace/shop', 'default', 'kubectl-edit', { metadata: { labels: { tier: 'fourth' } } });
    assert.deepEqual(toldChanges(await find('Namespace/shop')), [
      'metadata.labels.tier changed conflict revision edit reverted',
    ]);
    await deliver({
      [`${folder}/namespace.yaml`]: `${quota}second\n`,
      [`${folder}/deployment.yaml`]: deployment(namespace),
    });
    assert.deepEqual(toldChanges(await find('Namespace/shop')), []);
  });

  test('a difference that is ignored by a rule of its own stays, and Flux leaves it alone', async () => {
    const scale = (): Promise<string> => patch('deployment/web', namespace, 'kubectl-edit', { spec: { replicas: 5 } });
    await scale();
    const proposal = await check.ignore(clone.folder, 'flux:default/shop', 'Deployment/web', 'spec.replicas');
    assert.ok(proposal.kind === 'edit', JSON.stringify(proposal));
    assert.equal(proposal.file, declaration);
    const commit = await clone.commit({ [declaration]: proposal.after });
    await clone.push();
    await plane.kubectl(['apply', '--server-side', '-f', join(clone.folder, declaration)]);
    await reconcile(commit);
    await scale();
    const found = await find('Deployment/web');
    assert.equal(found?.status, 'synced');
    assert.ok(
      toldChanges(found).includes('spec.replicas changed ignored revision unknown kept'),
      String(toldChanges(found)),
    );
    await reconcile(commit);
    assert.equal(await field('deployment/web', '.spec.replicas', namespace), '5');
  });

  describe('a HelmRelease', () => {
    const helmNamespace = 'charts';
    const file = 'clusters/prod/chart.yaml';
    const release = (drift: string): string => `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: chart
  namespace: ${helmNamespace}
spec:
  interval: 1h
  chart:
    spec:
      chart: ./chart
      sourceRef:
        kind: GitRepository
        name: fleet
        namespace: default
  driftDetection:
    mode: ${drift}
  valuesFrom:
    - kind: Secret
      name: chart-values
  values:
    size: 7
`;
    const token = 'plumb-token-4711';
    const findHelm = (id: string) => check.find(clone.folder, 'clusters/prod', id);
    const waitForRelease = (): Promise<string> =>
      plane.kubectl([
        ...['wait', 'helmrelease/chart', '--namespace', helmNamespace],
        ...['--for=condition=Ready', '--timeout=60s'],
      ]);
    const applyRelease = (): Promise<string> =>
      plane.kubectl(['apply', '--server-side', '-f', join(clone.folder, file)]);

    before(async () => {
      await plane.kubectl(['create', 'namespace', helmNamespace]);
      const secret = ['create', 'secret', 'generic', 'chart-values', '--namespace', helmNamespace];
      await plane.kubectl([...secret, `--from-literal=values.yaml=token: ${token}`]);
      const commit = await clone.commit({
        'chart/Chart.yaml': 'apiVersion: v2\nname: chart\nversion: 1.0.0\n',
        'chart/values.yaml': 'size: 1\n',
        'chart/templates/web.yaml':
          'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: "{{ .Release.Name }}"}\ndata: {size: "{{ .Values.size }}", token: "{{ .Values.token }}"}\n',
        [file]: release('disabled'),
      });
      await clone.push();
      await reconcile(commit);
      await applyRelease();
      await waitForRelease();
    });

    test('as it was installed: no finding', async () => {
      assert.deepEqual(toldChanges(await findHelm('ConfigMap/chart')), []);
      assert.equal((await findHelm('ConfigMap/chart'))?.status, 'synced');
    });

    test('the cluster moved: drifted by the release, which nothing reverts; at its HelmRelease', async () => {
      await patch('configmap/chart', helmNamespace, 'kubectl-edit', { data: { size: '9', more: 'x' } });
      const found = await findHelm('ConfigMap/chart');
      assert.deepEqual(toldChanges(found), [
        'data.size changed drifted release edit kept',
        'data.more added ignored release edit kept',
      ]);
      assert.deepEqual([found?.changes[0]?.location?.file, found?.changes[0]?.location?.line], [file, 1]);
    });

    test('what came from a Secret is told without its value, wherever the chart put it', async () => {
      await patch('configmap/chart', helmNamespace, 'kubectl-edit', { data: { token: 'other' } });
      const text = JSON.stringify(await check.check(clone.folder, { below: 'clusters/prod' }));
      assert.ok(!text.includes(token) && !text.includes(Buffer.from(token).toString('base64')));
      const change = (await findHelm('ConfigMap/chart'))?.changes.find(({ path }) => path === 'data.token');
      assert.deepEqual([change?.status, change?.masked], ['drifted', true]);
    });

    test('with drift detection it is reverted, except what a rule of its own ignores', async () => {
      await clone.commit({ [file]: release('enabled') });
      const proposal = await check.ignore(
        clone.folder,
        `flux:helmrelease/${helmNamespace}/chart`,
        'ConfigMap/chart',
        'data.size',
      );
      assert.ok(proposal.kind === 'edit', JSON.stringify(proposal));
      assert.equal(proposal.place, `spec.driftDetection.ignore of HelmRelease ${helmNamespace}/chart`);
      await clone.commit({ [file]: proposal.after });
      await clone.push();
      await applyRelease();
      await until(
        'helm-controller puts the token back',
        async () => (await field('configmap/chart', '.data.token', helmNamespace)) === token,
      );
      // It looks once more at what it has put back, before it is done.
      await waitForRelease();
      assert.equal(await field('configmap/chart', '.data.size', helmNamespace), '9');
      const found = (await findHelm('ConfigMap/chart'))?.changes.find(({ path }) => path === 'data.size');
      assert.deepEqual([found?.status, found?.note], ['ignored', 'ignored by rule']);
      await patch('configmap/chart', helmNamespace, 'kubectl-edit', { data: { token: 'other' } });
      const reverted = (await findHelm('ConfigMap/chart'))?.changes.find(({ path }) => path === 'data.token');
      assert.equal(reverted?.next, 'reverted');
    });
  });
});
