import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { describeKey } from '../../src/core/kube/objectKey.ts';
import type { DriftReport, FieldChange, ObjectReport, ObjectStatus } from '../../src/core/report.ts';
import { type ControlPlane, startControlPlane } from '../rig/cluster/controlPlane.ts';
import { skipReason } from '../rig/cluster/requirements.ts';
import { runCli } from '../support/cli.ts';
import { corporaSkipReason, corpus } from '../support/corpora.ts';
import { type Way, deliverKustomization, ways } from '../support/deliver.ts';
import { DriftCheck, findings } from '../support/driftCheck.ts';
import { type WorkRepository, cloneBundle } from '../support/workRepository.ts';

const missing = await skipReason();
const skip = missing === false ? (corporaSkipReason('podinfo.bundle', 'kube-prometheus.bundle') ?? false) : missing;

/** Planted in Git and, changed, in the cluster; none of them, plain or in base64, may ever be printed. */
const secrets = {
  declared: 'plumb-declared-9f1c',
  live: 'plumb-live-77aa01',
  text: 'plumb-text-declared-31d0',
  textLive: 'plumb-text-live-e6b2',
} as const;

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** What the overlay of podinfo has beyond the corpus: a Secret, and values that an overlay decides. */
const dev = 'deploy/overlays/dev';
const ownFiles = {
  [`${dev}/kustomization.yaml`]: `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: dev
resources:
  - ../../bases/backend
  - ../../bases/frontend
  - ../../bases/cache
  - ../../bases/database
  - namespace.yaml
  - secret.yaml
transformers:
  - labels.yaml
replicas:
  - name: cache
    count: 2
images:
  - name: docker.io/redis
    newTag: 8.8.1
patches:
  - path: backend-color.yaml
`,
  [`${dev}/backend-color.yaml`]: `apiVersion: apps/v1
kind: Deployment
metadata:
  name: backend
spec:
  template:
    spec:
      containers:
        - name: backend
          env:
            - name: PODINFO_UI_COLOR
              value: "#ff8800"
`,
  [`${dev}/secret.yaml`]: `apiVersion: v1
kind: Secret
metadata:
  name: login
data:
  password: ${base64(secrets.declared)}
stringData:
  token: ${secrets.text}
`,
};

interface Repositories {
  podinfo: WorkRepository;
  prometheus: WorkRepository;
}

interface Edit {
  what: string;
  /** kubectl's arguments. */
  run: readonly string[];
  in: keyof Repositories;
  object: string;
  status: ObjectStatus;
  /** Absent: the object itself is the finding. */
  change?: {
    path: string;
    op: FieldChange['op'];
    status: FieldChange['status'];
    live?: unknown;
    cause: FieldChange['cause'];
    /** Absent where managedFields keep none: a removal leaves neither manager nor time (design §2.1). */
    manager?: string;
    /** `kubectl scale` leaves no time. */
    timed?: boolean;
    masked?: true;
  };
  /** Of the line that decides. */
  file: string;
  line: string;
}

const patch = (kind: string, namespace: string, name: string, body: unknown): string[] => [
  ...['patch', kind, name, '--namespace', namespace, '--type=merge', '--field-manager=kubectl-edit'],
  `--patch=${JSON.stringify(body)}`,
];

const edits: readonly Edit[] = [
  {
    what: 'replicas scaled, decided by the overlay',
    run: ['scale', 'deployment/cache', '--replicas=5', '--namespace=dev'],
    in: 'podinfo',
    object: 'Deployment dev/cache',
    status: 'drifted',
    change: { path: 'spec.replicas', op: 'changed', status: 'drifted', live: 5, cause: 'edit', manager: 'kubectl' },
    file: `${dev}/kustomization.yaml`,
    line: 'count: 2',
  },
  {
    what: 'replicas scaled, decided by the base',
    run: ['scale', 'statefulset/database-primary', '--replicas=3', '--namespace=dev'],
    in: 'podinfo',
    object: 'StatefulSet dev/database-primary',
    status: 'drifted',
    change: { path: 'spec.replicas', op: 'changed', status: 'drifted', live: 3, cause: 'edit', manager: 'kubectl' },
    file: 'deploy/bases/database/statefulset-primary.yaml',
    line: 'replicas: 1',
  },
  {
    what: 'image set, decided by the overlay',
    run: ['set', 'image', 'deployment/cache', 'redis=docker.io/redis:7.0.0', '--namespace=dev'],
    in: 'podinfo',
    object: 'Deployment dev/cache',
    status: 'drifted',
    change: {
      path: 'spec.template.spec.containers[name=redis].image',
      ...{ op: 'changed', status: 'drifted', live: 'docker.io/redis:7.0.0', cause: 'edit' },
      ...{ manager: 'kubectl-set', timed: true },
    },
    file: `${dev}/kustomization.yaml`,
    line: 'newTag: 8.8.1',
  },
  {
    what: 'image set, decided by the base',
    run: ['set', 'image', 'deployment/frontend', 'frontend=ghcr.io/stefanprodan/podinfo:5.0.0', '--namespace=dev'],
    in: 'podinfo',
    object: 'Deployment dev/frontend',
    status: 'drifted',
    change: {
      path: 'spec.template.spec.containers[name=frontend].image',
      ...{ op: 'changed', status: 'drifted', live: 'ghcr.io/stefanprodan/podinfo:5.0.0', cause: 'edit' },
      ...{ manager: 'kubectl-set', timed: true },
    },
    file: 'deploy/bases/frontend/deployment.yaml',
    line: 'image: ghcr.io/stefanprodan/podinfo:6.14.1',
  },
  {
    what: 'environment variable changed that a patch decides',
    run: ['set', 'env', 'deployment/backend', 'PODINFO_UI_COLOR=#000000', '--namespace=dev'],
    in: 'podinfo',
    object: 'Deployment dev/backend',
    status: 'drifted',
    change: {
      path: 'spec.template.spec.containers[name=backend].env[name=PODINFO_UI_COLOR].value',
      ...{ op: 'changed', status: 'drifted', live: '#000000', cause: 'edit', manager: 'kubectl-set', timed: true },
    },
    file: `${dev}/backend-color.yaml`,
    line: 'value: "#ff8800"',
  },
  {
    what: 'environment variable added, which kubectl would keep',
    run: ['set', 'env', 'deployment/database-replica', 'EXTRA=1', '--namespace=dev'],
    in: 'podinfo',
    object: 'Deployment dev/database-replica',
    status: 'synced',
    change: {
      path: 'spec.template.spec.containers[name=database].env[name=EXTRA]',
      ...{ op: 'added', status: 'ignored', live: { name: 'EXTRA', value: '1' }, cause: 'edit' },
      ...{ manager: 'kubectl-set', timed: true },
    },
    file: 'deploy/bases/database/deployment-replica.yaml',
    line: '',
  },
  {
    what: 'ConfigMap key edited that a generator reads from a file',
    run: patch('configmap', 'dev', 'rollup-script', { data: { 'rollup.sh': 'echo edited\n' } }),
    in: 'podinfo',
    object: 'ConfigMap dev/rollup-script',
    status: 'drifted',
    change: {
      path: 'data["rollup.sh"]',
      ...{ op: 'changed', status: 'drifted', live: 'echo edited\n', cause: 'edit' },
      ...{ manager: 'kubectl-edit', timed: true },
    },
    file: 'deploy/bases/database/scripts/rollup.sh',
    line: 'This file is program code upstream. Its text is left out of this test data.',
  },
  {
    what: 'label removed that a transformer sets',
    run: ['label', 'service/cache', 'app.kubernetes.io/environment-', '--namespace=dev'],
    in: 'podinfo',
    object: 'Service dev/cache',
    status: 'drifted',
    change: {
      path: 'metadata.labels["app.kubernetes.io/environment"]',
      ...{ op: 'removed', status: 'drifted', cause: 'unknown' },
    },
    file: `${dev}/labels.yaml`,
    line: 'app.kubernetes.io/environment: dev',
  },
  {
    what: 'object deleted',
    run: ['delete', 'service/frontend', '--namespace=dev'],
    in: 'podinfo',
    object: 'Service dev/frontend',
    status: 'missing',
    file: 'deploy/bases/frontend/service.yaml',
    line: 'kind: Service',
  },
  {
    what: 'Secret key changed',
    run: patch('secret', 'dev', 'login', { data: { password: base64(secrets.live) } }),
    in: 'podinfo',
    object: 'Secret dev/login',
    status: 'drifted',
    change: {
      path: 'data.password',
      ...{ op: 'changed', status: 'drifted', cause: 'edit', manager: 'kubectl-edit', timed: true, masked: true },
    },
    file: `${dev}/secret.yaml`,
    line: `password: ${base64(secrets.declared)}`,
  },
  {
    what: 'Secret key changed that stringData declares',
    run: patch('secret', 'dev', 'login', { stringData: { token: secrets.textLive } }),
    in: 'podinfo',
    object: 'Secret dev/login',
    status: 'drifted',
    change: {
      path: 'stringData.token',
      ...{ op: 'changed', status: 'drifted', cause: 'edit', manager: 'kubectl-edit', timed: true, masked: true },
    },
    file: `${dev}/secret.yaml`,
    line: `token: ${secrets.text}`,
  },
  {
    what: 'replicas scaled',
    run: ['scale', 'deployment/grafana', '--replicas=4', '--namespace=monitoring'],
    in: 'prometheus',
    object: 'Deployment monitoring/grafana',
    status: 'drifted',
    change: { path: 'spec.replicas', op: 'changed', status: 'drifted', live: 4, cause: 'edit', manager: 'kubectl' },
    file: 'manifests/grafana-deployment.yaml',
    line: 'replicas: 1',
  },
  {
    what: 'image set of the second container',
    run: [
      ...['set', 'image', 'deployment/blackbox-exporter', '--namespace=monitoring'],
      'module-configmap-reloader=registry.invalid/reload:1',
    ],
    in: 'prometheus',
    object: 'Deployment monitoring/blackbox-exporter',
    status: 'drifted',
    change: {
      path: 'spec.template.spec.containers[name=module-configmap-reloader].image',
      ...{ op: 'changed', status: 'drifted', live: 'registry.invalid/reload:1', cause: 'edit' },
      ...{ manager: 'kubectl-set', timed: true },
    },
    file: 'manifests/blackboxExporter-deployment.yaml',
    line: 'image: ghcr.io/jimmidyson/configmap-reload:v0.15.0',
  },
  {
    what: 'ConfigMap key edited',
    run: patch('configmap', 'monitoring', 'blackbox-exporter-configuration', { data: { 'config.yml': 'modules: {}' } }),
    in: 'prometheus',
    object: 'ConfigMap monitoring/blackbox-exporter-configuration',
    status: 'drifted',
    change: {
      path: 'data["config.yml"]',
      ...{ op: 'changed', status: 'drifted', live: 'modules: {}', cause: 'edit', manager: 'kubectl-edit', timed: true },
    },
    file: 'manifests/blackboxExporter-configuration.yaml',
    line: 'config.yml: |-',
  },
  {
    what: 'label removed from a custom resource',
    run: ['label', 'servicemonitor/grafana', 'app.kubernetes.io/part-of-', '--namespace=monitoring'],
    in: 'prometheus',
    object: 'ServiceMonitor monitoring/grafana',
    status: 'drifted',
    change: {
      path: 'metadata.labels["app.kubernetes.io/part-of"]',
      op: 'removed',
      status: 'drifted',
      cause: 'unknown',
    },
    file: 'manifests/grafana-serviceMonitor.yaml',
    line: 'app.kubernetes.io/part-of: kube-prometheus',
  },
  {
    what: 'custom resource deleted',
    run: ['delete', 'prometheusrule/grafana-rules', '--namespace=monitoring'],
    in: 'prometheus',
    object: 'PrometheusRule monitoring/grafana-rules',
    status: 'missing',
    file: 'manifests/grafana-prometheusRule.yaml',
    line: 'kind: PrometheusRule',
  },
  {
    what: 'Secret key changed',
    run: patch('secret', 'monitoring', 'alertmanager-main', { stringData: { 'alertmanager.yaml': secrets.textLive } }),
    in: 'prometheus',
    object: 'Secret monitoring/alertmanager-main',
    status: 'drifted',
    change: {
      path: 'stringData["alertmanager.yaml"]',
      ...{ op: 'changed', status: 'drifted', cause: 'edit', manager: 'kubectl-edit', timed: true, masked: true },
    },
    file: 'manifests/alertmanager-secret.yaml',
    line: 'alertmanager.yaml: |-',
  },
];

function objectOf(report: DriftReport, key: string): ObjectReport {
  const found = report.applications.flatMap(({ objects }) => objects).filter((object) => describeKey(object) === key);
  assert.equal(found.length, 1, `${key} is there once`);
  return found[0] as ObjectReport;
}

async function lineAt(folder: string, location: { file: string; line?: number } | undefined): Promise<string> {
  assert.ok(location?.line !== undefined, 'a line is named');
  const lines = (await readFile(join(folder, location.file), 'utf8')).split('\n');
  return (lines[location.line - 1] ?? '').trim();
}

async function checkEdit(report: DriftReport, edit: Edit, folder: string, since: Date): Promise<void> {
  const object = objectOf(report, edit.object);
  assert.equal(object.status, edit.status);
  const expected = edit.change;
  if (expected === undefined) {
    assert.deepEqual(object.changes, []);
    assert.equal(object.location?.file, edit.file);
    assert.equal(await lineAt(folder, object.location), edit.line);
    return;
  }
  const change = object.changes.find(({ path }) => path === expected.path);
  assert.ok(change, `no change of ${expected.path} among ${object.changes.map(({ path }) => path).join(', ')}`);
  const { op, status, cause, managers, live, masked } = change;
  assert.deepEqual({ op, status, cause }, { op: expected.op, status: expected.status, cause: expected.cause });
  assert.deepEqual(live, expected.live);
  assert.equal(masked, expected.masked);
  const manager = managers.find(({ name }) => name === expected.manager);
  assert.equal(manager?.name, expected.manager);
  if (expected.timed === true) {
    const at = Date.parse(manager?.time ?? '');
    assert.ok(at >= since.getTime() - 1000 && at <= Date.now() + 1000, `time ${String(manager?.time)}`);
  } else assert.equal(manager?.time, undefined);
  assert.equal(change.location?.file, edit.file);
  if (edit.line !== '') assert.equal(await lineAt(folder, change.location), edit.line);
}

/** Every finding that no edit explains. */
function unexplained(report: DriftReport, name: keyof Repositories): string[] {
  const known = edits.filter((edit) => edit.in === name);
  const applications = report.applications.map((application) => ({
    ...application,
    objects: application.objects.flatMap((object) => {
      const own = known.filter((edit) => edit.object === describeKey(object));
      const isExplained = own.some((edit) => edit.change === undefined && edit.status === object.status);
      const changes = object.changes.filter((change) => !own.some((edit) => edit.change?.path === change.path));
      return isExplained || (changes.length === 0 && own.length > 0) ? [] : [{ ...object, changes }];
    }),
  }));
  return findings({ ...report, applications });
}

for (const way of ways) {
  describe(`kubectl apply, ${way}`, { skip }, () => {
    let plane: ControlPlane;
    let check: DriftCheck;
    const repositories = {} as Repositories;
    const folders = { podinfo: dev, prometheus: '' } as const;

    before(async () => {
      plane = await startControlPlane();
      check = new DriftCheck(plane);
      repositories.podinfo = await cloneBundle(corpus('podinfo.bundle'));
      repositories.prometheus = await cloneBundle(corpus('kube-prometheus.bundle'));
      await repositories.podinfo.commit(ownFiles, 'Decide values in the overlay of dev');
      await applyAll(plane, repositories, way);
    });
    after(async () => {
      check.dispose();
      await plane.stop();
      for (const repository of Object.values(repositories) as WorkRepository[]) await repository.dispose();
    });

    const sources = [
      ['podinfo', 'kustomize', 3],
      ['podinfo', dev, 26],
      ['prometheus', '', 131],
    ] as const;
    for (const [name, below, count] of sources) {
      test(`nothing is found in ${name} ${below}`, async () => {
        const report = await check.check(repositories[name].folder, { below, namespace: 'podinfo' });
        assert.deepEqual(findings(report), []);
        assert.equal(report.summary.objects, count);
        assert.equal(report.summary.synced, count);
      });
    }

    test('each edit is found, on its object, field and line', async (t) => {
      const since = new Date();
      for (const { run } of edits) await plane.kubectl(run);
      const reports = {
        podinfo: await check.check(repositories.podinfo.folder, { below: folders.podinfo }),
        prometheus: await check.check(repositories.prometheus.folder),
      };
      for (const edit of edits) {
        await t.test(`${edit.object}: ${edit.what}`, () =>
          checkEdit(reports[edit.in], edit, repositories[edit.in].folder, since),
        );
      }
      await t.test('and nothing else', () => {
        assert.deepEqual(unexplained(reports.podinfo, 'podinfo'), []);
        assert.deepEqual(unexplained(reports.prometheus, 'prometheus'), []);
      });
      await t.test('no Secret value is in a report', () => {
        assertNoSecret(JSON.stringify(reports));
      });
    });

    for (const output of ['text', 'json'] as const) {
      test(`the command line prints it as ${output}, without a Secret value`, async () => {
        const { folder } = repositories.podinfo;
        const args = ['drift', join(folder, dev), '--context', 'admin', '--output', output];
        const result = await runCli([...args, '--kubeconfig', plane.kubeconfig], { environment: plane.environment });
        assert.equal(result.code, 1, result.stderr);
        assertNoSecret(result.stdout + result.stderr);
        if (output === 'json') {
          const report = JSON.parse(result.stdout) as DriftReport;
          assert.equal(objectOf(report, 'Deployment dev/cache').status, 'drifted');
          assert.deepEqual(unexplained(report, 'podinfo'), []);
        } else {
          assert.match(result.stdout, /Deployment.*cache/);
          assert.match(result.stdout, new RegExp(`${dev}/kustomization\\.yaml:\\d+`));
        }
      });
    }
  });
}

async function applyAll(plane: ControlPlane, repositories: Repositories, way: Way): Promise<void> {
  const { podinfo, prometheus } = repositories;
  await deliverKustomization(plane, join(podinfo.folder, 'kustomize'), { way, namespace: 'podinfo' });
  await deliverKustomization(plane, join(podinfo.folder, dev), { way });
  await deliverKustomization(plane, prometheus.folder, { way });
}

function assertNoSecret(text: string): void {
  const values = [...Object.values(secrets), 'resolve_timeout', 'InfoInhibitor'];
  for (const value of values) {
    assert.ok(!text.includes(value), `${value} is printed`);
    // A part of base64 that does not depend on what stands before or after it.
    const encoded = base64(value).replace(/=+$/, '').slice(0, -1);
    assert.ok(!text.includes(encoded), `${value} is printed in base64`);
  }
}
