import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { openRepository } from '../../../../src/adapters/git/localRepository.ts';
import { KustomizeRenderer } from '../../../../src/adapters/kustomize/kustomizeRenderer.ts';
import { SpawnRunner } from '../../../../src/adapters/process/spawnRunner.ts';
import { describeKey, keyOf } from '../../../../src/core/kube/objectKey.ts';
import type { CommandSpec, ProcessRunner } from '../../../../src/ports/processRunner.ts';
import type { RenderResult } from '../../../../src/ports/renderer.ts';
import { type Files, withFiles, writeFiles } from '../folderFixture.ts';
import { GitFixture } from '../git/gitFixture.ts';
import { kubectl, withoutKubectl } from '../tools.ts';

/** Counts builds, so that it shows when nothing had to be built. */
class CountingRunner implements ProcessRunner {
  builds = 0;
  readonly #inner = new SpawnRunner();

  run<T>(spec: CommandSpec<T>, signal?: AbortSignal): Promise<T> {
    if (spec.args[0] === 'kustomize') this.builds += 1;
    return this.#inner.run(spec, signal);
  }

  find(command: string): Promise<string | undefined> {
    return this.#inner.find(command);
  }
}

const configMap = (name: string, data = 'a: b'): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  ${data}\n`;

function rendererWith(runner: ProcessRunner): KustomizeRenderer {
  return new KustomizeRenderer(runner, () => (kubectl === undefined ? {} : { program: kubectl }));
}

async function render(files: Files, path: string): Promise<RenderResult> {
  return withFiles(files, (tree) => rendererWith(new SpawnRunner()).render(tree, path, {}));
}

const names = (result: RenderResult): string[] => result.objects.map(({ object }) => describeKey(keyOf(object)));

const firstProblem = (result: RenderResult): string => {
  const [problem] = result.problems;
  const { file, line } = problem?.location ?? {};
  return `${problem?.code ?? 'none'} ${file ?? '-'}:${line ?? 0} ${problem?.message ?? ''}`;
};

describe('rendering kustomizations', { skip: withoutKubectl }, () => {
  test('objects of an overlay and the files that were read', async () => {
    const result = await render(
      {
        'base/kustomization.yaml': 'resources: [a.yaml]\n',
        'base/a.yaml': configMap('a'),
        'over/kustomization.yaml': 'resources: [../base]\nnamespace: prod\nnamePrefix: x-\n',
      },
      'over',
    );
    assert.deepEqual(result.problems, []);
    assert.deepEqual(names(result), ['ConfigMap prod/x-a']);
    assert.deepEqual(result.files, ['base/a.yaml', 'base/kustomization.yaml', 'over/kustomization.yaml']);
  });

  test('a folder whose name looks like an option, and the root', async () => {
    const files = { '--help/kustomization.yaml': 'resources: [a.yaml]\n', '--help/a.yaml': configMap('a') };
    assert.deepEqual(names(await render(files, '--help')), ['ConfigMap a']);
    const root = await render({ 'kustomization.yaml': 'resources: [a.yaml]\n', 'a.yaml': configMap('a') }, '.');
    assert.deepEqual(names(root), ['ConfigMap a']);
  });

  test('nothing is built when the graph is refused', async () => {
    const runner = new CountingRunner();
    const files = { 'kustomization.yaml': 'resources: [https://example.com/x.yaml]\n' };
    const result = await withFiles(files, (tree) => rendererWith(runner).render(tree, '', {}));
    assert.match(firstProblem(result), /^remote-base kustomization.yaml:1 /);
    assert.equal(runner.builds, 0);
  });

  const failures: [string, Files, RegExp][] = [
    [
      'broken YAML in a resource',
      {
        'kustomization.yaml': 'resources: [a.yaml]\n',
        'a.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n bad: [\n',
      },
      /^build-failed a.yaml:5 kustomize: .*did not find expected key/,
    ],
    [
      'a patch without a target',
      {
        'kustomization.yaml': 'resources: [a.yaml]\npatches: [{path: p.yaml}]\n',
        'a.yaml': configMap('a'),
        'p.yaml': configMap('b'),
      },
      /^build-failed p.yaml:4 kustomize: no resource matches strategic merge patch/,
    ],
    [
      'an object twice',
      { 'kustomization.yaml': 'resources: [a.yaml, b.yaml]\n', 'a.yaml': configMap('a'), 'b.yaml': configMap('a') },
      /^build-failed b.yaml:1 kustomize: b.yaml: may not add resource with an already registered id: ConfigMap/,
    ],
    [
      'an unknown field',
      { 'kustomization.yaml': 'resources: [a.yaml]\n\nresource: [b.yaml]\n', 'a.yaml': configMap('a') },
      /^build-failed kustomization.yaml:3 kustomize: invalid Kustomization: json: unknown field "resource"/,
    ],
    [
      'an object without a name, in a base',
      {
        'kustomization.yaml': 'resources: [base]\n',
        'base/kustomization.yaml': 'resources: [a.yaml]\n',
        'base/a.yaml': 'apiVersion: v1\nkind: ConfigMap\n',
      },
      /^build-failed base\/a.yaml:1 kustomize: a.yaml: missing metadata.name in object/,
    ],
    [
      'a duplicate key in a resource (semantics Y-5)',
      { 'kustomization.yaml': 'resources: [a.yaml]\n', 'a.yaml': configMap('a', 'a: b\n  a: c') },
      /^build-failed a.yaml:7 kustomize: .*mapping key "a" already defined/,
    ],
    [
      'a file outside of the kustomization',
      {
        'in/kustomization.yaml': 'resources: [../a.yaml]\n',
        'a.yaml': configMap('a'),
        'kustomization.yaml': 'resources: [in]\n',
      },
      /^build-failed a.yaml:1 kustomize: .*is not in or below/,
    ],
  ];
  for (const [name, files, expected] of failures) {
    test(`${name} is a problem at its place`, async () => {
      const result = await render(files, '');
      assert.match(firstProblem(result), expected);
      assert.deepEqual(result.objects, []);
      assert.doesNotMatch(firstProblem(result), /plumbline-test|run\.go/, 'without paths of this machine');
    });
  }

  const secret = 'apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {p: hunter2}\n';
  const leaks: [string, Files][] = [
    ['a literal without a key', { 'kustomization.yaml': 'secretGenerator:\n- name: s\n  literals: [hunter2]\n' }],
    [
      'a patch without a name',
      {
        'kustomization.yaml':
          'resources: [s.yaml]\npatches:\n- patch: |-\n    kind: Secret\n    stringData: {p: hunter2}\n',
        's.yaml': secret,
      },
    ],
    [
      'a patch that is no YAML',
      {
        'kustomization.yaml': 'resources: [s.yaml]\npatches:\n- target: {kind: Secret}\n  patch: |-\n    hunter2: [\n',
        's.yaml': secret,
      },
    ],
    [
      'a patch file that is no patch',
      {
        'kustomization.yaml': 'resources: [s.yaml]\npatches:\n- path: p.yaml\n  target: {kind: Secret}\n',
        's.yaml': secret,
        'p.yaml': '- hunter2\n',
      },
    ],
    [
      'a map as text',
      { 'kustomization.yaml': 'resources: [s.yaml]\n', 's.yaml': secret.replace('{p: hunter2}', 'hunter2\n- x') },
    ],
  ];
  for (const [name, files] of leaks) {
    test(`${name} fails without its content being told`, async () => {
      const result = await render(files, '');
      assert.match(firstProblem(result), /^build-failed /);
      assert.doesNotMatch(JSON.stringify(result.problems), /hunter2/);
    });
  }

  test('a file outside passes where the engine allows it', async () => {
    const files = { 'in/kustomization.yaml': 'resources: [../a.yaml]\n', 'a.yaml': configMap('a') };
    const result = await withFiles(files, (tree) =>
      rendererWith(new SpawnRunner()).render(tree, 'in', { kustomize: { unrestricted: true } }),
    );
    assert.deepEqual(names(result), ['ConfigMap a']);
  });

  test('renders are kept by the content that they read', async () => {
    const files = { 'kustomization.yaml': 'resources: [a.yaml]\n', 'a.yaml': configMap('a'), 'other.txt': '' };
    await withFiles(files, async (tree, directory) => {
      const runner = new CountingRunner();
      const renderer = rendererWith(runner);
      await renderer.render(tree, '', {});
      await writeFiles(directory, { 'other.txt': 'changed' });
      await renderer.render(tree, '', {});
      assert.equal(runner.builds, 1);
      await writeFiles(directory, { 'a.yaml': configMap('a', 'a: changed') });
      const changed = await renderer.render(tree, '', {});
      assert.equal(runner.builds, 2);
      assert.equal(JSON.stringify(changed.objects).includes('changed'), true);
      await writeFiles(directory, { 'a.yaml': configMap('a') });
      await renderer.render(tree, '', {});
      assert.equal(runner.builds, 2, 'the first render serves again');
    });
  });

  test('so are deciding lines, each field apart', async () => {
    const files = { 'kustomization.yaml': 'resources: [a.yaml]\n', 'a.yaml': configMap('a', 'a: b\n  c: d') };
    await withFiles(files, async (tree, directory) => {
      const runner = new CountingRunner();
      const renderer = rendererWith(runner);
      const [object] = (await renderer.render(tree, '', {})).objects;
      assert.ok(object !== undefined);
      const ask = async (...names: string[]): Promise<(number | undefined)[]> => {
        const fields = names.map((name) => [{ field: 'data' }, { field: name }]);
        const [answer] = await renderer.locate(tree, '', [{ object, fields }], {});
        return (answer?.fields ?? []).map((place) => place?.line);
      };
      assert.deepEqual(await ask('a'), [6]);
      const { builds } = runner;
      assert.deepEqual(await ask('a'), [6]);
      assert.equal(runner.builds, builds);
      assert.deepEqual(await ask('c', 'a'), [7, 6]);
      assert.ok(runner.builds > builds);
      await writeFiles(directory, { 'a.yaml': `# moved\n${configMap('a', 'a: b\n  c: d')}` });
      assert.deepEqual(await ask('a'), [7]);
    });
  });

  test('commits and the working tree share renders', async () => {
    const fixture = await GitFixture.create({
      'kustomization.yaml': 'resources: [a.yaml]\n',
      'a.yaml': configMap('a'),
    });
    const runner = new CountingRunner();
    const repository = await openRepository(fixture.directory, runner);
    const renderer = rendererWith(runner);
    const tree = await repository.tree('HEAD');
    assert.deepEqual(names(await renderer.render(tree, '', {})), ['ConfigMap a']);
    assert.deepEqual(names(await renderer.render(repository.workingTree(), '', {})), ['ConfigMap a']);
    assert.equal(runner.builds, 1);
    await tree.dispose();
    await repository.dispose();
    await fixture.remove();
  });

  test('a missing program is a problem with what to install', async () => {
    const files = { 'kustomization.yaml': 'resources: [a.yaml]\n', 'a.yaml': configMap('a') };
    const renderer = new KustomizeRenderer(new SpawnRunner(), () => ({ program: '/nowhere/kustomize' }));
    const result = await withFiles(files, (tree) => renderer.render(tree, '', {}));
    assert.match(firstProblem(result), /^missing-binary -:0 \/nowhere\/kustomize was not found/);
    assert.match(result.problems[0]?.remedy ?? '', /Install kustomize/);
  });

  test('a build that takes too long is a problem', async () => {
    const files = { 'kustomization.yaml': 'resources: [a.yaml]\n', 'a.yaml': configMap('a') };
    const program = kubectl ?? '';
    const renderer = new KustomizeRenderer(new SpawnRunner(), () => ({ program, timeoutMilliseconds: 1 }));
    const result = await withFiles(files, (tree) => renderer.render(tree, '', {}));
    assert.match(firstProblem(result), /^render-timeout /);
  });

  test('cancelled, it rejects', async () => {
    const files = { 'kustomization.yaml': 'resources: [a.yaml]\n', 'a.yaml': configMap('a') };
    const signal = AbortSignal.abort();
    await withFiles(files, (tree) =>
      assert.rejects(rendererWith(new SpawnRunner()).render(tree, '', { signal }), { name: 'AbortError' }),
    );
  });
});

describe('building as an engine does', { skip: withoutKubectl }, () => {
  const overlay = {
    namespace: 'engine',
    images: [{ name: 'web', newTag: '2' }],
    patches: [{ target: { kind: 'Pod' }, patch: '- op: add\n  path: /metadata/labels\n  value: {by: "engine"}\n' }],
  };
  const pod =
    'apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n  - name: web\n    image: web:1\n';

  test('with fields laid over the kustomization; the user’s file stays as it is, and places are those of it', async () => {
    const text =
      'namespace: mine\npatches:\n- patch: |-\n    - op: add\n      path: /spec/hostname\n      value: h\n  target: {kind: Pod}\nresources: [pod.yaml]\ncommonAnnotations:\n  a: b\n';
    await withFiles({ 'app/kustomization.yaml': text, 'app/pod.yaml': pod }, async (tree, directory) => {
      const renderer = rendererWith(new SpawnRunner());
      const options = { kustomize: { unrestricted: true, overlay } };
      const result = await renderer.render(tree, 'app', options);
      assert.deepEqual(result.problems, []);
      assert.deepEqual(names(result), ['Pod engine/web']);
      const [object] = result.objects;
      assert.ok(object !== undefined);
      assert.match(JSON.stringify(object.object), /web:2.*|"by":"engine"/);
      const field = (...steps: (string | number)[]) =>
        steps.map((step) => (typeof step === 'number' ? { index: step } : { field: step }));
      const fields = [
        field('metadata', 'annotations', 'a'),
        field('spec', 'hostname'),
        field('spec', 'containers', 0, 'image'),
        field('metadata', 'labels', 'by'),
        field('metadata', 'namespace'),
      ];
      const [answer] = await renderer.locate(tree, 'app', [{ object, fields }], options);
      assert.deepEqual(
        answer?.fields.map((place) => `${place?.file ?? '-'}:${place?.line ?? 0}:${place?.column ?? 0}`),
        // The image, label and namespace come from the engine: the object is the nearest that a file has.
        [
          'app/kustomization.yaml:10:6',
          'app/kustomization.yaml:6:14',
          'app/pod.yaml:2:1',
          'app/pod.yaml:3:1',
          'app/pod.yaml:2:1',
        ],
      );
      assert.equal(await readFile(join(directory, 'app/kustomization.yaml'), 'utf8'), text);
    });
  });

  test('where there is no kustomization, one with all manifests below is made, folders with one as a whole', async () => {
    const files = {
      'app/pod.yaml': pod,
      'app/deep/config.yml': configMap('deep'),
      'app/base/kustomization.yaml': 'namePrefix: x-\nresources: [c.yaml]\n',
      'app/base/c.yaml': configMap('c'),
      'app/base/unused.yaml': configMap('unused'),
      'app/notes.json': '{}',
    };
    await withFiles(files, async (tree) => {
      const renderer = rendererWith(new SpawnRunner());
      const result = await renderer.render(tree, 'app', { kustomize: { overlay: {} } });
      assert.deepEqual(result.problems, []);
      assert.deepEqual(names(result).sort(), ['ConfigMap deep', 'ConfigMap x-c', 'Pod web']);
      const none = await renderer.render(tree, 'app', {});
      assert.match(firstProblem(none), /^missing-file/);
    });
  });

  test('a failing build names no path of the copy', async () => {
    const files = {
      'app/kustomization.yaml': 'resources: [a.yaml, b.yaml]\n',
      'app/a.yaml': configMap('a'),
      'app/b.yaml': configMap('a'),
    };
    const result = await withFiles(files, (tree) =>
      rendererWith(new SpawnRunner()).render(tree, 'app', { kustomize: { overlay: { namespace: 'n' } } }),
    );
    assert.match(firstProblem(result), /^build-failed app\/b.yaml:1 /);
    assert.doesNotMatch(firstProblem(result), /plumbline-/);
  });
});
