import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { ApplicationList, ApplicationReport, DriftReport, History } from '../../src/core/report.ts';
import type { Clone } from '../rig/cluster/clone.ts';
import { type ControlPlane, startControlPlane } from '../rig/cluster/controlPlane.ts';
import type { GitRepository } from '../rig/cluster/gitServer.ts';
import { makeRemote } from '../rig/cluster/greeting.ts';
import { skipReason } from '../rig/cluster/requirements.ts';
import { until } from '../rig/cluster/until.ts';
import { ArgoApplications } from '../support/argoApplications.ts';
import { type Answer, cliOn } from '../support/cliOn.ts';

const options = { argocd: true };

const configMap = (name: string, greeting: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {greeting: ${greeting}}\n`;

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: 'example/web:1.0'}]}
`;

const files = {
  'plain/settings.yaml': configMap('settings', 'hello'),
  'plain/left-out.yaml': configMap('left-out', 'hello'),
  'plain/nested/deeper.yaml': configMap('deeper', 'hello'),
  'overlay/kustomization.yaml': 'resources: [web.yaml]\n',
  'overlay/web.yaml': deployment,
  'chart/Chart.yaml': 'apiVersion: v2\nname: greeter\nversion: 1.0.0\n',
  'chart/values.yaml': 'greeting: default\n',
  'chart/templates/greeting.yaml':
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Release.Name }}-greeting}\ndata: {greeting: {{ .Values.greeting }}}\n',
  'healing/healed.yaml': configMap('healed', 'hello'),
  'random/Chart.yaml': 'apiVersion: v2\nname: random\nversion: 1.0.0\n',
  'random/templates/token.yaml':
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: token}\ndata: {token: {{ randAlphaNum 8 }}}\n',
};

describe('applications of Argo CD', { skip: await skipReason(options) }, () => {
  let plane: ControlPlane;
  let remote: GitRepository;
  let clone: Clone;
  let first: string;
  let run: (command: string, ...args: string[]) => Promise<Answer>;
  let argo: ArgoApplications;

  const application = (name: string, path: string, source = '', rest = '', server = 'https://kubernetes.default.svc') =>
    `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: ${name}, namespace: argocd}
spec:
  project: default
  source: {repoURL: "${remote.url}", targetRevision: main, path: ${path}${source}}
  destination: {server: "${server}", namespace: shop}
  ${rest}
---
`;

  before(async () => {
    plane = await startControlPlane(options);
    argo = new ArgoApplications(plane);
    ({ repository: remote, clone } = await makeRemote(plane));
    run = cliOn(plane, clone.folder);
    await clone.git('config', 'user.name', 'Test');
    await clone.git('config', 'user.email', 'test@example.invalid');
    await plane.kubectl(['create', 'namespace', 'shop']);
    first = await clone.commit({
      ...files,
      'argocd/child.yaml': application('child', 'child').replaceAll('---\n', ''),
      'child/child.yaml': configMap('of-child', 'hello'),
      'elsewhere/other.yaml': application('other', 'plain').replaceAll('---\n', ''),
    });
    await clone.push();
    const input = [
      application('plain', 'plain', ', directory: {recurse: true, exclude: "left-*"}'),
      application('overlay', 'overlay', ', kustomize: {images: ["example/web:2.0"], namePrefix: my-}'),
      application('greeter', 'chart', ', helm: {valuesObject: {greeting: hello}}'),
      application('random', 'random'),
      application('healing', 'healing', '', 'syncPolicy: {automated: {selfHeal: true}}'),
      application('spoke', 'plain', '', '', 'https://spoke.example:6443'),
      application('root', 'argocd').replace('namespace: shop', 'namespace: argocd'),
    ].join('');
    await plane.kubectl(['apply', '-f', '-'], { input });
    for (const name of ['plain', 'overlay', 'greeter', 'random', 'root']) {
      await until(`${name} was compared`, async () => (await argo.field(name, '.status.sync.status')) === 'OutOfSync');
    }
  });
  after(() => plane.stop());

  const list = async (...args: string[]): Promise<ApplicationList> => {
    const answer = await run('apps', '--output', 'json', ...args);
    assert.equal(answer.code, 0, `${answer.stdout}\n${answer.stderr}`);
    return JSON.parse(answer.stdout) as ApplicationList;
  };
  const drift = async (name: string): Promise<{ report: DriftReport; found: ApplicationReport }> => {
    const answer = await run('drift', '--app', `argocd:argocd/${name}`, '--output', 'json');
    assert.match(String(answer.code), /^[012]$/, `${answer.stdout}\n${answer.stderr}`);
    const report = JSON.parse(answer.stdout) as DriftReport;
    const [found] = report.applications;
    assert.ok(found, answer.stdout);
    return { report, found };
  };
  const states = (found: ApplicationReport): string[] =>
    found.objects.map((object) => `${object.kind}/${object.name} ${object.status}`).sort();

  test('all of this repository are listed, with what Argo CD says of them', async () => {
    const { applications } = await list('--context', 'admin');
    const words = applications.map(({ id, source, sync: says, gates }) => [
      id.replace('argocd:argocd/', ''),
      source.kind,
      says?.status,
      gates.map((gate) => gate.kind).join(),
    ]);
    assert.deepEqual(words.filter(([id]) => ['plain', 'overlay', 'greeter', 'child'].includes(String(id))).sort(), [
      ['child', 'directory', undefined, 'not-applied'],
      ['greeter', 'helm', 'out-of-sync', 'auto-sync-off'],
      ['overlay', 'kustomize', 'out-of-sync', 'auto-sync-off'],
      ['plain', 'directory', 'out-of-sync', 'auto-sync-off'],
    ]);
    // What another cluster's folder declares is none of this one's, and what Argo CD delivers is not listed twice.
    assert.deepEqual(
      applications.map(({ id }) => id).filter((id) => !id.startsWith('argocd:')),
      ['elsewhere'],
    );
  });

  test('without a context, files alone say what is declared', async () => {
    const { applications } = await list();
    const declared = applications.filter(({ engine }) => engine === 'argocd');
    assert.deepEqual(
      declared.map(({ id, foundIn, declared: place }) => [id, foundIn, place?.file, place?.line]),
      [
        ['argocd:argocd/child', 'argocd', 'argocd/child.yaml', 1],
        ['argocd:argocd/other', 'argocd', 'elsewhere/other.yaml', 1],
      ],
    );
    assert.deepEqual(
      declared.map(({ gates }) => gates.map(({ kind }) => kind)),
      [['not-applied'], ['not-applied']],
    );
  });

  test('what was never synced is to be created, by each tool as Argo CD runs it', async () => {
    assert.deepEqual(states((await drift('plain')).found), ['ConfigMap/deeper create', 'ConfigMap/settings create']);
    assert.deepEqual(states((await drift('overlay')).found), ['Deployment/my-web create']);
    assert.deepEqual(states((await drift('greeter')).found), ['ConfigMap/greeter-greeting create']);
  });

  test('what a sync has just applied has no findings', async () => {
    for (const name of ['plain', 'overlay', 'greeter']) {
      await argo.sync(name, first);
      const { report, found } = await drift(name);
      assert.deepEqual(report.problems, []);
      assert.deepEqual(
        found.objects.flatMap(({ changes }) => changes),
        [],
        name,
      );
      assert.ok(
        found.objects.every(({ status }) => status === 'synced'),
        states(found).join(),
      );
      assert.deepEqual(found.applied?.revision, first);
    }
    await until('Synced', async () => (await argo.field('plain', '.status.sync.status')) === 'Synced');
    const { found } = await drift('plain');
    assert.equal(found.sync?.status, 'synced');
    assert.equal(found.health, 'healthy');
  });

  test('a hand edit is drift, found by what was applied', async () => {
    await edit('settings', 'edited');
    const { found } = await drift('plain');
    assert.deepEqual(states(found), ['ConfigMap/deeper synced', 'ConfigMap/settings drifted']);
    const [change] = found.objects.flatMap(({ changes }) => changes);
    assert.deepEqual(
      [change?.path, change?.basis, change?.live, change?.location?.file],
      ['data.greeting', 'revision', 'edited', 'plain/settings.yaml'],
    );
    await edit('settings', 'hello');
  });

  test('a commit that was pushed and not synced is pending, whatever revision Argo CD compared with', async () => {
    const second = await clone.commit({
      'plain/settings.yaml': configMap('settings', 'goodbye'),
      'plain/nested/deeper.yaml': configMap('deeper', 'goodbye'),
    });
    const { found: early } = await drift('plain');
    assert.deepEqual(
      early.gates.map(({ kind }) => kind),
      ['not-pushed', 'auto-sync-off'],
    );
    await clone.push();
    await argo.refresh('plain');
    await until('the new commit seen', async () => (await argo.field('plain', '.status.sync.revision')) === second);
    const { found } = await drift('plain');
    assert.equal(found.applied?.revision, first);
    assert.equal(found.sync?.revision, second);
    assert.deepEqual(states(found), ['ConfigMap/deeper pending', 'ConfigMap/settings pending']);
    // Only one of the two: then no revision is the applied one, and neither object has drifted.
    await argo.sync('plain', second, {
      resources: [{ kind: 'ConfigMap', name: 'settings', namespace: 'shop' }],
    });
    const { found: half } = await drift('plain');
    assert.equal(half.applied?.revision, first);
    assert.deepEqual(states(half), ['ConfigMap/deeper pending', 'ConfigMap/settings synced']);
    await argo.sync('plain', second);
    assert.deepEqual(states((await drift('plain')).found), ['ConfigMap/deeper synced', 'ConfigMap/settings synced']);
  });

  test('the history tells what was synced, by whom, newest first', async () => {
    const answer = await run('history', '--app', 'argocd:argocd/plain', '--output', 'json');
    assert.equal(answer.code, 0, `${answer.stdout}\n${answer.stderr}`);
    const [found] = (JSON.parse(answer.stdout) as History).histories;
    const second = await clone.head();
    assert.deepEqual(
      found?.entries.map(({ revision, by, outcome, current }) => [revision, by, outcome, current]),
      [
        [second, 'ada', 'succeeded', true],
        [first, 'ada', 'succeeded', undefined],
      ],
    );
    const failing = 'f'.repeat(40);
    await argo.patch('plain', { operation: { initiatedBy: { username: 'ada' }, sync: { revision: failing } } });
    await until('the sync failed', async () => {
      return /^(Failed|Error)$/.test(await argo.field('plain', '.status.operationState.phase'));
    });
    const { found: after } = await drift('plain');
    assert.deepEqual(after.applied?.revision, second);
    assert.ok(after.gates.some(({ kind }) => kind === 'failing'));
    assert.deepEqual(states(after), ['ConfigMap/deeper synced', 'ConfigMap/settings synced']);
  });

  test('what Git drops is extra', async () => {
    await clone.commit({ 'plain/settings.yaml': undefined });
    assert.deepEqual(states((await drift('plain')).found), ['ConfigMap/deeper synced', 'ConfigMap/settings extra']);
    await clone.push();
  });

  test('what cannot be rendered as Argo CD does is listed, and said not to be compared', async () => {
    const random = await drift('random');
    assert.match(random.found.notCompared ?? '', /random\/templates\/token\.yaml makes up values/);
    const spoke = await drift('spoke');
    assert.match(spoke.found.notCompared ?? '', /https:\/\/spoke\.example:6443, which no context/);
    for (const { report, found } of [random, spoke]) {
      assert.deepEqual(found.objects, []);
      assert.deepEqual(
        report.problems.map(({ code, severity }) => `${severity} ${code}`),
        ['error not-checked'],
      );
    }
    const { applications } = await list('--context', 'admin');
    const listed = applications.find(({ id }) => id === 'argocd:argocd/spoke');
    assert.match(listed?.notCompared ?? '', /spoke/);
  });

  test('an app of apps brings its children', async () => {
    assert.deepEqual(states((await drift('child')).found), ['ConfigMap/of-child create']);
    await argo.sync('root', await clone.head());
    await until(
      'the child was compared',
      async () => (await argo.field('child', '.status.sync.status')) === 'OutOfSync',
    );
    const { found } = await drift('child');
    assert.deepEqual(
      found.gates.map(({ kind }) => kind),
      ['auto-sync-off'],
    );
    assert.deepEqual(states(found), ['ConfigMap/of-child create']);
  });

  test('its sync is refused with a sentence, and nothing is changed', async () => {
    const answer = await run('sync', '--app', 'argocd:argocd/child', '--yes');
    assert.equal(answer.code, 3, `${answer.stdout}\n${answer.stderr}`);
    assert.match(answer.stdout, /Argo CD/);
    assert.equal(await argo.field('child', '.status.operationState.phase} {.operation'), ' ');
    assert.equal((await plane.kubectl(['get', 'configmaps', '-n=shop', '-o=name'])).includes('of-child'), false);
  });

  const edit = (name: string, greeting: string): Promise<string> =>
    plane.kubectl([
      ...['patch', `configmap/${name}`, '-n=shop', '--type=merge', '--field-manager=kubectl-edit'],
      ...['-p', JSON.stringify({ data: { greeting } })],
    ]);
});
