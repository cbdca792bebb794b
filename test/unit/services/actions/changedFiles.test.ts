import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FileStatus, GitRepository } from '../../../../src/ports/gitRepository.ts';
import type { ActionScope } from '../../../../src/services/actions/actionScope.ts';
import { changedFilesOf } from '../../../../src/services/actions/changedFiles.ts';
import { emptyPreparation } from '../../../../src/services/drift/prepareComparison.ts';
import { plainTree } from '../../../../src/adapters/files/plainTree.ts';

const application = emptyPreparation({
  id: 'overlays/prod',
  name: 'prod',
  engine: 'direct',
  foundIn: 'derived',
  source: { kind: 'kustomize', path: 'overlays/prod' },
  destination: {},
  gates: [],
});
const prepared = { ...application, files: ['overlays/prod/kustomization.yaml', 'base/kustomization.yaml'] };

const status = (path: string, change: FileStatus['change']): FileStatus => ({
  path,
  change,
  staged: false,
  unstaged: true,
});

/** What HEAD was read for: the files that the application read then, or a failure where it must not be asked. */
function headWith(files: readonly string[] | undefined): [Pick<ActionScope, 'render'>, Pick<GitRepository, 'tree'>] {
  return [
    { render: () => Promise.resolve({ objects: [], files: [...(files ?? [])], problems: [] }) },
    {
      tree: (commit) => {
        assert.equal(commit, 'HEAD');
        assert.ok(files, 'HEAD is not needed');
        return plainTree(import.meta.dirname);
      },
    },
  ];
}

const cases: [name: string, changed: FileStatus[], head: readonly string[] | undefined, concerned: string[]][] = [
  ['a file that is read', [status('base/kustomization.yaml', 'modified')], undefined, ['base/kustomization.yaml']],
  ['a file of its folder', [status('overlays/prod/new.yaml', 'untracked')], undefined, ['overlays/prod/new.yaml']],
  ['a file of somebody else', [status('docs/a.md', 'modified')], undefined, []],
  [
    'a file that is gone from its folder',
    [status('overlays/prod/a.yaml', 'deleted')],
    undefined,
    ['overlays/prod/a.yaml'],
  ],
  [
    'a file that is gone from a base, and was read as of HEAD',
    [status('base/config.yaml', 'deleted'), status('base/kustomization.yaml', 'modified')],
    ['base/config.yaml', 'base/kustomization.yaml'],
    ['base/config.yaml', 'base/kustomization.yaml'],
  ],
  ['a file that is gone and was nobody’s', [status('docs/a.md', 'deleted')], ['base/config.yaml'], []],
];

for (const [name, changed, head, concerned] of cases) {
  test(name, async () => {
    const found = await changedFilesOf(prepared, changed, ...headWith(head));
    assert.deepEqual(
      found.map(({ path }) => path),
      concerned,
    );
  });
}
