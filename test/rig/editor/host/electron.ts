import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from '../install.ts';
import type { PreparedRun } from './runInHost.ts';

/** Runs host tests in the desktop VS Code that @vscode/test-electron downloads; for machines whose network allows that. */
export async function runInElectron(run: PreparedRun): Promise<{ exitCode: number; log: string[] }> {
  // Loaded here only, because the other path works without the package.
  const { runTests } = await import('@vscode/test-electron');
  const userData = join(run.home, 'data');
  await mkdir(join(userData, 'User'), { recursive: true });
  await writeFile(join(userData, 'User', 'settings.json'), JSON.stringify(run.settings));
  try {
    const exitCode = await runTests({
      extensionDevelopmentPath: run.extensionDevelopmentPath,
      extensionTestsPath: run.testsPath,
      extensionTestsEnv: { ...run.env },
      cachePath: join(cacheFolder(), 'electron'),
      launchArgs: [
        run.workspace,
        '--user-data-dir',
        userData,
        '--extensions-dir',
        join(run.home, 'extensions'),
        '--disable-workspace-trust',
      ],
      timeout: run.timeoutMs ?? 180_000,
    });
    // It prints to this process's own output, which is where a person then looks.
    return { exitCode, log: [] };
  } catch (ex) {
    return { exitCode: 1, log: [ex instanceof Error ? ex.message : String(ex)] };
  }
}
