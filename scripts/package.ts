import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createVSIX } from '@vscode/vsce';

/** Packages the extension as `out/plumbline.vsix`. Everything that it needs is in its bundles, so no dependency is packed. */
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const packagePath = join(root, 'out', 'plumbline.vsix');
await mkdir(dirname(packagePath), { recursive: true });
await createVSIX({ cwd: root, packagePath, dependencies: false, skipLicense: false });
