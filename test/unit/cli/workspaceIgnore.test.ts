import assert from 'node:assert/strict';
import { test } from 'node:test';
import { workspaceIgnore } from '../../../src/cli/workspaceIgnore.ts';
import { type Files, withFiles } from '../adapters/folderFixture.ts';

const rule = '{ "kind": "Deployment", "paths": ["/spec/replicas"] }';
const settings = (text: string): string => `{\n  // ours\n  "plumbline.ignore": [${text}],\n}\n`;

const cases: readonly [name: string, files: Files, below: string, ignore: unknown, problem?: RegExp][] = [
  ['none', {}, '', null],
  ['of the repository', { '.vscode/settings.json': settings(rule) }, 'apps', [JSON.parse(rule)]],
  [
    'of the folder first',
    { '.vscode/settings.json': settings(rule), 'apps/.vscode/settings.json': settings('') },
    'apps',
    [],
  ],
  ['other settings', { '.vscode/settings.json': '{"editor.tabSize": 2}' }, '', null],
  ['no JSON', { '.vscode/settings.json': '{' }, '', null, /\.vscode\/settings\.json cannot be read/],
];
for (const [name, files, below, ignore, problem] of cases) {
  test(`plumbline.ignore of the workspace: ${name}`, async () => {
    const found = await withFiles(files, (tree) => workspaceIgnore(tree, below));
    assert.deepEqual(found.ignore, ignore);
    if (problem === undefined) assert.deepEqual(found.problems, []);
    else assert.match(found.problems[0]?.message ?? '', problem);
  });
}
