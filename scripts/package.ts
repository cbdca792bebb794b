import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createVSIX } from '@vscode/vsce';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** What the extension is made of. `files` of package.json is another list: that of the npm package, which holds the command line. */
export const packed: readonly string[] = [
  'package.nls.json',
  'README.md',
  'CHANGELOG.md',
  'LICENSE',
  'NOTICE',
  'dist/extension.cjs',
  'dist/actions.cjs',
  'dist/commits.cjs',
  'dist/cluster.cjs',
  'dist/git.cjs',
  'dist/jq.cjs',
  'dist/sandbox.cjs',
  'dist/webview',
  'l10n',
  'media',
  'schemas',
  'syntaxes',
];

/** Keys of package.json that mean something to npm only. */
const npmOnly = ['bin', 'files', 'scripts', 'devDependencies', 'allowScripts', 'type'];

/** Packages the extension as `out/plumbline.vsix`. Everything that it needs is in its bundles, so no dependency is packed. */
async function packageExtension(): Promise<void> {
  const staging = join(root, 'out', 'vsix');
  await rm(staging, { recursive: true, force: true });
  await mkdir(staging, { recursive: true });
  for (const path of packed) {
    if (existsSync(join(root, path))) cpSync(join(root, path), join(staging, path), { recursive: true });
  }
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<string, unknown>;
  for (const key of npmOnly) delete manifest[key];
  // Said, so that vsce does not wonder.
  manifest['files'] = ['**'];
  writeFileSync(join(staging, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  await createVSIX({ cwd: staging, packagePath: join(root, 'out', 'plumbline.vsix'), dependencies: false });
  await rm(staging, { recursive: true, force: true });
}

if (import.meta.main) await packageExtension();
