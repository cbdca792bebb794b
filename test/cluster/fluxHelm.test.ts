import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { DriftReport } from '../../src/core/report.ts';
import type { Clone } from '../rig/cluster/clone.ts';
import { type ControlPlane, startControlPlane } from '../rig/cluster/controlPlane.ts';
import { makeRemote } from '../rig/cluster/greeting.ts';
import { skipReason } from '../rig/cluster/requirements.ts';
import { until } from '../rig/cluster/until.ts';
import { DriftCheck } from '../support/driftCheck.ts';
import { fluxSource } from '../support/loopManifests.ts';
import { patchLive } from '../support/patchLive.ts';

const options = { flux: true };
const namespace = 'charts';
const file = 'clusters/prod/web.yaml';

const files = {
  'chart/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.0.0\n',
  'chart/values.yaml': 'tag: "1.0"\n',
  'chart/templates/web.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "example.invalid/web:{{ .Values.tag }}"}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: web}
data: {greeting: hello}
`,
  [file]: `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: web, namespace: ${namespace}}
spec:
  interval: 1h
  timeout: 15s
  upgrade: {disableWait: false}
  chart:
    spec:
      chart: ./chart
      sourceRef: {kind: GitRepository, name: fleet, namespace: default}
  values: {tag: "1.0"}
`,
};

/** A HelmRelease goes by the release that Helm stored; what an upgrade writes is nobody's edit, whatever becomes of it. */
describe('upgrades of a HelmRelease', { skip: await skipReason(options) }, () => {
  let plane: ControlPlane;
  let clone: Clone;
  let check: DriftCheck;

  before(async () => {
    plane = await startControlPlane(options);
    const remote = await makeRemote(plane);
    clone = remote.clone;
    check = new DriftCheck(plane);
    await plane.kubectl(['create', 'namespace', namespace]);
    await clone.commit(files);
    await clone.push();
    await plane.kubectl(['apply', '-f', '-'], { input: `${fluxSource(remote.repository.url)}---\n${files[file]}` });
    const wait = ['wait', 'helmrelease/web', '-n', namespace, '--for=condition=Ready', '--timeout=60s'];
    await plane.kubectl(wait);
  });
  after(async () => {
    check.dispose();
    await plane.stop();
  });

  const release = (path: string): Promise<string> =>
    plane.kubectl(['get', 'helmrelease/web', '-n', namespace, `-o=jsonpath={${path}}`]);
  const image = (): Promise<string> =>
    plane.kubectl([
      ...['get', 'deployment/web', '-n', namespace],
      '-o=jsonpath={.spec.template.spec.containers[0].image}',
    ]);
  const upgradeTo = (tag: string): Promise<string> =>
    plane.kubectl([
      ...['patch', 'helmrelease/web', '-n', namespace, '--type=merge'],
      ...['-p', JSON.stringify({ spec: { values: { tag } } })],
    ]);
  /** Of the release; that its HelmRelease is changed by hand here is told by the folder that declares it. */
  const told = ({ applications }: DriftReport): string[] =>
    applications
      .filter(({ id }) => id === `flux:helmrelease/${namespace}/web`)
      .flatMap(({ objects }) => objects)
      .flatMap(({ kind, changes }) => changes.map(({ path, status }) => `${kind} ${path} ${status}`))
      .sort();
  const reported = async (): Promise<string[]> => {
    const report = await check.check(clone.folder, { below: 'clusters/prod' });
    assert.deepEqual(report.problems, []);
    return told(report);
  };
  const edit = (greeting: string): Promise<string> =>
    patchLive(plane, 'configmap/web', namespace, 'kubectl-edit', { data: { greeting } });
  const pending = 'Deployment spec.template.spec.containers[name=web].image pending';

  test('one that succeeds is no drift before a session, without being asked', async () => {
    assert.deepEqual(await reported(), []);
    const opened = await check.session(clone.folder);
    const { session } = opened;
    try {
      await session.refresh();
      const now = (): string[] => told(session.snapshot.report);
      assert.deepEqual(now(), []);
      const before = session.snapshot;
      await upgradeTo('2.0');
      await until('the upgrade is recorded', async () => (await release('.status.history[0].version')) === '2');
      assert.match(await image(), /:2\.0$/);
      await until('the session shows it', () => Promise.resolve(session.snapshot !== before && now().length === 0));
      await edit('hand');
      await until('and sees edits', () => Promise.resolve(now().join() === 'ConfigMap data.greeting drifted'));
    } finally {
      await opened.dispose();
    }
    await edit('hello');
    assert.deepEqual(await reported(), []);
  });

  test('while one runs, and after it failed, what it wrote is no drift; an edit is', async () => {
    await upgradeTo('crashing');
    await until('it is running', async () =>
      /^Running 'upgrade' action/.test(await release('.status.conditions[?(@.type=="Reconciling")].message')),
    );
    await until('it wrote the object', async () => (await image()).endsWith(':crashing'));
    assert.deepEqual(await reported(), [pending]);
    await edit('hand');
    assert.deepEqual(await reported(), ['ConfigMap data.greeting drifted', pending]);
    await until('it failed', async () => (await release('.status.history[0].status')) === 'failed');
    assert.deepEqual(await reported(), ['ConfigMap data.greeting drifted', pending]);
  });
});
