import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cp, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(dirname(here));

interface Violation {
  rule: { name: string };
  from: string;
}

/** Rule of .dependency-cruiser.js → the planted file that breaks it. A checker that checks nothing fails here. */
const planted: Record<string, string> = {
  'core-is-pure': 'src/core/impure.ts',
  'core-drift-below-reconcile': 'src/core/drift/high.ts',
  'core-ground-floor': 'src/core/kube/high.ts',
  'ports-know-core-only': 'src/ports/port.ts',
  'services-know-core-and-ports': 'src/services/service.ts',
  'vscode-only-in-editor': 'src/services/usesEditor.ts',
  'adapters-know-ports-and-core': 'src/adapters/git/adapter.ts',
  'heavy-modules-are-lazy': 'src/adapters/kubernetes/eager.ts',
  'sandbox-knows-core': 'src/sandbox/server.ts',
  'editor-does-not-reach-adapters': 'src/editor/view.ts',
  'protocol-knows-core': 'src/protocol/message.ts',
  'cli-does-not-reach-the-editor': 'src/cli/command.ts',
  'nothing-reaches-the-roots': 'src/services/usesRoot.ts',
  'webview-knows-protocol-and-core': 'webview/page.ts',
  'not-to-unresolvable': 'src/core/lost.ts',
  'no-circular': 'src/core/circle/a.ts',
};

let violations: Violation[] = [];
let folder = '';

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plumbline-planted-'));
  await cp(join(here, 'planted'), folder, { recursive: true });
  await writeFile(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: join(root, 'tsconfig.json'), include: ['src'] }),
  );
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  const run = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs'),
      '--config',
      join(root, '.dependency-cruiser.js'),
      '--output-type',
      'json',
      'src',
      'webview',
    ],
    { cwd: folder, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  );
  const report = JSON.parse(run.stdout) as { summary: { violations: Violation[] } };
  violations = report.summary.violations;
});

after(() => rm(folder, { recursive: true, force: true }));

for (const [rule, file] of Object.entries(planted)) {
  test(`${rule} is found in ${file}`, () => {
    const found = violations.filter((violation) => violation.rule.name === rule).map((violation) => violation.from);
    assert.ok(found.includes(file), `${rule} found in: ${found.join(', ')}`);
  });
}

test('every rule has a planted violation', () => {
  const config = readFileSync(join(root, '.dependency-cruiser.js'), 'utf8');
  const rules = [...config.matchAll(/name: '([a-z-]+)'/g)].map((match) => match[1]);
  assert.deepEqual(rules.toSorted(), Object.keys(planted).toSorted());
});

test('core is type-checked without the globals of Node', async () => {
  await cp(join(root, 'src/core/tsconfig.json'), join(folder, 'src/core/tsconfig.json'));
  const run = spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'src/core'], {
    cwd: folder,
    encoding: 'utf8',
  });
  assert.match(run.stdout, /src\/core\/globals\.ts\(1,\d+\): error TS2\d+: Cannot find name 'process'/);
});
