import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { JqInWorker } from '../../src/adapters/jq/jqInWorker.ts';
import type { Json, JsonObject } from '../../src/core/json.ts';
import type { ApplicationReport, DriftReport } from '../../src/core/report.ts';
import type { Clone } from '../rig/cluster/clone.ts';
import { type ControlPlane, startControlPlane } from '../rig/cluster/controlPlane.ts';
import { makeRemote } from '../rig/cluster/greeting.ts';
import { skipReason } from '../rig/cluster/requirements.ts';
import { until } from '../rig/cluster/until.ts';
import { ArgoApplications, argoApplication } from '../support/argoApplications.ts';
import { DriftCheck } from '../support/driftCheck.ts';
import { patchLive } from '../support/patchLive.ts';

const options = { argocd: true };
const namespace = 'shop';
const key = 'example.com/owner';
/** Annotations may not have a tilde; these attributes may be called anything. */
const oddKey = 'example.com/~x';

const deployment = (name: string, more = ''): string => `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}}
spec:
  replicas: 2
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec:
      containers:
        - {name: ${name}, image: "example.invalid/${name}:1.0"}
        - {name: log, image: "example.invalid/log:1.0"}
${more}`;

const volumes = (value: string) => [
  { name: 'disk', csi: { driver: 'example.invalid', volumeAttributes: { [oddKey]: value } } },
];

const configMap = (name: string, data: Record<string, string>): string => `apiVersion: v1
kind: ConfigMap
metadata: {name: ${name}, annotations: {"${key}": git}}
data: ${JSON.stringify(data)}
`;

const files = {
  'apps/web.yaml': deployment('web'),
  'apps/api.yaml': deployment('api'),
  'apps/disk.yaml': deployment('disk', `      volumes: ${JSON.stringify(volumes('git'))}\n`),
  'apps/settings.yaml': configMap('settings', { greeting: 'hello' }),
  'apps/notes.yaml': configMap('notes', { greeting: 'hello' }),
  'apps/dropped.yaml': configMap('dropped', { kept: 'one', dropped: 'one' }),
  'apps/reader.yaml': `apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader}
rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]
`,
};

/** Objects that differ from Git in one place each, by an edit of another kind; the last one is gone from Git and was edited by hand as well. */
const drifted = [
  'ConfigMap/dropped',
  'ConfigMap/notes',
  'ConfigMap/settings',
  'Deployment/api',
  'Deployment/disk',
  'Deployment/web',
  'Role/reader',
];

interface Case {
  says: string;
  rules: JsonObject[];
  /** Which of them Argo CD calls synced with these rules. */
  ignored: readonly string[];
  /** Argo CD compares nothing with such rules, and what the user is told of it. */
  unusable?: RegExp;
}

const web = ['Deployment/web'];
const api = ['Deployment/api'];
const disk = ['Deployment/disk'];
const notes = ['ConfigMap/notes'];
const settings = ['ConfigMap/settings'];
const deployments = { group: 'apps', kind: 'Deployment' };
const pointers = (target: JsonObject, ...paths: string[]): JsonObject[] => [{ ...target, jsonPointers: paths }];
const jq = (expression: string, target: JsonObject = deployments): JsonObject[] => [
  { ...target, jqPathExpressions: [expression] },
];
const row = (says: string, rules: JsonObject[], ignored: readonly string[] = []): Case => ({ says, rules, ignored });
const attributes = '/spec/template/spec/volumes/0/csi/volumeAttributes';
const containers = '.spec.template.spec.containers';

const cases: readonly Case[] = [
  row('no rule', []),
  row('a pointer', pointers(deployments, '/spec/replicas'), web),
  row('a pointer to what neither has', pointers(deployments, '/spec/paused'), []),
  row('a pointer to something above', pointers(deployments, '/spec/template'), [...api, ...disk]),
  row('several pointers', pointers(deployments, '/spec/replicas', '/spec/template/spec'), [...api, ...disk, ...web]),
  row('a name', pointers({ ...deployments, name: 'web' }, '/spec/replicas'), web),
  row('another name', pointers({ ...deployments, name: 'api' }, '/spec/replicas')),
  row('a name is no glob', pointers({ ...deployments, name: 'w*' }, '/spec/replicas')),
  row('a namespace', pointers({ ...deployments, namespace }, '/spec/replicas'), web),
  row('another namespace', pointers({ ...deployments, namespace: 'other' }, '/spec/replicas')),
  row('a namespace is no glob', pointers({ ...deployments, namespace: 'sh*' }, '/spec/replicas')),
  row('a kind as a glob', pointers({ group: 'apps', kind: 'Dep*' }, '/spec/replicas'), web),
  row('a kind in lower case', pointers({ group: 'apps', kind: 'deployment' }, '/spec/replicas')),
  row('an empty kind', pointers({ group: 'apps', kind: '' }, '/spec/replicas')),
  row('a group as a glob', pointers({ group: 'a??s', kind: 'Deployment' }, '/spec/replicas'), web),
  row('a group of several', pointers({ group: '{batch,apps}', kind: 'Deployment' }, '/spec/replicas'), web),
  row('a group with a class', pointers({ group: '[a-c]pps', kind: 'Deployment' }, '/spec/replicas'), web),
  row('a group with a class that is not it', pointers({ group: '[!a]pps', kind: 'Deployment' }, '/spec/replicas')),
  row('a group whose brace is never closed', pointers({ group: '{apps', kind: 'Deployment' }, '/spec/replicas'), web),
  row('a group that is no glob', pointers({ group: '[apps', kind: 'Deployment' }, '/spec/replicas')),
  row('a star crosses dots', pointers({ group: 'rbac*io', kind: 'Role' }, '/rules'), ['Role/reader']),
  row('no group is the core group', pointers({ kind: 'ConfigMap' }, '/data/greeting'), settings),
  row('no group is no other group', pointers({ kind: 'Deployment' }, '/spec/replicas')),
  row('any group', pointers({ group: '*', kind: '*' }, '/data/greeting', '/spec/replicas'), [...settings, ...web]),
  row('a key with a slash', pointers({ kind: 'ConfigMap' }, '/metadata/annotations/example.com~1owner'), notes),
  row('a slash that is not escaped', pointers({ kind: 'ConfigMap' }, '/metadata/annotations/example.com/owner')),
  row('a key with a slash and a tilde', pointers(deployments, `${attributes}/example.com~1~0x`), disk),
  row('a tilde that is not escaped', pointers(deployments, `${attributes}/example.com~1~x`), disk),
  row('a pointer without its first slash', pointers(deployments, 'spec/replicas')),
  row('a pointer with something before its first slash', pointers(deployments, 'x/spec/replicas'), web),
  row('a path of jq as a pointer', pointers(deployments, '.spec.replicas')),
  row('an empty pointer', pointers(deployments, '')),
  row('a position', pointers(deployments, '/spec/template/spec/containers/0/image'), api),
  row('a position from the end', pointers(deployments, '/spec/template/spec/containers/-2/image'), api),
  row('another position', pointers(deployments, '/spec/template/spec/containers/1/image')),
  row('a position beyond the end', pointers(deployments, '/spec/template/spec/containers/7/image')),
  row('a whole item', pointers(deployments, '/spec/template/spec/containers/0'), api),
  row('jq', jq('.spec.replicas'), web),
  {
    says: 'jq without its first dot',
    rules: jq('spec.replicas'),
    ignored: [],
    unusable: /compares nothing of shop/,
  },
  row('jq: an item by its name', jq(`${containers}[] | select(.name == "api") | .image`), api),
  row('jq: another item by its name', jq(`${containers}[] | select(.name == "log") | .image`)),
  row('jq: all items', jq(`${containers}[].image`), api),
  row('jq: a position', jq(`${containers}[0].image`), api),
  row('jq: a position from the end', jq(`${containers}[-2].image`), api),
  row('jq: a slice', jq(`${containers}[0:1]`), api),
  row('jq: a test', jq(`${containers}[] | select(.name | test("^a")) | .image`), api),
  row('jq: an item by its value in the cluster', jq(`${containers}[] | select(.image | endswith(":9.9")) | .image`)),
  row(
    'jq: an item by its value in Git',
    jq(`${containers}[] | select(.image == "example.invalid/api:1.0") | .image`),
    api,
  ),
  row('jq: two paths', jq(`.spec.replicas, ${containers}[].image`), [...api, ...web]),
  row('jq: a key in quotes', jq(`.metadata.annotations["${key}"]`, { kind: 'ConfigMap' }), notes),
  row('jq: a key with a tilde', jq(`.spec.template.spec.volumes[].csi.volumeAttributes["${oddKey}"]`), disk),
  row('jq: getpath', jq('getpath(["spec", "replicas"])'), web),
  row('jq: everywhere', jq('.. | select(type == "object") | .image'), api),
  row('jq: nothing to iterate over', jq('.spec.nothing[].image')),
  row('jq: nothing to iterate over, asked politely', jq('.spec.nothing[]?.image, .spec.replicas'), web),
  row('jq: no path', jq('.spec.replicas + 1')),
  row(
    'jq: a list of a Role',
    jq('.rules[] | select(.resources[] == "pods") | .verbs', { group: 'rbac.authorization.k8s.io', kind: 'Role' }),
    ['Role/reader'],
  ),
  row('jq: it never ends', jq('.spec | until(false; .)')),
  { says: 'jq: no jq', rules: jq('.spec.replicas['), ignored: [], unusable: /compares nothing of shop/ },
  {
    says: 'jq: a function that there is not',
    rules: jq('.spec | plumb'),
    ignored: [],
    unusable: /compares nothing of shop/,
  },
  row('a manager', [{ kind: 'ConfigMap', managedFieldsManagers: ['tuner'] }], settings),
  row('a manager of a subresource', [{ ...deployments, managedFieldsManagers: ['kubectl'] }], web),
  row('a manager of a list', [{ group: '*', kind: 'Role', managedFieldsManagers: ['kubectl-edit'] }], ['Role/reader']),
  row(
    'a manager of all',
    [{ group: '*', kind: '*', managedFieldsManagers: ['tuner', 'kubectl'] }],
    [...settings, ...web],
  ),
  row('another manager', [{ group: '*', kind: '*', managedFieldsManagers: ['tun*', 'Tuner'] }]),
  row('a manager and another kind', [{ kind: 'Secret', managedFieldsManagers: ['tuner'] }]),
];

interface SystemCase {
  says: string;
  data: Record<string, string>;
  ignored: readonly string[];
  unusable?: RegExp;
}

const customization = 'resource.customizations.ignoreDifferences.';
const systemCases: readonly SystemCase[] = [
  {
    says: 'by group and kind',
    data: { [`${customization}apps_Deployment`]: 'jsonPointers: [/spec/replicas]' },
    ignored: web,
  },
  {
    says: 'for all',
    data: { [`${customization}all`]: 'jqPathExpressions: [".spec.replicas, .data"]' },
    ignored: ['ConfigMap/dropped', ...settings, ...web],
  },
  {
    says: 'of the core group',
    data: { [`${customization}ConfigMap`]: 'jsonPointers: [/data/greeting]' },
    ignored: settings,
  },
  { says: 'managers for all', data: { [`${customization}all`]: 'managedFieldsManagers: [tuner]' }, ignored: settings },
  {
    says: 'managers by group and kind',
    data: { [`${customization}apps_Deployment`]: 'managedFieldsManagers: [kubectl]' },
    ignored: web,
  },
  {
    says: 'managers of a kind of the core group, which Argo CD does not find',
    data: { [`${customization}ConfigMap`]: 'managedFieldsManagers: [tuner]' },
    ignored: [],
  },
  {
    says: 'managers of the core group with its sign',
    data: { [`${customization}_ConfigMap`]: 'managedFieldsManagers: [tuner]' },
    ignored: settings,
  },
  {
    says: 'the older way',
    data: {
      'resource.customizations': 'apps/Deployment:\n  ignoreDifferences: |\n    jsonPointers: [/spec/replicas]\n',
    },
    ignored: web,
  },
  {
    says: 'the older way with globs',
    data: {
      'resource.customizations':
        '"ap*/*":\n  ignoreDifferences: |\n    jsonPointers: [/spec/replicas]\n    managedFieldsManagers: [kubectl-set]\n',
    },
    ignored: web,
  },
  {
    says: 'both ways: the newer counts',
    data: {
      'resource.customizations': 'apps/Deployment:\n  ignoreDifferences: |\n    jsonPointers: [/spec/replicas]\n',
      [`${customization}apps_Deployment`]: 'jsonPointers: [/spec/template]',
    },
    ignored: [...api, ...disk],
  },
  {
    says: 'updates that need no refresh are no differences',
    data: { 'resource.customizations.ignoreResourceUpdates.all': 'jsonPointers: [/spec, /data]' },
    ignored: [],
  },
  {
    says: 'no YAML',
    data: { [`${customization}apps_Deployment`]: 'jsonPointers: [' },
    ignored: [],
    unusable: /Argo CD compares nothing/,
  },
  {
    says: 'jq that is none',
    data: { [`${customization}apps_Deployment`]: 'jqPathExpressions: [".spec["]' },
    ignored: [],
    unusable: /compares nothing of shop/,
  },
];

/** Rules of Argo CD against a real one: what it says of each object is what we say, whatever the rule. */
describe('differences that Argo CD ignores', { skip: await skipReason(options) }, () => {
  let plane: ControlPlane;
  let clone: Clone;
  let check: DriftCheck;
  let applications: ArgoApplications;
  let first: string;
  const file = 'argocd/shop.yaml';

  before(async () => {
    plane = await startControlPlane(options);
    const remote = await makeRemote(plane);
    clone = remote.clone;
    applications = new ArgoApplications(plane);
    check = new DriftCheck(plane, { jq: new JqInWorker() });
    const declaration = argoApplication('shop', remote.repository.url, 'apps', namespace);
    await plane.kubectl(['create', 'namespace', namespace]);
    first = await clone.commit({ ...files, [file]: declaration });
    await clone.push();
    const root = argoApplication('root', remote.repository.url, 'argocd', 'argocd');
    await plane.kubectl(['apply', '-f', '-'], { input: root });
    await applications.sync('root', first);
    await applications.sync('shop', first);
    await until('shop is synced', async () => (await applications.field('shop', '.status.sync.status')) === 'Synced');
    assert.deepEqual(stateOf(await report()), { synced: drifted, problems: [] });
    await clone.commit({ 'apps/dropped.yaml': configMap('dropped', { kept: 'one' }) });
    await clone.push();
    await plane.kubectl(['scale', 'deployment/web', `-n=${namespace}`, '--replicas=5']);
    await plane.kubectl(['set', 'image', 'deployment/api', `-n=${namespace}`, 'api=example.invalid/api:9.9']);
    await plane.kubectl(['annotate', 'configmap/notes', `-n=${namespace}`, '--overwrite', `${key}=hand`]);
    await patchLive(plane, 'deployment/disk', namespace, 'kubectl-edit', {
      spec: { template: { spec: { volumes: volumes('hand') } } },
    });
    await patchLive(plane, 'configmap/settings', namespace, 'tuner', { data: { greeting: 'tuned' } });
    await patchLive(plane, 'configmap/dropped', namespace, 'tuner', { data: { dropped: 'two' } });
    await patchLive(plane, 'role/reader', namespace, 'kubectl-edit', {
      rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] }],
    });
    await applications.refresh('shop');
    await until('Argo CD sees all of it', async () => (await verdict()).synced.length === 0);
  });
  after(async () => {
    check.dispose();
    await plane.stop();
  });

  const report = async (): Promise<DriftReport> => check.check(clone.folder, { below: 'apps' });
  const shopOf = (found: DriftReport): ApplicationReport => {
    const shop = found.applications.find(({ id }) => id === 'argocd:argocd/shop');
    assert.ok(shop, JSON.stringify(found.problems));
    return shop;
  };
  const stateOf = (found: DriftReport): { synced: string[]; problems: string[] } => ({
    synced: shopOf(found)
      .objects.filter(({ status }) => status === 'synced')
      .map(({ kind, name }) => `${kind}/${name}`)
      .sort(),
    problems: found.problems.map(({ message }) => message),
  });
  /** Its own word: of the whole, and of each object. */
  const verdict = async (): Promise<{ status: string; ignores: Json; revision: string; synced: string[] }> => {
    const status = JSON.parse(await applications.field('shop', '.status')) as {
      sync: { status: string; revision: string; comparedTo: { ignoreDifferences?: Json } };
      resources?: { kind: string; name: string; status: string }[];
    };
    return {
      status: status.sync.status,
      revision: status.sync.revision,
      ignores: status.sync.comparedTo.ignoreDifferences ?? [],
      synced: (status.resources ?? [])
        .filter((resource) => resource.status === 'Synced')
        .map(({ kind, name }) => `${kind}/${name}`)
        .sort(),
    };
  };

  for (const { says, rules, ignored, unusable } of cases) {
    test(`a rule of the Application: ${says}`, async () => {
      await applications.patch('shop', { spec: { ignoreDifferences: rules } });
      const seen = await until('Argo CD compared with these rules', async () => {
        const found = await verdict();
        return isDeepStrictEqual(found.ignores, rules) && found.status !== 'Synced' && found;
      });
      const ours = stateOf(await report());
      if (unusable === undefined) {
        assert.deepEqual(seen.synced, [...ignored].sort(), 'Argo CD');
        assert.equal(seen.status, 'OutOfSync');
      } else {
        assert.equal(seen.status, 'Unknown');
        assert.match(ours.problems.join(), unusable);
      }
      assert.deepEqual(ours.synced, [...ignored].sort(), 'Plumbline');
    });
  }

  const cm = (data: Record<string, string | null>): Promise<string> =>
    plane.kubectl(['patch', 'configmap/argocd-cm', '-n=argocd', '--type=merge', '-p', JSON.stringify({ data })]);
  const none = { 'resource.customizations.ignoreDifferences.rbac.authorization.k8s.io_Role': null };

  systemCases.forEach(({ says, data, ignored, unusable }, index) => {
    test(`a rule of the whole Argo CD: ${says}`, async () => {
      // Every other time the Role is ignored as well, so that no old answer is taken for a new one.
      const role: Record<string, string | null> =
        index % 2 === 0 ? { [Object.keys(none)[0] ?? '']: 'jsonPointers: [/rules]' } : none;
      const expected = unusable === undefined ? [...ignored, ...(role === none ? [] : ['Role/reader'])].sort() : [];
      await applications.patch('shop', { spec: { ignoreDifferences: [] } });
      await cm({ ...data, ...role });
      try {
        await until('Argo CD says so', async () => {
          await applications.refresh('shop');
          const found = await verdict();
          if (unusable !== undefined) return found.status === 'Unknown';
          return found.status === 'OutOfSync' && isDeepStrictEqual(found.synced, expected);
        });
        const ours = stateOf(await report());
        if (unusable === undefined) assert.deepEqual(ours.synced, expected, 'Plumbline');
        else assert.match(ours.problems.join(), unusable);
      } finally {
        await cm(Object.fromEntries(Object.keys(data).map((key) => [key, null])));
      }
    });
  });

  const written: readonly (readonly [object: string, path: string, rule: JsonObject])[] = [
    ['Deployment/web', 'spec.replicas', { jsonPointers: ['/spec/replicas'] }],
    [
      'Deployment/api',
      'spec.template.spec.containers[name=api].image',
      { jqPathExpressions: ['.spec.template.spec.containers[] | select(.name == "api") | .image'] },
    ],
    [
      'ConfigMap/notes',
      `metadata.annotations["${key}"]`,
      { jsonPointers: ['/metadata/annotations/example.com~1owner'] },
    ],
    [
      'Deployment/disk',
      `spec.template.spec.volumes[name=disk].csi.volumeAttributes["${oddKey}"]`,
      {
        jqPathExpressions: [
          `.spec.template.spec.volumes[] | select(.name == "disk") | .csi.volumeAttributes["${oddKey}"]`,
        ],
      },
    ],
    ['ConfigMap/settings', 'data.greeting', { jsonPointers: ['/data/greeting'] }],
  ];

  test('*Ignore this difference* writes rules that Argo CD takes: each object, and no other, is synced to it then', async () => {
    await cm(none);
    await applications.patch('shop', { spec: { ignoreDifferences: null } });
    await until('all are out of sync again', async () => {
      await applications.refresh('shop');
      const found = await verdict();
      return found.status === 'OutOfSync' && found.synced.length === 0;
    });
    const done: string[] = [];
    for (const [object, path, rule] of written) {
      const before = shopOf(await report()).objects.find(({ kind, name }) => `${kind}/${name}` === object);
      assert.deepEqual([before?.status, before?.changes.map((change) => change.path)], ['drifted', [path]]);
      const proposal = await check.ignore(clone.folder, 'argocd:argocd/shop', object, path);
      assert.ok(proposal.kind === 'edit', JSON.stringify(proposal));
      assert.deepEqual([proposal.file, proposal.place], [file, 'spec.ignoreDifferences of Application argocd/shop']);
      assert.match(proposal.note ?? '', /RespectIgnoreDifferences/);
      for (const [member, expected] of Object.entries(rule)) assert.deepEqual(proposal.rule[member], expected);
      const commit = await clone.commit({ [file]: proposal.after });
      await clone.push();
      await applications.sync('root', commit);
      done.push(object);
      const found = await until(`Argo CD ignores ${done.join()}`, async () => {
        const seen = await verdict();
        return isDeepStrictEqual(seen.synced, [...done].sort()) && seen;
      });
      assert.equal(found.status, 'OutOfSync');
      const shop = shopOf(await report());
      const after = shop.objects.find(({ kind, name }) => `${kind}/${name}` === object);
      assert.deepEqual(
        [after?.status, after?.changes.map((change) => [change.path, change.status, change.note])],
        ['synced', [[path, 'ignored', 'ignored by rule']]],
      );
    }
  });

  test('a sync overwrites what is ignored, unless the Application says that it respects it', async () => {
    const replicas = (): Promise<string> =>
      plane.kubectl(['get', 'deployment/web', `-n=${namespace}`, '-o=jsonpath={.spec.replicas}']);
    const head = await clone.head();
    await applications.sync('shop', head, { syncOptions: ['RespectIgnoreDifferences=true'] });
    assert.equal(await replicas(), '5');
    assert.equal(shopOf(await report()).objects.find(({ name }) => name === 'web')?.status, 'synced');
    await applications.sync('shop', head);
    await until('Git’s value is back', async () => (await replicas()) === '2');
    assert.deepEqual(
      shopOf(await report()).objects.flatMap(({ name, changes }) => (name === 'web' ? changes : [])),
      [],
    );
  });
});
