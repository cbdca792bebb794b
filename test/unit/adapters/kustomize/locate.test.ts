import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { plainTree } from '../../../../src/adapters/files/plainTree.ts';
import { KustomizeRenderer } from '../../../../src/adapters/kustomize/kustomizeRenderer.ts';
import { SpawnRunner } from '../../../../src/adapters/process/spawnRunner.ts';
import { describeKey, keyOf } from '../../../../src/core/kube/objectKey.ts';
import { valueLeaves } from '../../../../src/core/kustomize/leaves.ts';
import type { Location, PathSegment } from '../../../../src/core/location.ts';
import type { CommandSpec } from '../../../../src/ports/processRunner.ts';
import { type Files, withFiles } from '../folderFixture.ts';
import { corpora, kubectl, withoutCorpora, withoutKubectl } from '../tools.ts';
import { measureAccuracy } from './leafAccuracy.ts';

const fixtures = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', 'fixtures', 'kustomize');
const renderer = new KustomizeRenderer(new SpawnRunner(), () => ({ program: kubectl ?? 'kubectl' }));

const at = (location: Location | undefined): string =>
  location === undefined ? 'nowhere' : `${location.file}:${location.line ?? 0}:${location.column ?? 0} ${location.via}`;

const fields = (path: string): PathSegment[] =>
  path.split('/').map((step) => {
    const key = /^\[(.+)=(.+)\]$/.exec(step);
    if (key) return { key: { [key[1] ?? '']: key[2] ?? '' } };
    return /^\d+$/.test(step) ? { index: Number(step) } : { field: step };
  });

/** Asks for fields (`a/[name=x]/b`) of the only object of a kind. */
async function ask(files: Files, path: string, kind: string, asked: readonly string[]): Promise<string[]> {
  return withFiles(files, async (tree) => {
    const { objects, problems } = await renderer.render(tree, path, {});
    assert.deepEqual(problems, []);
    const object = objects.find((candidate) => candidate.object.kind === kind);
    assert.ok(object !== undefined);
    const [answer] = await renderer.locate(tree, path, [{ object, fields: asked.map(fields) }], {});
    return [at(answer?.object), ...(answer?.fields ?? []).map(at)];
  });
}

const deployment = [
  'apiVersion: apps/v1',
  'kind: Deployment',
  'metadata:',
  '  name: web',
  'spec:',
  '  replicas: 3',
  '  template:',
  '    spec:',
  '      containers:',
  '        - name: web',
  '          image: web:1',
  '          env:',
  '            - name: A',
  '              value: "3"',
].join('\n');

describe('deciding lines of kustomizations', { skip: withoutKubectl }, () => {
  test('every leaf of the fixture that uses everything, as reviewed', async () => {
    const tree = await plainTree(join(fixtures, 'everything'));
    const { objects } = await renderer.render(tree, 'overlay', {});
    const questions = objects.map((object) => {
      const leaves = valueLeaves(object.object);
      const paths = leaves.map((leaf) =>
        leaf.path.map((step) => (typeof step === 'number' ? { index: step } : { field: step })),
      );
      return { object, leaves, fields: paths };
    });
    const answers = await renderer.locate(tree, 'overlay', questions, {});
    const lines = questions.flatMap(({ object, leaves }, index) => {
      const name = describeKey(keyOf(object.object)).replace(/-[a-z0-9]{10}$/, '');
      const own = `${name} => ${at(answers[index]?.object)}`;
      return [own, ...leaves.map((leaf, n) => `${name} ${leaf.path.join('.')} => ${at(answers[index]?.fields[n])}`)];
    });
    const golden = join(fixtures, 'everything.golden.txt');
    if (process.env['PLUMBLINE_UPDATE_GOLDEN'] !== undefined) await writeFile(golden, `${lines.join('\n')}\n`);
    assert.equal(`${lines.join('\n')}\n`, await readFile(golden, 'utf8'));
  });

  test('every answer of that fixture holds when its place alone is changed', async () => {
    const accuracy = await measureAccuracy(await plainTree(join(fixtures, 'everything')), 'overlay');
    assert.deepEqual(accuracy.wrong, []);
    assert.ok(accuracy.right > 100);
  });

  test('the last writer wins, also where both write the same value', async () => {
    const patch = 'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: 3\n';
    const files = {
      'base/kustomization.yaml': 'resources: [d.yaml]\n',
      'base/d.yaml': deployment,
      'over/kustomization.yaml': 'resources: [../base]\npatches:\n- path: p.yaml\n',
      'over/p.yaml': patch,
    };
    assert.deepEqual(await ask(files, 'base', 'Deployment', ['spec/replicas']), [
      'base/d.yaml:2:1 manifest',
      'base/d.yaml:6:13 manifest',
    ]);
    assert.deepEqual(await ask(files, 'over', 'Deployment', ['spec/replicas']), [
      'base/d.yaml:2:1 manifest',
      'over/p.yaml:6:13 patch',
    ]);
  });

  test('a field that no file spells out is answered by what is above it, an unknown way by the object', async () => {
    const files = { 'kustomization.yaml': 'resources: [d.yaml]\n', 'd.yaml': deployment };
    assert.deepEqual(
      await ask(files, '', 'Deployment', [
        'spec/paused',
        'spec/template/spec/containers/[name=web]/resources/limits/cpu',
        'spec/template/spec/containers/[name=web]',
        'spec/template/spec/containers/[name=gone]',
        'spec/template/spec/containers',
        'spec/template/spec/containers/[name=web]/env/[name=A]/value',
        'status/replicas',
      ]),
      [
        'd.yaml:2:1 manifest',
        'd.yaml:5:1 manifest',
        'd.yaml:10:11 manifest',
        'd.yaml:10:11 manifest',
        'd.yaml:9:7 manifest',
        'd.yaml:9:7 manifest',
        'd.yaml:14:22 manifest',
        'd.yaml:2:1 manifest',
      ],
    );
  });

  test('a map that only a patch declares is answered in the patch', async () => {
    const patch = [
      'apiVersion: apps/v1',
      'kind: Deployment',
      'metadata:',
      '  name: web',
      'spec:',
      '  strategy:',
      '    rollingUpdate:',
      '      maxSurge: 1',
    ].join('\n');
    const files = {
      'kustomization.yaml': 'resources: [d.yaml]\npatches: [{path: p.yaml}]\n',
      'd.yaml': deployment,
      'p.yaml': patch,
    };
    const [, map, leaf] = await ask(files, '', 'Deployment', ['spec/strategy', 'spec/strategy/rollingUpdate/maxSurge']);
    assert.equal(leaf, 'p.yaml:8:17 patch');
    assert.equal(map, 'p.yaml:6:3 patch');
  });

  test('objects that got their namespace from the cluster have the same lines', async () => {
    const files = { 'kustomization.yaml': 'resources: [d.yaml]\n', 'd.yaml': deployment };
    await withFiles(files, async (tree) => {
      const { objects } = await renderer.render(tree, '', {});
      const [first] = objects;
      assert.ok(first !== undefined);
      const { object } = first;
      const placed = { ...first, object: { ...object, metadata: { ...object.metadata, namespace: 'shop' } } };
      const [answer] = await renderer.locate(tree, '', [{ object: placed, fields: [fields('spec/replicas')] }], {});
      assert.deepEqual((answer?.fields ?? []).map(at), ['d.yaml:6:13 manifest']);
    });
  });

  test('two objects of one name in different bases are told apart by their origins', async () => {
    const configMap = (value: string): string =>
      `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\ndata:\n  k: ${value}\n`;
    const files = {
      'kustomization.yaml': 'resources: [a, b]\n',
      'a/kustomization.yaml': 'namespace: one\nresources: [c.yaml]\n',
      'a/c.yaml': configMap('same'),
      'b/kustomization.yaml': 'namespace: two\nresources: [c.yaml]\n',
      'b/c.yaml': configMap('same'),
    };
    await withFiles(files, async (tree) => {
      const { objects } = await renderer.render(tree, '', {});
      const questions = objects.map((object) => ({ object, fields: [fields('data/k'), fields('metadata/namespace')] }));
      const answers = await renderer.locate(tree, '', questions, {});
      assert.deepEqual(
        answers.map((answer) => answer.fields.map(at)),
        [
          ['a/c.yaml:6:6 manifest', 'a/kustomization.yaml:1:12 namespace'],
          ['b/c.yaml:6:6 manifest', 'b/kustomization.yaml:1:12 namespace'],
        ],
      );
    });
  });

  test('the user’s files are never changed, and nothing is left', async () => {
    const files = { 'kustomization.yaml': 'resources: [d.yaml]\n', 'd.yaml': deployment };
    await withFiles(files, async (tree, directory) => {
      const runner = new SpawnRunner();
      const folders = new Set<string>();
      const spying = {
        find: (command: string) => runner.find(command),
        run: <T>(spec: CommandSpec<T>, signal?: AbortSignal) => {
          if (spec.args.some((argument) => argument.startsWith('./'))) folders.add(spec.cwd ?? '');
          return runner.run(spec, signal);
        },
      };
      const own = new KustomizeRenderer(spying, () => ({ program: kubectl ?? 'kubectl' }));
      const { objects } = await own.render(tree, '', {});
      folders.clear();
      await own.locate(tree, '', [{ object: objects[0] ?? assert.fail(), fields: [fields('spec/replicas')] }], {});
      assert.ok(folders.size > 0 && !folders.has(directory));
      assert.equal(await readFile(join(directory, 'd.yaml'), 'utf8'), deployment);
      const left = (await readdir(tmpdir())).filter((name) => name.startsWith(`plumbline-${process.pid}-copy`));
      assert.deepEqual(left, []);
    });
  });
});

describe('deciding lines of real repositories', { skip: withoutCorpora }, () => {
  // kube-prometheus builds slowly, so a part of its thousands of leaves is checked; all are asked for.
  const cases: { bundle: string; paths: string[]; sample?: number }[] = [
    { bundle: 'podinfo', paths: ['deploy/overlays/dev', 'deploy/overlays/production', 'kustomize'] },
    { bundle: 'flux2-kustomize-helm-example', paths: ['apps/staging', 'apps/production', 'infrastructure/configs'] },
    { bundle: 'kube-prometheus', paths: [''], sample: 30 },
  ];
  for (const { bundle, paths, sample = 1 } of cases) {
    test(`${bundle}: at least 99 % right`, async (context) => {
      const directory = await mkdtemp(join(tmpdir(), 'plumbline-test-'));
      try {
        execFileSync('git', ['clone', '-q', join(corpora ?? '', `${bundle}.bundle`), directory]);
        const tree = await plainTree(directory);
        for (const path of paths) {
          const accuracy = await measureAccuracy(tree, path, {
            sample,
            admits: (object) => object.kind !== 'CustomResourceDefinition',
          });
          const asked = accuracy.leaves - accuracy.nowhere;
          const share = ((accuracy.right / asked) * 100).toFixed(2);
          context.diagnostic(
            `${path || '.'}: ${accuracy.right} of ${asked} right (${share} %), ${accuracy.nowhere} in no file, ${accuracy.milliseconds.toFixed(0)} ms`,
          );
          assert.ok(asked > 0 && accuracy.right / asked >= 0.99, accuracy.wrong.join('\n'));
        }
      } finally {
        await rm(directory, { recursive: true, force: true });
      }
    });
  }
});
