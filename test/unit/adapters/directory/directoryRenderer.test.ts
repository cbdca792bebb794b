import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DirectoryRenderer } from '../../../../src/adapters/directory/directoryRenderer.ts';
import { describeKey, keyOf } from '../../../../src/core/kube/objectKey.ts';
import type { Location, PathSegment } from '../../../../src/core/location.ts';
import type { RenderResult } from '../../../../src/ports/renderer.ts';
import { type Files, withFiles, writeFiles } from '../folderFixture.ts';

const configMap = (name: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  a: b\n`;

const render = (files: Files, path = ''): Promise<RenderResult> =>
  withFiles(files, (tree) => new DirectoryRenderer().render(tree, path, {}));

const names = (result: RenderResult): string[] =>
  result.objects.map(({ object, file }) => `${file ?? ''} ${describeKey(keyOf(object))}`);

const problemsOf = (result: RenderResult): string[] =>
  result.problems.map(
    ({ code, severity, location }) => `${severity} ${code} ${location?.file ?? '-'}:${location?.line ?? 0}`,
  );

const at = (location: Location | undefined): string =>
  `${location?.line ?? 0}:${location?.column ?? 0}-${location?.endLine ?? 0}:${location?.endColumn ?? 0}`;

describe('plain manifests', () => {
  test('YAML and JSON below the path, lists taken apart', async () => {
    const result = await render(
      {
        'app/a.yaml': `${configMap('a')}---\n${configMap('b')}`,
        'app/deep/c.yml': configMap('c'),
        'app/d.json': '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "d"}}',
        'app/list.yaml': `apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Secret\n  metadata: {name: e}\n`,
        'app/readme.md': configMap('no'),
        'other/x.yaml': configMap('x'),
      },
      'app',
    );
    assert.deepEqual(names(result), [
      'app/a.yaml ConfigMap a',
      'app/a.yaml ConfigMap b',
      'app/d.json ConfigMap d',
      'app/deep/c.yml ConfigMap c',
      'app/list.yaml Secret e',
    ]);
    assert.deepEqual(result.problems, []);
  });

  test('files that are no manifests are left alone, broken or not', async () => {
    const result = await render({
      'a.yaml': configMap('a'),
      'ci/.gitlab-ci.yml': 'build:\n  script: [make]\n',
      'ci/broken.yaml': 'a: [\n',
      'chart/Chart.yaml': 'apiVersion: v2\nname: chart\n',
      'chart/templates/deployment.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\n',
      'chart/crds/x.yaml': configMap('crd'),
      'values.yaml': 'apiVersion: x\nkind: y\n',
      'over/kustomization.yaml': 'resources: [r.yaml]\npatches: [{path: patch.yaml}]\n',
      'over/patch.yaml': configMap('patched'),
      'over/r.yaml': configMap('r'),
    });
    assert.deepEqual(names(result), ['a.yaml ConfigMap a', 'over/r.yaml ConfigMap r']);
    assert.deepEqual(result.problems, []);
  });

  const broken: [string, string | Uint8Array, string][] = [
    ['broken YAML', 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: [\n', 'error invalid-yaml x.yaml:'],
    ['broken JSON', '{"apiVersion": "v1", "kind":', 'error invalid-'],
    ['no name', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {}\n', 'error invalid-object x.yaml:'],
    ['binary', Uint8Array.from([0x61, 0, 0x62]), 'error not-text x.yaml:1'],
    [
      'Latin-1',
      Buffer.from('apiVersion: v1\nkind: ConfigMap\nmetadata: {name: é}\n', 'latin1'),
      'error not-text x.yaml:1',
    ],
    ['a pointer of LFS', 'version https://git-lfs.github.com/spec/v1\noid sha256:0\n', 'error lfs-pointer x.yaml:1'],
  ];
  for (const [name, content, expected] of broken) {
    test(`${name} is a problem with a place, and the rest is still there`, async () => {
      const result = await render({ 'x.yaml': content, 'y.yaml': configMap('other') });
      assert.equal(problemsOf(result)[0]?.startsWith(expected), true, problemsOf(result).join());
      assert.deepEqual(names(result), ['y.yaml ConfigMap other']);
    });
  }

  test('a byte order mark and CRLF are nothing special', async () => {
    const result = await render({ 'x.yaml': `\ufeff${configMap('x').replaceAll('\n', '\r\n')}` });
    assert.deepEqual(names(result), ['x.yaml ConfigMap x']);
    assert.deepEqual(result.objects[0]?.object['data'], { a: 'b' });
  });

  test('an object that is declared twice is a warning that names both places', async () => {
    const result = await render({ 'a.yaml': configMap('x'), 'b.yaml': `# two\n${configMap('x')}` });
    assert.deepEqual(problemsOf(result), ['warning duplicate-object b.yaml:3']);
    assert.match(result.problems[0]?.message ?? '', /first in a.yaml:2/);
  });

  test('a path without files, and one outside', async () => {
    assert.deepEqual(problemsOf(await render({ 'a.yaml': '' }, 'nothing')), ['error missing-file -:0']);
    assert.deepEqual(problemsOf(await render({ 'a.yaml': '' }, '../x')), ['error outside-repository -:0']);
  });

  test('what did not change is not read again, what did is', async () => {
    await withFiles({ 'a.yaml': configMap('a') }, async (tree, directory) => {
      const renderer = new DirectoryRenderer();
      const [first] = (await renderer.render(tree, '', {})).objects;
      const [second] = (await renderer.render(tree, '', {})).objects;
      assert.equal(first, second);
      await writeFiles(directory, { 'a.yaml': configMap('changed') });
      assert.deepEqual(names(await renderer.render(tree, '', {})), ['a.yaml ConfigMap changed']);
    });
  });

  test('places of fields, of parents for fields that are not there, and of objects', async () => {
    const text = [
      '# a comment',
      'apiVersion: apps/v1',
      'kind: Deployment',
      'metadata: {name: web}',
      'spec:',
      '  replicas: 3',
      '  template:',
      '    spec:',
      '      containers:',
      '        - image: "a:1"',
      '          name: web',
      '        - name: side',
      '---',
      'apiVersion: v1',
      'kind: List',
      'items:',
      '- kind: ConfigMap',
      '  apiVersion: v1',
      '  metadata: {name: c}',
      '  data: {k: v}',
      '- apiVersion: v1',
      '  kind: ConfigMap',
      '  metadata: {name: d}',
      '  data:',
      '    text: |',
      '      one',
      '      two',
      '    other: x',
    ].join('\n');
    const container: PathSegment[] = [
      { field: 'spec' },
      { field: 'template' },
      { field: 'spec' },
      { field: 'containers' },
    ];
    await withFiles({ 'x.yaml': text }, async (tree) => {
      const renderer = new DirectoryRenderer();
      const { objects } = await renderer.render(tree, '', {});
      const [deployment, , last] = objects;
      assert.ok(deployment !== undefined && last !== undefined);
      const answers = await renderer.locate(tree, '', [
        {
          object: deployment,
          fields: [
            [{ field: 'spec' }, { field: 'replicas' }],
            [...container, { key: { name: 'web' } }, { field: 'image' }],
            [...container, { key: { name: 'web' } }],
            [...container, { key: { name: 'gone' } }, { field: 'image' }],
            [{ field: 'spec' }, { field: 'paused' }],
            [{ field: 'status' }],
          ],
        },
        { object: last, fields: [[{ field: 'data' }, { field: 'text' }]] },
      ]);
      assert.equal(at(answers[0]?.object), '3:1-3:17');
      assert.deepEqual(answers[0]?.fields.map(at), [
        '6:13-6:14',
        '10:18-10:23',
        '10:11-10:23',
        '9:7-9:17',
        '5:1-5:5',
        '3:1-3:17',
      ]);
      assert.equal(at(answers[1]?.object), '22:3-22:18');
      assert.deepEqual(answers[1]?.fields.map(at), ['25:11-27:10']);
    });
  });
});
