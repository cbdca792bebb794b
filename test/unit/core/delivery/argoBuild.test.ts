import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type ArgoApplication,
  lastSyncOf,
  partialSyncOf,
  readArgoApplication,
} from '../../../../src/core/delivery/argocd/argoApplication.ts';
import { argoBuild, isDirectoryManifest } from '../../../../src/core/delivery/argocd/argoBuild.ts';
import { argoGates } from '../../../../src/core/delivery/argocd/argoGates.ts';
import { matchesGlob } from '../../../../src/core/delivery/argocd/glob.ts';
import type { JsonObject } from '../../../../src/core/json.ts';

const url = 'https://git.example/org/fleet';

function read(spec: JsonObject, status?: JsonObject, annotations: JsonObject = {}): ArgoApplication {
  return readArgoApplication({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name: 'shop', namespace: 'argocd', annotations },
    spec: { project: 'default', destination: { server: 'https://kubernetes.default.svc', namespace: 'shop' }, ...spec },
    ...(status === undefined ? {} : { status }),
  });
}

function built(source: JsonObject, files: string[] = []) {
  const application = read({ source: { repoURL: url, path: 'app', ...source } });
  const [first] = application.sources;
  assert.ok(first);
  return argoBuild(application, first, files);
}

/** pattern, text, whether they match: by what gobwas/glob says without separators, which is what Argo CD uses. */
const globs: [string, string, boolean][] = [
  ['*.yaml', 'a.yaml', true],
  ['*.yaml', 'deep/er/a.yaml', true],
  ['*.yaml', 'a.yml', false],
  ['{a,b}.yaml', 'b.yaml', true],
  ['{a,b}.yaml', 'c.yaml', false],
  ['{config.yaml,env-usw2/*}', 'env-usw2/x/y.json', true],
  ['a?.yaml', 'ab.yaml', true],
  ['a?.yaml', 'a.yaml', false],
  ['[a-c]*.yaml', 'beta.yaml', true],
  ['[!a-c]*.yaml', 'beta.yaml', false],
  ['[!a-c]*.yaml', 'delta.yaml', true],
  ['[xy].yaml', 'y.yaml', true],
  ['a.b', 'axb', false],
  ['\\*.yaml', '*.yaml', true],
  ['\\*.yaml', 'a.yaml', false],
  ['**/x.yaml', 'a/b/x.yaml', true],
  ['(a|b)+$.yaml', '(a|b)+$.yaml', true],
  ['{a', '{a', false],
  ['{a', 'a', true],
  ['[', '[', false],
];

for (const [pattern, text, expected] of globs) {
  test(`${pattern} ${expected ? 'matches' : 'does not match'} ${text}`, () => {
    assert.equal(matchesGlob(pattern, text), expected);
  });
}

describe('the tool of a source', () => {
  const cases: [string, JsonObject, string[], object][] = [
    ['no tool', {}, ['app/a.yaml'], { kind: 'directory', directory: { recurse: false } }],
    ['a kustomization', {}, ['app/kustomization.yml'], { kind: 'kustomize', overlay: {} }],
    [
      'a chart',
      {},
      ['app/Chart.yaml'],
      { kind: 'helm', helm: { releaseName: 'shop', valuesFiles: [], includeCrds: true, skipTests: false } },
    ],
    [
      'what the Application says wins',
      { directory: { recurse: true, include: '*.yaml' } },
      ['app/kustomization.yaml'],
      { kind: 'directory', directory: { recurse: true, include: '*.yaml' } },
    ],
    [
      'images and prefixes of kustomize',
      { kustomize: { namePrefix: 'x-', images: ['web=registry.example:5000/web:2.0', 'api@sha256:ab', 'db=store'] } },
      ['app/kustomization.yaml'],
      {
        kind: 'kustomize',
        overlay: {
          namePrefix: 'x-',
          images: [
            { name: 'web', newName: 'registry.example:5000/web', newTag: '2.0' },
            { name: 'api', digest: 'sha256:ab' },
            { name: 'db', newName: 'store' },
          ],
        },
      },
    ],
    [
      'values of helm: the object wins over the text',
      { helm: { releaseName: 'r', valueFiles: ['prod.yaml', '/shared.yaml'], values: 'a: 1', valuesObject: { b: 2 } } },
      ['app/Chart.yaml', 'app/prod.yaml', 'shared.yaml'],
      {
        kind: 'helm',
        helm: {
          releaseName: 'r',
          valuesFiles: ['app/prod.yaml', 'shared.yaml'],
          values: { b: 2 },
          includeCrds: true,
          skipTests: false,
        },
      },
    ],
  ];
  for (const [name, source, files, expected] of cases) {
    test(name, () => assert.deepEqual(built(source, files), expected));
  }

  const refused: [string, JsonObject, string[], RegExp][] = [
    ['a label that is not applied here', { kustomize: { commonLabels: { a: 'b' } } }, [], /kustomize\.commonLabels/],
    ['an image with a placeholder', { kustomize: { images: ['*=web:1'] } }, [], /kustomize\.images/],
    ['parameters', { helm: { parameters: [{ name: 'a', value: 'b' }] } }, [], /helm\.parameters/],
    ['values of another source', { helm: { valueFiles: ['$values/a.yaml'] } }, [], /\$values\/a\.yaml/],
    ['values that are not there', { helm: { valueFiles: ['a.yaml'] } }, [], /a\.yaml is no file/],
    ['values that leave the repository', { helm: { valueFiles: ['../../a.yaml'] } }, [], /is no file/],
    ['a packed chart', {}, ['app/Chart.yaml', 'app/charts/x-1.0.0.tgz'], /x-1\.0\.0\.tgz is a packed chart/],
    ['jsonnet', {}, ['app/main.jsonnet'], /main\.jsonnet is Jsonnet/],
    ['a plugin', { plugin: { name: 'x' } }, [], /plugin/],
    ['two tools', { helm: { releaseName: 'x' }, kustomize: { namePrefix: 'y' } }, [], /kustomize and helm/],
    ['overrides in a file', {}, ['app/.argocd-source-shop.yaml'], /overrides its source/],
    ['a chart that is a kustomization', {}, ['app/Chart.yaml', 'app/kustomization.yaml'], /at once/],
  ];
  for (const [name, source, files, why] of refused) {
    test(`not repeated here: ${name}`, () => {
      const build = built(source, files);
      assert.ok('why' in build, JSON.stringify(build));
      assert.match(build.why, why);
    });
  }

  test('several sources, and hydrated ones', () => {
    const several = read({
      sources: [
        { repoURL: url, path: 'app' },
        { repoURL: 'https://charts.example', chart: 'x' },
      ],
    });
    assert.equal(several.compound, 'it has 2 sources');
    const hydrated = read({ sourceHydrator: { drySource: {} } });
    assert.match(hydrated.compound ?? '', /hydrated/);
    assert.equal(read({ sources: [{ repoURL: url, path: 'app' }] }).compound, undefined);
  });

  test('files of a folder: depth, names and globs', () => {
    const takes = (file: string, options: object): boolean =>
      isDirectoryManifest(file, 'app', { recurse: false, ...options });
    assert.equal(takes('app/a.yaml', {}), true);
    assert.equal(takes('app/a.YAML', {}), false);
    assert.equal(takes('app/deep/a.yaml', {}), false);
    assert.equal(takes('app/deep/a.yaml', { recurse: true }), true);
    assert.equal(takes('application/a.yaml', { recurse: true }), false);
    assert.equal(takes('app/deep/a.yaml', { recurse: true, exclude: 'deep/*' }), false);
    assert.equal(takes('app/a.json', { include: '*.yaml' }), false);
    assert.equal(takes('app/a.yaml', { include: '*.yaml', exclude: 'a*' }), false);
  });
});

describe('what Argo CD applied last', () => {
  const [a, b] = ['a'.repeat(40), 'b'.repeat(40)];
  const history = [{ revision: a, deployedAt: '2026-01-01T00:00:00Z', initiatedBy: { automated: true } }];
  const operation = (phase: string, more: JsonObject = {}): JsonObject => ({
    phase,
    finishedAt: '2026-01-02T00:00:00Z',
    operation: { sync: {}, initiatedBy: { username: 'ada' }, ...more },
    syncResult: { revision: b },
  });
  const of = (status: JsonObject): ArgoApplication => read({}, { sync: { status: 'Synced', revision: b }, ...status });

  test('never what it was compared with', () => {
    assert.equal(lastSyncOf(of({})), undefined);
  });
  test('the history, and who asked for it', () => {
    assert.deepEqual(lastSyncOf(of({ history })), { revision: a, at: '2026-01-01T00:00:00Z' });
    assert.equal(of({ history }).history[0]?.by, 'auto-sync');
  });
  test('a sync that succeeded', () => {
    const application = of({ history, operationState: operation('Succeeded') });
    assert.deepEqual(lastSyncOf(application), { revision: b, at: '2026-01-02T00:00:00Z' });
    assert.equal(partialSyncOf(application), undefined);
    assert.equal(application.operation?.by, 'ada');
  });
  test('one that failed, runs, or took only some objects may have applied a part', () => {
    const some = { sync: { resources: [{ kind: 'ConfigMap', name: 'x' }] } };
    for (const state of [operation('Failed'), operation('Running'), operation('Succeeded', some)]) {
      const application = of({ history, operationState: state });
      assert.equal(lastSyncOf(application)?.revision, a);
      assert.equal(partialSyncOf(application), b);
    }
  });
  test('one that still carries the objects of an earlier one is whole where the history has it', () => {
    const left = operation('Succeeded', { sync: { resources: [{ kind: 'ConfigMap', name: 'x' }] } });
    const state = { ...left, startedAt: '2026-01-02T00:00:00Z' };
    const recorded = (deployedAt: string): ArgoApplication =>
      of({ history: [...history, { revision: b, deployedAt }], operationState: state });
    assert.equal(partialSyncOf(recorded('2026-01-02T00:00:01Z')), undefined);
    assert.equal(lastSyncOf(recorded('2026-01-02T00:00:01Z'))?.revision, b);
    assert.equal(partialSyncOf(recorded('2026-01-01T12:00:00Z')), b);
  });
  test('a revision that is no commit says nothing', () => {
    assert.equal(lastSyncOf(of({ history: [{ revision: '6.7.1' }] })), undefined);
  });
});

describe('what stands in its way', () => {
  const kinds = (application: ArgoApplication, branch = 'main', project?: JsonObject): string[] => {
    const [source] = application.sources;
    assert.ok(source);
    const object = { apiVersion: 'argoproj.io/v1alpha1', kind: 'AppProject', metadata: { name: 'default' } };
    return argoGates({
      application,
      source,
      branch,
      ...(project === undefined ? {} : { project: { ...object, spec: project } }),
    }).map((gate) => gate.kind);
  };
  const source = { repoURL: url, path: 'app' };
  const automated: JsonObject = { source, syncPolicy: { automated: {} } };

  test('nothing, with auto-sync on the branch at hand', () => {
    assert.deepEqual(kinds(read(automated)), []);
    assert.deepEqual(kinds(read({ ...automated, source: { ...source, targetRevision: 'main' } })), []);
  });
  test('auto-sync that is off, or switched off', () => {
    assert.deepEqual(kinds(read({ source })), ['auto-sync-off']);
    assert.deepEqual(kinds(read({ source, syncPolicy: { automated: { enabled: false, selfHeal: true } } })), [
      'auto-sync-off',
    ]);
    assert.equal(read({ syncPolicy: { automated: { enabled: false, selfHeal: true } } }).selfHeal, false);
  });
  test('another branch, an application that is skipped, a sync that failed, a source that cannot be read', () => {
    assert.deepEqual(kinds(read(automated), 'main'), []);
    assert.deepEqual(kinds(read({ ...automated, source: { ...source, targetRevision: 'live' } })), ['wrong-branch']);
    assert.deepEqual(kinds(read(automated, undefined, { 'argocd.argoproj.io/skip-reconcile': 'true' })), ['suspended']);
    assert.deepEqual(kinds(read(automated, { operationState: { phase: 'Failed', message: 'x' } })), ['failing']);
    assert.deepEqual(kinds(read(automated, { conditions: [{ type: 'ComparisonError', message: 'x' }] })), ['failing']);
    assert.deepEqual(kinds(read(automated, { conditions: [{ type: 'SharedResourceWarning' }] })), []);
  });
  test('windows that are meant for it', () => {
    const window = (members: JsonObject): JsonObject => ({
      syncWindows: [{ kind: 'deny', schedule: '0 22 * * *', duration: '1h', ...members }],
    });
    assert.deepEqual(kinds(read(automated), 'main', window({ applications: ['sh*'] })), ['sync-window']);
    assert.deepEqual(kinds(read(automated), 'main', window({ namespaces: ['shop'] })), ['sync-window']);
    assert.deepEqual(kinds(read(automated), 'main', window({ applications: ['other'], clusters: ['x'] })), []);
  });
});
