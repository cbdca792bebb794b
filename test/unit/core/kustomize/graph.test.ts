import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { scanGraph } from '../../../../src/core/kustomize/graph.ts';
import { isRemote, looksRemote } from '../../../../src/core/kustomize/remoteBase.ts';
import { memoryFiles } from './memoryFiles.ts';

const scan = (files: Record<string, string>, folder = '', allowRemote = false) =>
  scanGraph(memoryFiles(files), folder, { allowRemote });

/** `code file:line:column message` of each problem. */
async function problems(files: Record<string, string>, folder = ''): Promise<string[]> {
  const graph = await scan(files, folder);
  return graph.problems.map(({ code, location, message, remedy }) => {
    assert.ok(remedy !== undefined && remedy.endsWith('.'), `${code} says what to do`);
    return `${code} ${location?.file ?? '-'}:${location?.line ?? 0}:${location?.column ?? 0} ${message}`;
  });
}

describe('the graph of a kustomization', () => {
  test('has every file that the build reads, and where another would matter', async () => {
    const graph = await scan(
      {
        'overlay/kustomization.yaml': [
          'resources: [../base, extra.yaml]',
          'components: [../component]',
          'patches:',
          '- path: patch.yaml',
          '- patch: |-',
          '    - op: replace',
          'patchesStrategicMerge:',
          '- old.yaml',
          '- |-',
          '  kind: Inline',
          'replacements:',
          '- path: replacement.yaml',
          'configMapGenerator:',
          '- name: c',
          '  files: [config.txt, key=other.txt]',
          '  envs: [.env]',
          'secretGenerator:',
          '- name: s',
          '  env: secret.env',
          'transformers: [transformer.yaml]',
          'crds: [crd.json]',
          'configurations: [names.yaml]',
          'openapi: {path: schema.json}',
        ].join('\n'),
        'overlay/extra.yaml': '',
        'overlay/patch.yaml': '',
        'overlay/old.yaml': '',
        'overlay/replacement.yaml': '',
        'overlay/config.txt': '',
        'overlay/other.txt': '',
        'overlay/.env': '',
        'overlay/secret.env': '',
        'overlay/transformer.yaml': 'apiVersion: builtin\nkind: PatchTransformer\npath: deep/patch.yaml\n',
        'overlay/deep/patch.yaml': '',
        'overlay/crd.json': '{}',
        'overlay/names.yaml': '',
        'overlay/schema.json': '{}',
        'overlay/unrelated.yaml': '',
        'base/kustomization.yml': 'resources:\n- a.yaml\n',
        'base/a.yaml': '',
        'component/Kustomization': 'kind: Component\n',
      },
      'overlay',
    );
    assert.deepEqual(graph.problems, []);
    assert.deepEqual(graph.paths, [
      'base/a.yaml',
      'base/kustomization.yml',
      'component/Kustomization',
      'overlay/.env',
      'overlay/config.txt',
      'overlay/crd.json',
      'overlay/deep/patch.yaml',
      'overlay/extra.yaml',
      'overlay/kustomization.yaml',
      'overlay/names.yaml',
      'overlay/old.yaml',
      'overlay/other.txt',
      'overlay/patch.yaml',
      'overlay/replacement.yaml',
      'overlay/schema.json',
      'overlay/secret.env',
      'overlay/transformer.yaml',
    ]);
    assert.ok(graph.absent.includes('base/kustomization.yaml'));
    assert.equal(graph.files.find((file) => file.path === 'overlay/other.txt')?.key, 'key');
    assert.equal(graph.files.find((file) => file.path === 'base/a.yaml')?.by, 'base/kustomization.yml');
  });

  const cases: [string, Record<string, string>, string[]][] = [
    [
      'a remote base is refused with its place',
      { 'kustomization.yaml': 'resources:\n  - https://example.com/x.yaml\n  - "git@host:org/repo//x?ref=1"\n' },
      [
        'remote-base kustomization.yaml:2:5 https://example.com/x.yaml is not in the repository and would be fetched',
        'remote-base kustomization.yaml:3:5 git@host:org/repo//x?ref=1 is not in the repository and would be fetched',
      ],
    ],
    [
      'kustomize would fetch this although a folder of that name is there',
      { 'kustomization.yaml': 'resources: [github.com/org/repo]', 'github.com/org/repo/kustomization.yaml': '' },
      ['remote-base kustomization.yaml:1:13 github.com/org/repo is not in the repository and would be fetched'],
    ],
    [
      'every kind of entry can be a URL',
      {
        'kustomization.yaml':
          'patches: [{path: http://h/p}]\nconfigMapGenerator: [{name: x, files: [k=http://h/f]}]\nopenapi: {path: http://h/o}\n',
      },
      [
        'remote-base kustomization.yaml:3:17 http://h/o is not in the repository and would be fetched',
        'remote-base kustomization.yaml:1:18 http://h/p is not in the repository and would be fetched',
        'remote-base kustomization.yaml:2:40 http://h/f is not in the repository and would be fetched',
      ],
    ],
    [
      'remote in an inline transformer',
      {
        'kustomization.yaml':
          'transformers:\n- |-\n  apiVersion: builtin\n  kind: PatchTransformer\n  path: https://h/p\n',
      },
      ['remote-base kustomization.yaml:1:1 https://h/p is not in the repository and would be fetched'],
    ],
    [
      'a remote chart is refused',
      { 'kustomization.yaml': 'helmCharts:\n- name: minecraft\n  repo: https://charts.example.com\n' },
      ['chart-not-local kustomization.yaml:3:9 kustomization.yaml: the chart minecraft is not in the repository'],
    ],
    [
      'paths that leave the repository',
      { 'a/kustomization.yaml': 'resources:\n- ../../etc\n- /etc/passwd\n' },
      [
        'outside-repository a/kustomization.yaml:2:3 ../../etc is outside of the repository',
        'outside-repository a/kustomization.yaml:3:3 /etc/passwd is outside of the repository',
      ],
    ],
    [
      'a cycle of bases is told as a way',
      {
        'a/kustomization.yaml': 'resources: [../b]\n',
        'b/kustomization.yaml': 'resources:\n- ../c\n',
        'c/kustomization.yaml': 'components: [../b]\n',
      },
      ['cycle c/kustomization.yaml:1:14 ../b includes itself: b → c → b'],
    ],
    [
      'missing files and folders',
      { 'a/kustomization.yaml': 'resources:\n- nothing.yaml\npatches:\n- path: none.yaml\n' },
      [
        'missing-file a/kustomization.yaml:2:3 nothing.yaml is no file, and no folder with a kustomization',
        'missing-file a/kustomization.yaml:4:9 none.yaml is no file',
      ],
    ],
    ['no kustomization at all', { 'a/x.yaml': '' }, ['missing-file -:0:0 a has no kustomization.yaml']],
    [
      'two kustomizations in one folder',
      { 'a/kustomization.yaml': '', 'a/Kustomization': '' },
      ['invalid-kustomization a/Kustomization:1:1 a has both kustomization.yaml and Kustomization'],
    ],
    [
      'a tab as indentation',
      { 'a/kustomization.yaml': 'resources:\n\t- a.yaml\n', 'a/a.yaml': '' },
      ['invalid-kustomization a/kustomization.yaml:2:1 a/kustomization.yaml: Tabs are not allowed as indentation'],
    ],
    [
      'a duplicate key',
      { 'a/kustomization.yaml': 'namespace: a\nnamespace: b\n' },
      ['invalid-kustomization a/kustomization.yaml:2:1 a/kustomization.yaml: Map keys must be unique'],
    ],
    [
      'two documents, and a list',
      { 'a/kustomization.yaml': 'resources: []\n---\nresources: []\n' },
      [
        'invalid-kustomization a/kustomization.yaml:3:1 a/kustomization.yaml: a kustomization is one document, this file has more',
      ],
    ],
    [
      'a list',
      { 'a/kustomization.yaml': '- a\n' },
      ['invalid-kustomization a/kustomization.yaml:1:1 a/kustomization.yaml: a kustomization is a map'],
    ],
    [
      'a Git LFS pointer',
      {
        'a/kustomization.yaml': 'resources: [x.yaml]\n',
        'a/x.yaml': 'version https://git-lfs.github.com/spec/v1\noid 1\n',
      },
      ['lfs-pointer a/kustomization.yaml:1:13 a/x.yaml is a Git LFS pointer, not its content'],
    ],
    [
      'nesting that would exhaust the stack',
      { 'a/kustomization.yaml': `resources: ${'['.repeat(100_000)}\n` },
      ['invalid-kustomization a/kustomization.yaml:1:1 a/kustomization.yaml: nested deeper than 200 levels'],
    ],
  ];
  for (const [name, files, expected] of cases) {
    test(name, async () => {
      const folder = Object.keys(files)[0]?.startsWith('a/') ? 'a' : '';
      assert.deepEqual(await problems(files, folder), expected);
    });
  }

  test('what is withheld is named', async () => {
    const files = { 'kustomization.yaml': 'resources:\n- vendor/lib\n- link\n- huge.yaml\n' };
    const withheld = { 'vendor/lib': 'submodule', link: 'outside-repository', 'huge.yaml': 'too-large' } as const;
    const graph = await scanGraph(memoryFiles(files, withheld), '', { allowRemote: false });
    assert.deepEqual(
      graph.problems.map((problem) => `${problem.code} ${problem.location?.line ?? 0}`),
      ['submodule 2', 'outside-repository 3', 'too-large 4'],
    );
  });

  test('with the permission remote entries pass', async () => {
    const graph = await scan({ 'kustomization.yaml': 'resources: [https://h/x.yaml, a.git]\n' }, '', true);
    assert.deepEqual(graph.problems, []);
  });

  test('a base that two overlays share is no cycle', async () => {
    const graph = await scan({
      'kustomization.yaml': 'resources: [a, b]\n',
      'a/kustomization.yaml': 'resources: [../c]\n',
      'b/kustomization.yaml': 'resources: [../c]\n',
      'c/kustomization.yaml': '',
    });
    assert.deepEqual(graph.problems, []);
  });
});

test('what counts as remote', () => {
  const remote = [
    'https://github.com/org/repo//path?ref=v1',
    'ssh://git@host/repo',
    'git::https://host/repo',
    'git@github.com:org/repo.git',
    'github.com/org/repo',
    'file:///etc',
    'oci://registry/x',
  ];
  const local = ['../base', 'a/b.yaml', './github.com', 'C.yaml', 'base@2', 'https.yaml', 'a:b.yaml'];
  for (const entry of remote) assert.ok(isRemote(entry), entry);
  for (const entry of local) assert.ok(!looksRemote(entry), entry);
  for (const entry of ['gitlab.com/org/repo', 'repo.git//x', 'x?ref=1'])
    assert.ok(looksRemote(entry) && !isRemote(entry));
});
