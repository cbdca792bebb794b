import assert from 'node:assert/strict';
import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { JqInWorker } from '../../src/adapters/jq/jqInWorker.ts';
import type { ObjectReport } from '../../src/core/report.ts';
import type { Clone } from '../rig/cluster/clone.ts';
import { type ControlPlane, startControlPlane } from '../rig/cluster/controlPlane.ts';
import { makeRemote } from '../rig/cluster/greeting.ts';
import { requestReconcile } from '../rig/cluster/requestReconcile.ts';
import { skipReason } from '../rig/cluster/requirements.ts';
import { until } from '../rig/cluster/until.ts';
import { DriftCheck } from '../support/driftCheck.ts';
import { configMap, deployment, kustomization } from '../support/loopManifests.ts';

const options = { flux: true };

/** One change as the table of design §2.1 names it. */
function told(object: ObjectReport | undefined): string[] {
  return (object?.changes ?? []).map(
    ({ path, op, status, basis, cause, next }) => `${path} ${op} ${status} ${basis} ${cause} ${next}`,
  );
}

const settings = (values: Record<string, string>): string =>
  `apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
  namespace: NAMESPACE
data:
${Object.entries(values)
  .map(([key, value]) => `  ${key}: ${value}\n`)
  .join('')}`;

/** Every line of the tables of design §2.1, on a real API server, with a real Flux. */
describe('who moved', { skip: await skipReason(options) }, () => {
  let plane: ControlPlane;
  let clone: Clone;
  let check: DriftCheck;

  before(async () => {
    plane = await startControlPlane(options);
    ({ clone } = await makeRemote(plane));
    check = new DriftCheck(plane, { jq: new JqInWorker() });
  });
  after(async () => {
    check.dispose();
    await plane.stop();
  });

  const objectIn = async (
    below: string,
    id: string,
    more: { folder?: string; problems?: RegExp } = {},
  ): Promise<ObjectReport | undefined> => {
    const report = await check.check(more.folder ?? clone.folder, { below });
    const problems = report.problems.map(({ message }) => message).filter((text) => more.problems?.test(text) !== true);
    assert.deepEqual(problems, []);
    const objects = report.applications.flatMap((application) => application.objects);
    return objects.find(({ kind, name }) => `${kind}/${name}` === id);
  };
  const write = (path: string, text: string): Promise<void> => writeFile(join(clone.folder, path), text);
  const patch = (resource: string, namespace: string, manager: string, body: unknown, type = 'merge') =>
    plane.kubectl([
      ...['patch', resource, '--namespace', namespace, `--type=${type}`],
      ...[`--field-manager=${manager}`, `--patch=${JSON.stringify(body)}`],
    ]);

  for (const way of ['server-side', 'client-side'] as const) {
    const namespace = way;
    const isServerSide = way === 'server-side';
    const basis = isServerSide ? 'managed-fields' : 'last-applied';

    describe(`applied by kubectl, ${way}`, () => {
      const file = `${way}/settings.yaml`;
      const values = { agreed: 'same', git: 'one', cluster: 'one', both: 'one', gone: 'one', dropped: 'one' };
      const text = (changes: Record<string, string | undefined> = {}): string => {
        const merged: Record<string, string | undefined> = { ...values, ...changes };
        const kept = Object.entries(merged).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]]));
        return settings(Object.fromEntries(kept) as Record<string, string>).replace('NAMESPACE', namespace);
      };
      const find = (more?: { folder?: string }) => objectIn(way, 'ConfigMap/settings', more);

      before(async () => {
        await plane.kubectl(['create', 'namespace', namespace]);
        await clone.commit({ [file]: text(), [`${way}/web.yaml`]: deployment(namespace) });
        // A commit and an apply in one second could not be told apart.
        await delay(1100);
        const apply = ['apply', '--filename', join(clone.folder, way)];
        await plane.kubectl(isServerSide ? [...apply, '--server-side', '--field-manager=kubectl'] : apply);
      });

      test('what is as Git says is no finding', async () => {
        assert.deepEqual(told(await find()), []);
        assert.equal((await find())?.status, 'synced');
      });

      test('Git moved: pending', async () => {
        await write(file, text({ git: 'two', fresh: 'one', dropped: undefined }));
        assert.deepEqual(told(await find()), [
          `data.dropped added pending ${basis} unknown kept`,
          `data.fresh removed pending ${basis} unknown kept`,
          `data.git changed pending ${basis} unknown kept`,
        ]);
        await write(file, text());
      });

      test('the cluster moved: drifted, whose line is older than the last apply', async () => {
        await patch('configmap/settings', namespace, 'kubectl-edit', { data: { cluster: 'two', gone: null } });
        await patch('configmap/settings', namespace, 'example-controller', { data: { both: 'three' } });
        const found = await find();
        assert.ok(found);
        assert.deepEqual(told(found), [
          `data.both changed drifted ${basis} controller kept`,
          `data.cluster changed drifted ${basis} edit kept`,
          `data.gone removed drifted ${basis} unknown kept`,
        ]);
        assert.deepEqual(
          found.changes.map(({ managers }) => managers.map((manager) => manager.name)),
          [['example-controller'], ['kubectl-edit'], []],
        );
        assert.equal(found.changes[2]?.note, 'removed, by whom unknown');
      });

      test('both moved: a conflict where the applied value is known, pending where only the younger line tells', async () => {
        await write(file, text({ both: 'two', gone: 'two' }));
        const expected = isServerSide
          ? [
              'data.both changed pending managed-fields controller kept',
              'data.gone removed pending managed-fields unknown kept',
            ]
          : [
              'data.both changed conflict last-applied controller kept',
              'data.gone removed conflict last-applied unknown kept',
            ];
        const found = told(await find());
        assert.deepEqual(found.filter((line) => /^data\.(both|gone)/.test(line)).sort(), expected.sort());
        await write(file, text());
      });

      test('the same in Git and in the cluster is no finding, whatever was applied', async () => {
        await write(file, text({ both: 'three', cluster: 'two', gone: undefined }));
        assert.deepEqual(told(await find()), []);
        await write(file, text());
      });

      if (isServerSide) {
        test('shared with another applier: pending', async () => {
          const shared = settings({ agreed: 'same' }).replace('NAMESPACE', namespace);
          const apply = ['apply', '--server-side', '--field-manager=other-team', '--filename', '-'];
          await plane.kubectl(apply, { input: shared });
          await write(file, text({ agreed: 'other' }));
          const found = await find();
          assert.ok(
            told(found).includes('data.agreed changed pending managed-fields controller kept'),
            String(told(found)),
          );
          await write(file, text({ agreed: undefined }));
          const dropped = (await find())?.changes.find((change) => change.path === 'data.agreed');
          assert.equal(dropped?.note, 'stays when Git drops it: also owned by other-team');
          await write(file, text());
        });

        test('without the time of a line nothing is guessed', async () => {
          const plain = join(plane.folder, 'plain');
          await cp(join(clone.folder, way), join(plain, way), { recursive: true });
          assert.deepEqual(told(await find({ folder: plain })), [
            'data.both changed undetermined managed-fields controller kept',
            'data.cluster changed undetermined managed-fields edit kept',
            'data.gone removed undetermined managed-fields unknown kept',
          ]);
        });
      }

      test('a default that Git declares now: pending, whoever set nothing', async () => {
        const web = `${way}/web.yaml`;
        await write(web, deployment(namespace).replace('spec:\n', 'spec:\n  revisionHistoryLimit: 2\n'));
        const cause = isServerSide ? 'default' : 'unknown';
        assert.deepEqual(told(await objectIn(way, 'Deployment/web')), [
          `spec.revisionHistoryLimit changed pending ${basis} ${cause} kept`,
        ]);
        await write(web, deployment(namespace));
      });

      test('not declared: a person’s is listed as kept, a controller’s only counted', async () => {
        const labels = (name: string): unknown => ({ metadata: { labels: { [name]: 'x' } } });
        await patch('deployment/web', namespace, 'kubectl-label', labels('by-hand'));
        await patch('deployment/web', namespace, 'example-controller', labels('by-controller'));
        const found = await objectIn(way, 'Deployment/web');
        assert.equal(found?.status, 'synced');
        assert.deepEqual(told(found), [`metadata.labels.by-hand added ignored ${basis} edit kept`]);
      });

      test('gone, and no inventory tells whether it ever was there', async () => {
        await plane.kubectl(['delete', 'deployment/web', '--namespace', namespace]);
        const found = await objectIn(way, 'Deployment/web');
        assert.equal(found?.status, 'missing');
        assert.match(found.note ?? '', /undetermined/);
      });
    });
  }

  describe('delivered by Flux', () => {
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
    const find = (id: string) => objectIn(folder, id);
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
      await plane.kubectl(['create', 'namespace', namespace]);
      await clone.commit({
        [declaration]: flux,
        [`${folder}/kustomization.yaml`]: kustomization('deployment.yaml', 'settings.yaml', 'quota.yaml'),
        [`${folder}/deployment.yaml`]: deployment(namespace),
        [`${folder}/settings.yaml`]: configMap(namespace, 'settings', 'one'),
        [`${folder}/quota.yaml`]: configMap(namespace, 'quota', 'one'),
      });
      await clone.push();
      const source = `apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: fleet, namespace: default}
spec: {interval: 1h, url: "${(await clone.git('remote', 'get-url', 'origin')).trim()}", ref: {branch: main}}
`;
      await plane.kubectl(['apply', '-f', '-'], { input: source });
      await plane.kubectl(['apply', '--server-side', '-f', join(clone.folder, declaration)]);
      await plane.kubectl(['wait', 'kustomization/shop', '--for=condition=Ready', '--timeout=60s']);
    });

    test('by the revision: pending, drifted, conflict, and none where both agree', async () => {
      await write(`${folder}/settings.yaml`, configMap(namespace, 'settings', 'two'));
      assert.deepEqual(told(await find('ConfigMap/settings')), [
        'data.greeting changed pending revision unknown reverted',
      ]);
      await patch('configmap/settings', namespace, 'kubectl-edit', { data: { greeting: 'three' } });
      assert.deepEqual(told(await find('ConfigMap/settings')), [
        'data.greeting changed conflict revision edit reverted',
      ]);
      await write(`${folder}/settings.yaml`, configMap(namespace, 'settings', 'one'));
      assert.deepEqual(told(await find('ConfigMap/settings')), [
        'data.greeting changed drifted revision edit reverted',
      ]);
      await write(`${folder}/settings.yaml`, configMap(namespace, 'settings', 'three'));
      assert.deepEqual(told(await find('ConfigMap/settings')), []);
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
      assert.deepEqual(told(await find('Deployment/web')).sort(), [
        'metadata.labels.by-k9s added ignored revision edit kept',
        'metadata.labels.by-kubectl added drifted revision edit reverted',
        'spec.replicas changed drifted revision edit reverted',
      ]);
      await reconcile((await clone.git('rev-parse', 'HEAD')).trim());
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
      assert.deepEqual(told(await find('Namespace/shop')), []);
      assert.equal((await find('Deployment/web'))?.status, 'pending');
      await write(`${folder}/namespace.yaml`, `${quota}third\n`);
      assert.deepEqual(told(await find('Namespace/shop')), [
        'metadata.labels.tier changed pending revision unknown reverted',
      ]);
      await patch('namespace/shop', 'default', 'kubectl-edit', { metadata: { labels: { tier: 'fourth' } } });
      assert.deepEqual(told(await find('Namespace/shop')), [
        'metadata.labels.tier changed conflict revision edit reverted',
      ]);
      await deliver({
        [`${folder}/namespace.yaml`]: `${quota}second\n`,
        [`${folder}/deployment.yaml`]: deployment(namespace),
      });
      assert.deepEqual(told(await find('Namespace/shop')), []);
    });

    test('a difference that is ignored by a rule of its own stays, and Flux leaves it alone', async () => {
      const scale = (): Promise<string> =>
        patch('deployment/web', namespace, 'kubectl-edit', { spec: { replicas: 5 } });
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
      assert.ok(told(found).includes('spec.replicas changed ignored revision unknown kept'), String(told(found)));
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
      const findHelm = (id: string) => objectIn('clusters/prod', id);
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
        const wait = ['wait', 'helmrelease/chart', '--namespace', helmNamespace, '--for=condition=Ready'];
        await plane.kubectl([...wait, '--timeout=60s']);
      });

      test('as it was installed: no finding', async () => {
        assert.deepEqual(told(await findHelm('ConfigMap/chart')), []);
        assert.equal((await findHelm('ConfigMap/chart'))?.status, 'synced');
      });

      test('the cluster moved: drifted by the release, which nothing reverts; at its HelmRelease', async () => {
        await patch('configmap/chart', helmNamespace, 'kubectl-edit', { data: { size: '9', more: 'x' } });
        const found = await findHelm('ConfigMap/chart');
        assert.deepEqual(told(found), [
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
        assert.equal(await field('configmap/chart', '.data.size', helmNamespace), '9');
        const found = (await findHelm('ConfigMap/chart'))?.changes.find(({ path }) => path === 'data.size');
        assert.deepEqual([found?.status, found?.note], ['ignored', 'ignored by rule']);
        await patch('configmap/chart', helmNamespace, 'kubectl-edit', { data: { token: 'other' } });
        const reverted = (await findHelm('ConfigMap/chart'))?.changes.find(({ path }) => path === 'data.token');
        assert.equal(reverted?.next, 'reverted');
      });
    });
  });
});
