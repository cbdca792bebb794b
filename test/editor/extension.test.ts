import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { reportHostRun } from '../rig/editor/host/reportHostRun.ts';
import { runInHost } from '../rig/editor/host/runInHost.ts';
import { makeScratch } from '../rig/editor/scratch.ts';
import { pathWithKubectl } from './packagedExtension.ts';
import { makeShop } from './shopRepository.ts';

const root = dirname(dirname(import.meta.dirname));

test('inside the extension host', async (context) => {
  execFileSync(process.execPath, [join(root, 'esbuild.mjs'), '--production'], { cwd: root, stdio: 'ignore' });
  const scratch = await makeScratch('extension');
  context.after(() => scratch.remove());
  const run = await runInHost({
    extensionDevelopmentPath: root,
    testsPath: join(import.meta.dirname, 'extension.host.ts'),
    workspace: await makeShop(scratch.path),
    env: { PATH: pathWithKubectl(), PLUMBLINE_KUBECTL: process.env['PLUMBLINE_KUBECTL'] },
    userSettings: { 'files.autoSave': 'off' },
  });
  for (const line of run.log.filter((found) => found.includes('activation took'))) context.diagnostic(line);
  await reportHostRun(context, run);
});
