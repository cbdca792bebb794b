import { spawnSync } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The import rules of docs/architecture.md: each layer is type-checked with only the globals that it may use, then every import
 * is held against the rules of .dependency-cruiser.js.
 */
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = join(root, 'node_modules');
const failures: string[] = [];

function check(label: string, program: string, args: string[]): void {
  const run = spawnSync(process.execPath, [join(bin, program), ...args], { cwd: root, encoding: 'utf8' });
  if (run.status === 0) return;
  failures.push(label);
  console.error(`${label}\n${run.stdout}${run.stderr}`);
}

const layers = ['core', 'ports', 'services', 'adapters', 'sandbox', 'protocol', 'editor'].map((layer) =>
  join('src', layer),
);
for (const layer of [...layers, 'webview']) {
  if (!existsSync(join(root, layer, 'tsconfig.json')) || globSync(join(root, layer, '**/*.ts')).length === 0) continue;
  check(`types of ${layer}`, 'typescript/bin/tsc', ['-p', layer]);
}
const folders = ['src', 'webview'].filter((folder) => existsSync(join(root, folder)));
check('types', 'typescript/bin/tsc', ['-p', '.']);
check('imports', 'dependency-cruiser/bin/dependency-cruiser.mjs', ['--config', '.dependency-cruiser.js', ...folders]);
process.exitCode = failures.length === 0 ? 0 : 1;
