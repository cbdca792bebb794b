import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { JsonObject } from '../../src/core/json.ts';
import type { ApplicationReport, FieldChange } from '../../src/core/report.ts';
import type { Clone } from '../rig/cluster/clone.ts';
import { type ControlPlane, startControlPlane } from '../rig/cluster/controlPlane.ts';
import { makeRemote } from '../rig/cluster/greeting.ts';
import { requestReconcile } from '../rig/cluster/requestReconcile.ts';
import { skipReason } from '../rig/cluster/requirements.ts';
import { until } from '../rig/cluster/until.ts';
import { DriftCheck } from '../support/driftCheck.ts';
import { fluxKustomization, fluxSource, kustomization } from '../support/loopManifests.ts';
import { patchLive } from '../support/patchLive.ts';

const options = { flux: true };
const namespace = 'shop';
const folder = 'apps/shop';
const flux = 'kustomize.toolkit.fluxcd.io';
const owner = 'example.com/owner';

const web = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: ${namespace}, labels: {app: web}, annotations: {"${owner}": git}}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - {name: web, image: "example.invalid/web:git"}
        - {name: log, image: "example.invalid/log:git"}
`;
const settings = `apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: ${namespace}}
data: {greeting: git, kept: git}
`;

/** What is edited by hand before every reconcile, by the path of its change. */
const edits = {
  greeting: 'data.greeting',
  image: 'spec.template.spec.containers[name=web].image',
  owner: `metadata.annotations["${owner}"]`,
  replicas: 'spec.replicas',
} as const;
type Edit = keyof typeof edits;

interface Case {
  says: string;
  rules: JsonObject[];
  /** Which edits stay when Flux reconciles. */
  stay: readonly Edit[];
}

const deployments: JsonObject = { kind: 'Deployment' };
const rule = (target: JsonObject | undefined, ...paths: string[]): JsonObject[] => [
  { paths, ...(target === undefined ? {} : { target }) },
];
const row = (says: string, rules: JsonObject[], stay: readonly Edit[] = []): Case => ({ says, rules, stay });
const replicas = '/spec/replicas';

const cases: readonly Case[] = [
  row('no rule', []),
  row('a path', rule(undefined, replicas), ['replicas']),
  row('a path and a kind', rule(deployments, replicas), ['replicas']),
  row('a kind in other letters', rule({ kind: 'deployment' }, replicas)),
  row('a kind is no part of one', rule({ kind: 'Deploy' }, replicas)),
  row('a kind as an expression', rule({ kind: 'Deploy.*' }, replicas), ['replicas']),
  row('a name as an expression', rule({ name: 'w.b|x' }, replicas), ['replicas']),
  row('an anchored name', rule({ name: '^web$' }, replicas), ['replicas']),
  row('another name', rule({ name: 'eb' }, replicas)),
  row('a namespace', rule({ namespace }, replicas), ['replicas']),
  row('another namespace', rule({ namespace: 'other' }, replicas)),
  row('a group', rule({ group: 'apps' }, replicas), ['replicas']),
  row('no group is any', rule({ group: '', version: 'v1' }, replicas, '/data/greeting'), ['greeting', 'replicas']),
  row('another version', rule({ version: 'v1beta1' }, replicas)),
  row('a label', rule({ labelSelector: 'app in (web, api)' }, replicas), ['replicas']),
  row('another label', rule({ labelSelector: 'app=api' }, replicas)),
  row('an annotation', rule({ annotationSelector: owner }, replicas), ['replicas']),
  row('no such annotation', rule({ annotationSelector: `!${owner}` }, replicas)),
  row('a key with a slash', rule(deployments, '/metadata/annotations/example.com~1owner'), ['owner']),
  row('a slash that is not escaped', rule(deployments, '/metadata/annotations/example.com/owner')),
  row('a position', rule(deployments, '/spec/template/spec/containers/0/image'), ['image']),
  row('another position', rule(deployments, '/spec/template/spec/containers/1/image')),
  row('a position beyond the end', rule(deployments, '/spec/template/spec/containers/7/image')),
  row('something above', rule(deployments, '/spec/template'), ['image']),
  row('what is not there', rule(deployments, '/spec/paused', '/spec/nothing/here')),
  row('several', rule(undefined, replicas, '/data/greeting', '/metadata/annotations/example.com~1owner'), [
    'greeting',
    'owner',
    'replicas',
  ]),
];

interface Directive {
  says: string;
  /** In Git. */
  annotations?: Record<string, string>;
  labels?: Record<string, string>;
  /** Put on the live object by hand. */
  live?: Record<string, string>;
  /** What a reconcile does to an edited value, to a value added by hand, and to the object once Git drops it. */
  does: 'reverts' | 'leaves';
  added: 'removed' | 'kept';
  dropped: 'pruned' | 'kept';
}

const reverts = { does: 'reverts', added: 'removed', dropped: 'pruned' } as const;
const leaves = { does: 'leaves', added: 'kept' } as const;
const of = (name: string, value: string): Record<string, string> => ({ [`${flux}/${name}`]: value });

const directives: readonly Directive[] = [
  { says: 'none', ...reverts },
  // What stands in Git alone is never applied, so the object does not say so when Git drops it.
  { says: 'reconcile-disabled', annotations: of('reconcile', 'disabled'), ...leaves, dropped: 'pruned' },
  { says: 'reconcile-disabled-label', labels: of('reconcile', 'disabled'), ...leaves, dropped: 'pruned' },
  { says: 'reconcile-disabled-case', annotations: of('reconcile', 'Disabled'), ...leaves, dropped: 'pruned' },
  { says: 'reconcile-disabled-live', live: of('reconcile', 'disabled'), ...leaves, dropped: 'kept' },
  { says: 'reconcile-enabled', annotations: of('reconcile', 'enabled'), ...reverts },
  { says: 'ssa-ignore', annotations: of('ssa', 'Ignore'), ...leaves, dropped: 'pruned' },
  { says: 'ssa-ignore-live', live: of('ssa', 'Ignore'), ...leaves, dropped: 'kept' },
  { says: 'ssa-if-not-present', annotations: of('ssa', 'IfNotPresent'), ...leaves, dropped: 'pruned' },
  { says: 'ssa-if-not-present-live', live: of('ssa', 'IfNotPresent'), ...reverts },
  { says: 'ssa-merge', annotations: of('ssa', 'Merge'), does: 'reverts', added: 'kept', dropped: 'pruned' },
  { says: 'ssa-merge-case', annotations: of('ssa', 'merge'), does: 'reverts', added: 'kept', dropped: 'pruned' },
  { says: 'ssa-override', annotations: of('ssa', 'Override'), ...reverts },
  { says: 'prune-disabled', annotations: of('prune', 'disabled'), does: 'reverts', added: 'removed', dropped: 'kept' },
  { says: 'prune-disabled-label', labels: of('prune', 'disabled'), does: 'reverts', added: 'removed', dropped: 'kept' },
  { says: 'prune-disabled-live', live: of('prune', 'disabled'), does: 'reverts', added: 'removed', dropped: 'kept' },
];

/** As it is first delivered, without what keeps Flux from creating it. */
const bare = ({ says }: Directive): string => directed({ says, ...reverts });
const directed = ({ says, annotations = {}, labels = {} }: Directive): string => `apiVersion: v1
kind: ConfigMap
metadata: {name: ${says}, namespace: ${namespace}, annotations: ${JSON.stringify(annotations)}, labels: ${JSON.stringify(labels)}}
data: {greeting: git}
`;

/** Rules and annotations of Flux against a real one: what its reconcile leaves alone is what we ignore, and nothing else. */
describe('what Flux leaves alone', { skip: await skipReason(options) }, () => {
  let plane: ControlPlane;
  let clone: Clone;
  let check: DriftCheck;

  before(async () => {
    plane = await startControlPlane(options);
    const remote = await makeRemote(plane);
    clone = remote.clone;
    check = new DriftCheck(plane);
    await plane.kubectl(['create', 'namespace', namespace]);
    await clone.commit({
      [`${folder}/kustomization.yaml`]: kustomization('web.yaml', 'settings.yaml', 'directed.yaml'),
      [`${folder}/web.yaml`]: web,
      [`${folder}/settings.yaml`]: settings,
      [`${folder}/directed.yaml`]: directives.map(bare).join('---\n'),
    });
    await clone.push();
    const input = [fluxSource(remote.repository.url), fluxKustomization('shop', folder)].join('---\n');
    await plane.kubectl(['apply', '-f', '-'], { input });
    await plane.kubectl(['wait', 'kustomization/shop', '--for=condition=Ready', '--timeout=60s']);
  });
  after(async () => {
    check.dispose();
    await plane.stop();
  });

  const spec = (body: JsonObject): Promise<string> =>
    plane.kubectl(['patch', 'kustomization/shop', '--type=merge', '-p', JSON.stringify({ spec: body })]);
  const field = (object: string, path: string, where = namespace): Promise<string> =>
    plane.kubectl(['get', object, '-n', where, `-o=jsonpath={${path}}`]);
  const patch = (object: string, body: unknown): Promise<string> =>
    patchLive(plane, object, namespace, 'kubectl-edit', body);
  const reported = async (): Promise<ApplicationReport> => {
    const report = await check.check(clone.folder, { below: folder });
    const shop = report.applications.find(({ id }) => id === 'flux:default/shop');
    assert.ok(shop, JSON.stringify(report.problems));
    return shop;
  };
  const reconcile = async (): Promise<void> => {
    await spec({ suspend: false });
    const asked = await requestReconcile(plane, 'kustomization/shop');
    await until('Flux reconciled', async () => {
      const [handled, ready, generation, observed] = (
        await field(
          'kustomization/shop',
          '.status.lastHandledReconcileAt} {.status.conditions[?(@.type=="Ready")].status} {.metadata.generation} {.status.observedGeneration',
          'default',
        )
      ).split(' ');
      return handled === asked && ready === 'True' && generation === observed;
    });
  };

  const fetched = async (commit: string): Promise<void> => {
    await clone.push();
    await requestReconcile(plane, 'gitrepository/fleet');
    await until('the source is fetched', async () =>
      (await field('gitrepository/fleet', '.status.artifact.revision', 'default')).endsWith(commit),
    );
  };

  const edited = async (): Promise<Record<Edit, string>> => ({
    greeting: await field('configmap/settings', '.data.greeting'),
    image: await field('deployment/web', '.spec.template.spec.containers[0].image'),
    owner: await field('deployment/web', '.metadata.annotations.example\\.com/owner'),
    replicas: await field('deployment/web', '.spec.replicas'),
  });
  const inGit: Record<Edit, string> = {
    greeting: 'git',
    image: 'example.invalid/web:git',
    owner: 'git',
    replicas: '1',
  };

  cases.forEach(({ says, rules, stay }, index) => {
    test(`a rule of the Kustomization: ${says}`, async () => {
      await spec({ suspend: true, ignore: rules });
      const image = `example.invalid/web:row${String(index)}`;
      await patch('configmap/settings', { data: { greeting: `row${String(index)}` } });
      await plane.kubectl([
        ...['patch', 'deployment/web', '-n', namespace, '--type=strategic', '--field-manager=kubectl-edit', '-p'],
        JSON.stringify({
          metadata: { annotations: { [owner]: `row${String(index)}` } },
          spec: { replicas: index + 2, template: { spec: { containers: [{ name: 'web', image }] } } },
        }),
      ]);
      const byHand = await edited();
      const changes = (await reported()).objects.flatMap((object) => object.changes);
      const judged = (path: string): FieldChange | undefined => changes.find((change) => change.path === path);
      const names = Object.keys(edits) as Edit[];
      const ignored = names.filter((name) => judged(edits[name])?.status === 'ignored');
      const found = names.filter((name) => judged(edits[name])?.status === 'drifted');
      await reconcile();
      const now = await edited();
      const stayed = names.filter((name) => now[name] === byHand[name]);
      assert.deepEqual(stayed, [...stay].sort(), 'Flux');
      assert.deepEqual(
        names.filter((name) => now[name] === inGit[name]),
        names.filter((name) => !stayed.includes(name)),
      );
      assert.deepEqual(ignored, stayed, 'Plumbline ignores what stays');
      assert.deepEqual(
        found,
        names.filter((name) => !stayed.includes(name)),
        'and finds the rest',
      );
    });
  });

  // Flux takes over what kubectl wrote before it reads the pointer: then the edit stands under its own name.
  const unreadable = [
    { says: 'a selector', ignore: rule({ name: '(' }, replicas), told: /selector/ },
    { says: 'a pointer', ignore: rule(deployments, 'spec/replicas'), told: /spec\/replicas|JSON pointer/ },
  ];
  for (const { says, ignore, told } of unreadable) {
    test(`${says} that cannot be read: Flux fails, and what it would have reverted stays a finding`, async () => {
      await spec({ suspend: true, ignore });
      await patch('deployment/web', { spec: { replicas: 99 } });
      await spec({ suspend: false });
      const ready = (path: string): Promise<string> =>
        field('kustomization/shop', `.status.conditions[?(@.type=="Ready")].${path}`, 'default');
      await until('Flux failed', async () => (await ready('status')) === 'False');
      assert.match(await ready('message'), told);
      const shop = await reported();
      assert.equal(await field('deployment/web', '.spec.replicas'), '99');
      assert.equal(shop.objects.find(({ name }) => name === 'web')?.status, 'drifted');
      assert.ok(
        shop.gates.some(({ kind }) => kind === 'failing'),
        JSON.stringify(shop.gates),
      );
      await spec({ ignore: null });
      await reconcile();
      assert.equal(await field('deployment/web', '.spec.replicas'), '1');
    });
  }

  test('annotations and labels of objects: what is foretold of each is what Flux does', async () => {
    await spec({ ignore: null });
    await fetched(await clone.commit({ [`${folder}/directed.yaml`]: directives.map(directed).join('---\n') }));
    await reconcile();
    for (const { says, live } of directives) {
      const metadata = live === undefined ? {} : { metadata: { annotations: live } };
      await patch(`configmap/${says}`, { data: { greeting: 'hand', added: 'hand' }, ...metadata });
    }
    const objects = new Map((await reported()).objects.map((object) => [object.name, object]));
    await reconcile();
    const rows = await Promise.all(
      directives.map(async ({ says }) => {
        const data = JSON.parse(await field(`configmap/${says}`, '.data')) as Record<string, string>;
        const changes = objects.get(says)?.changes ?? [];
        const foretold = (path: string): boolean =>
          changes.some((change) => change.path === path && change.status === 'drifted' && change.next === 'reverted');
        const did = [data['greeting'] === 'git', !('added' in data)].join();
        return { says, did, foretold: [foretold('data.greeting'), foretold('data.added')].join() };
      }),
    );
    assert.deepEqual(
      rows.map(({ says, did }) => ({ says, did })),
      directives.map(({ says, does, added }) => ({ says, did: [does === 'reverts', added === 'removed'].join() })),
      'Flux',
    );
    assert.deepEqual(
      rows.map(({ says, foretold }) => `${says} ${foretold}`),
      rows.map(({ says, did }) => `${says} ${did}`),
      'Plumbline',
    );
  });

  test('… and what stays when Git drops it', async () => {
    await spec({ suspend: true });
    // What was put on by hand went with the last reconcile, where it was not what held that off.
    for (const { says, live } of directives) {
      if (live !== undefined) await patch(`configmap/${says}`, { metadata: { annotations: live } });
    }
    await fetched(
      await clone.commit({
        [`${folder}/kustomization.yaml`]: kustomization('web.yaml', 'settings.yaml'),
        [`${folder}/directed.yaml`]: undefined,
      }),
    );
    const objects = new Map((await reported()).objects.map((object) => [object.name, object]));
    await reconcile();
    const left = await plane.kubectl(['get', 'configmaps', '-n', namespace, '-o=name']);
    const rows = directives.map(({ says }) => ({
      says,
      did: left.includes(`configmap/${says}\n`) ? 'kept' : 'pruned',
      foretold: objects.get(says)?.status === 'extra' ? 'pruned' : 'kept',
    }));
    assert.deepEqual(
      rows.map(({ says, did }) => `${says} ${did}`),
      directives.map(({ says, dropped }) => `${says} ${dropped}`),
      'Flux',
    );
    assert.deepEqual(
      rows.map(({ says, foretold }) => `${says} ${foretold}`),
      rows.map(({ says, did }) => `${says} ${did}`),
      'Plumbline',
    );
  });
});
