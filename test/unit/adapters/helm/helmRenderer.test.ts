import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { plainTree } from '../../../../src/adapters/files/plainTree.ts';
import { templateCommand } from '../../../../src/adapters/helm/helmCommand.ts';
import { HelmRenderer } from '../../../../src/adapters/helm/helmRenderer.ts';
import { templatedObjects } from '../../../../src/adapters/helm/templatedObjects.ts';
import { SpawnRunner } from '../../../../src/adapters/process/spawnRunner.ts';
import { fieldAt } from '../../../../src/core/json.ts';
import { nameOf } from '../../../../src/core/kube/objectKey.ts';
import type { Location, PathSegment } from '../../../../src/core/location.ts';
import type { RenderOptions, RenderResult } from '../../../../src/ports/renderer.ts';
import { type Files, withFiles } from '../folderFixture.ts';
import { corpora, helm, withoutHelm } from '../tools.ts';

const renderer = new HelmRenderer(new SpawnRunner(), () => ({ program: helm ?? 'helm' }));

const chart = (files: Files = {}): Files => ({
  'charts/web/Chart.yaml': 'apiVersion: v2\nname: web-chart\nversion: 1.0.0\n',
  'charts/web/values.yaml': [
    'replicas: 2',
    'image:',
    '  repository: example.com/web',
    '  tag: "1.0"',
    'port: 8080',
    'debug: false',
    'labels:',
    '  team: payments',
    'nameOverride: web',
  ].join('\n'),
  'charts/web/templates/deployment.yaml': [
    'apiVersion: apps/v1',
    'kind: Deployment',
    'metadata:',
    '  name: {{ .Release.Name }}-{{ .Values.nameOverride }}',
    '  labels: {{- toYaml .Values.labels | nindent 4 }}',
    '  annotations:',
    '    password: {{ randAlphaNum 12 | quote }}',
    'spec:',
    '  replicas: {{ .Values.replicas }}',
    '  template:',
    '    spec:',
    '      hostNetwork: {{ .Values.debug }}',
    '      containers:',
    '        - name: web',
    '          image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"',
    '          args: ["--port={{ .Values.port }}"]',
    '---',
    '# nothing of its own',
    '{{- if .Release.IsUpgrade }}',
    '---',
    'apiVersion: v1',
    'kind: ConfigMap',
    'metadata:',
    '  name: upgraded',
    'data:',
    '  version: {{ .Capabilities.KubeVersion.Version }}',
    '  monitoring: {{ .Capabilities.APIVersions.Has "monitoring.coreos.com/v1" | quote }}',
    '  namespace: {{ .Release.Namespace }}',
    '{{- end }}',
  ].join('\n'),
  ...files,
});

const render = (files: Files, options: RenderOptions = {}, path = 'charts/web'): Promise<RenderResult> =>
  withFiles(files, (tree) => renderer.render(tree, path, options));

const firstProblem = (result: RenderResult): string => {
  const [problem] = result.problems;
  const { file, line } = problem?.location ?? {};
  return `${problem?.code ?? 'none'} ${file ?? '-'}:${line ?? 0} ${problem?.message ?? ''}`;
};

const at = (location: Location | undefined): string =>
  location === undefined ? 'nowhere' : `${location.file}:${location.line ?? 0} ${location.via}`;

const path = (...steps: (string | number)[]): PathSegment[] =>
  steps.map((step) => (typeof step === 'number' ? { index: step } : { field: step }));

test('the command is data: no value on the command line, paths that are no options', () => {
  const spec = templateCommand({
    program: 'helm',
    directory: '/r',
    chart: '-x',
    namespace: 'ns',
    helm: {
      releaseName: 'rel',
      valuesFiles: ['a.yaml', 'b.yaml'],
      values: { password: 's3cret', big: 9007199254740993n },
      kubeVersion: '1.33.1',
      apiVersions: ['a/v1', 'b/v1'],
      isUpgrade: true,
      includeCrds: true,
      skipTests: true,
    },
  });
  assert.deepEqual(spec.args, [
    'template',
    'rel',
    './-x',
    '--namespace',
    'ns',
    '--values',
    './a.yaml',
    '--values',
    './b.yaml',
    '--values',
    '-',
    '--kube-version',
    '1.33.1',
    '--api-versions',
    'a/v1',
    '--api-versions',
    'b/v1',
    '--is-upgrade',
    '--include-crds',
    '--skip-tests',
  ]);
  assert.equal(spec.stdin, '{"password":"s3cret","big":9007199254740993}');
});

test('each object knows its template, also where one template makes several', () => {
  const output = [
    '---',
    '# Source: c/templates/a.yaml',
    'apiVersion: v1',
    'kind: ConfigMap',
    'metadata: {name: a}',
    '---',
    '# Source: c/templates/a.yaml',
    '# a comment',
    'apiVersion: v1',
    'kind: ConfigMap',
    'metadata: {name: b}',
    '---',
    '# Source: c/charts/d/templates/e.yaml',
    'apiVersion: v1',
    'kind: ConfigMap',
    'metadata: {name: e}',
  ].join('\n');
  assert.deepEqual(
    templatedObjects(output).map(({ object, source }) => `${nameOf(object)} ${source ?? ''}`),
    ['a c/templates/a.yaml', 'b c/templates/a.yaml', 'e c/charts/d/templates/e.yaml'],
  );
});

describe('rendering charts', { skip: withoutHelm }, () => {
  test('objects with values from files and from standard input, as the cluster would get them', async () => {
    const files = chart({ 'env/prod.yaml': 'replicas: 5\nport: 9090\n' });
    const result = await render(files, {
      namespace: 'prod',
      helm: {
        releaseName: 'shop',
        valuesFiles: ['env/prod.yaml'],
        values: { port: 9091 },
        kubeVersion: '1.33.0',
        apiVersions: ['monitoring.coreos.com/v1'],
        isUpgrade: true,
      },
    });
    assert.deepEqual(result.problems, []);
    const configMap = result.objects.find(({ object }) => object.kind === 'ConfigMap');
    const deployment = result.objects.find(({ object }) => object.kind === 'Deployment');
    assert.ok(configMap !== undefined && deployment !== undefined);
    assert.deepEqual(configMap.object['data'], { version: 'v1.33.0', monitoring: 'true', namespace: 'prod' });
    assert.equal(fieldAt(deployment.object, 'metadata', 'name'), 'shop-web');
    assert.equal(fieldAt(deployment.object, 'spec', 'replicas'), 5);
    assert.match(JSON.stringify(deployment.object), /--port=9091/);
    assert.equal(deployment.file, 'charts/web/templates/deployment.yaml');
    assert.ok(result.files.includes('env/prod.yaml') && result.files.includes('charts/web/values.yaml'));
  });

  const failures: [string, Files, RenderOptions, RegExp][] = [
    ['no chart', { 'charts/web/x.yaml': '' }, {}, /^missing-file -:0 charts\/web has no Chart.yaml/],
    [
      'a template that does not parse',
      chart({ 'charts/web/templates/bad.yaml': 'a: b\n{{ if }}\n' }),
      {},
      /^build-failed charts\/web\/templates\/bad.yaml:2 helm: parse error/,
    ],
    [
      'a template that fails on purpose',
      chart({ 'charts/web/templates/bad.yaml': '{{ fail "set the region" }}' }),
      {},
      /^build-failed charts\/web\/templates\/bad.yaml:1 helm: .*set the region/,
    ],
    [
      'a template that makes broken YAML',
      chart({ 'charts/web/templates/bad.yaml': 'kind: X\n  b: c\n' }),
      {},
      /^build-failed charts\/web\/templates\/bad.yaml:0 helm: .*YAML parse error/,
    ],
    [
      'a dependency that is not there',
      chart({
        'charts/web/Chart.yaml':
          'apiVersion: v2\nname: web\nversion: 1.0.0\ndependencies:\n- {name: redis, version: 1.0.0, repository: "https://example.com"}\n',
      }),
      {},
      /^chart-not-local charts\/web\/Chart.yaml:1 .*depends on redis/,
    ],
    ['values that are not there', chart(), { helm: { valuesFiles: ['none.yaml'] } }, /^missing-file -:0 none.yaml/],
    ['values outside', chart(), { helm: { valuesFiles: ['../../etc/passwd'] } }, /^outside-repository -:0/],
  ];
  for (const [name, files, options, expected] of failures) {
    test(`${name} is a problem at its place`, async () => {
      const result = await render(files, options);
      assert.match(firstProblem(result), expected);
      assert.deepEqual(result.objects, []);
      assert.ok((result.problems[0]?.remedy ?? '') !== '');
    });
  }

  test('a link in the chart that leads out of the repository is refused: Helm would follow it', async () => {
    await withFiles(chart(), async (tree, directory) => {
      await symlink('/etc/hostname', join(directory, 'charts/web/templates/link.yaml'));
      assert.match(
        firstProblem(await renderer.render(tree, 'charts/web', {})),
        /^outside-repository charts\/web\/templates\/link.yaml/,
      );
    });
  });

  test('a missing program is a problem with what to install', async () => {
    const own = new HelmRenderer(new SpawnRunner(), () => ({ program: '/nowhere/helm' }));
    const result = await withFiles(chart(), (tree) => own.render(tree, 'charts/web', {}));
    assert.match(firstProblem(result), /^missing-binary .*helm was not found/);
  });

  test('places of values, the last file that sets one; else the template', async () => {
    const options: RenderOptions = { helm: { releaseName: 'shop', valuesFiles: ['env/prod.yaml'] } };
    await withFiles(chart({ 'env/prod.yaml': '# prod\nreplicas: 5\n' }), async (tree) => {
      const { objects } = await renderer.render(tree, 'charts/web', options);
      const container = ['spec', 'template', 'spec', 'containers', 0];
      const object = objects.find((candidate) => candidate.object.kind === 'Deployment') ?? assert.fail();
      const [answer] = await renderer.locate(
        tree,
        'charts/web',
        [
          {
            object,
            fields: [
              path('spec', 'replicas'),
              path(...container, 'image'),
              path(...container, 'args', 0),
              path('metadata', 'labels', 'team'),
              path('spec', 'template', 'spec', 'hostNetwork'),
              path(...container, 'name'),
              path('metadata', 'annotations', 'password'),
              path('spec', 'paused'),
            ],
          },
        ],
        options,
      );
      assert.equal(at(answer?.object), 'charts/web/templates/deployment.yaml:0 template');
      assert.deepEqual(answer?.fields.map(at), [
        'env/prod.yaml:2 values',
        'charts/web/values.yaml:4 values',
        'charts/web/values.yaml:5 values',
        'charts/web/values.yaml:8 values',
        'charts/web/values.yaml:6 values',
        'charts/web/templates/deployment.yaml:0 template',
        'charts/web/templates/deployment.yaml:0 template',
        'charts/web/templates/deployment.yaml:0 template',
      ]);
    });
  });

  test('the chart of podinfo', { skip: corpora === undefined ? 'PLUMBLINE_CORPORA is not set' : false }, async () => {
    const directory = await mkdtemp(join(tmpdir(), 'plumbline-test-'));
    try {
      execFileSync('git', ['clone', '-q', join(corpora ?? '', 'podinfo.bundle'), directory]);
      const result = await renderer.render(await plainTree(directory), 'charts/podinfo', { helm: { skipTests: true } });
      assert.deepEqual(result.problems, []);
      assert.deepEqual(
        result.objects.map(({ object, file }) => `${object.kind} ${file ?? ''}`),
        ['Service charts/podinfo/templates/service.yaml', 'Deployment charts/podinfo/templates/deployment.yaml'],
      );
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });
});
