import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { launchBrowser } from '../browser.ts';
import { openPage, quietSettings, remoteUri, windowUrl } from '../editor.ts';
import { RigError } from '../rigError.ts';
import { makeScratch } from '../scratch.ts';
import { startServer, type ServerEnv } from '../server.ts';
import { bundleHostTests, resultsVariable } from './bundleHostTests.ts';
import { runInElectron } from './electron.ts';
import type { HostTestResult } from './hostTest.ts';

/** A run of tests inside VS Code's extension host. */
export interface HostRunOptions {
  /** Folder of the extension; its bundle must have been built. */
  readonly extensionDevelopmentPath: string;
  /** Absolute path of a test file, or several, that call `hostTest`. */
  readonly testsPath: string | readonly string[];
  /** Absolute path of the folder to open. */
  readonly workspace: string;
  readonly env?: ServerEnv;
  readonly userSettings?: Readonly<Record<string, unknown>>;
  /** Time for the whole run; 180 s if left out. */
  readonly timeoutMs?: number;
}

/** What the run brought. */
export interface HostRun {
  /** 0 when every test passed. */
  readonly exitCode: number;
  /** What the tests and the extension printed with `console`. */
  readonly log: readonly string[];
  /** One entry per test; empty when the run broke before the first. */
  readonly results: readonly HostTestResult[];
}

/**
 * Runs tests inside the extension host, beside the extension: in the rig's VS Code, or in one that @vscode/test-electron
 * downloads where env VSCODE_TEST is `electron`.
 *
 * @throws RigError timeout, when the window never reported an end; a failed test is no error but a result
 */
export async function runInHost(options: HostRunOptions): Promise<HostRun> {
  const scratch = await makeScratch('host');
  try {
    const files = typeof options.testsPath === 'string' ? [options.testsPath] : options.testsPath;
    const testsPath = await bundleHostTests(files, scratch.path);
    const resultsFile = join(scratch.path, 'results.json');
    const env = { ...options.env, [resultsVariable]: resultsFile };
    const settings = { ...quietSettings, 'security.workspace.trust.enabled': false, ...options.userSettings };
    const home = join(scratch.path, 'home');
    const run = process.env['VSCODE_TEST'] === 'electron' ? runInElectron : runInServer;
    const { exitCode, log } = await run({ ...options, testsPath, env, settings, home });
    const results = await readFile(resultsFile, 'utf8').catch(() => '[]');
    return { exitCode, log, results: JSON.parse(results) as HostTestResult[] };
  } finally {
    await scratch.remove();
  }
}

/** What the window itself says on every run: its connections, and look-ups of an extension gallery that no test may reach. */
const noise =
  /^(Resolv(ing|ed) connection token|Creating a socket|\[reconnection-grace-time\]|Updating additional builtin|\[Service Worker\]|\[AgentHost|\[AccountPolicyGate\])|open-vsx\.org/;

/** A run that is ready: tests bundled, settings complete. */
export interface PreparedRun {
  readonly extensionDevelopmentPath: string;
  /** The bundle of the tests. */
  readonly testsPath: string;
  readonly workspace: string;
  readonly env: ServerEnv;
  readonly settings: Readonly<Record<string, unknown>>;
  /** Folder for the profile; not yet there. */
  readonly home: string;
  readonly timeoutMs?: number;
}

async function runInServer(run: PreparedRun): Promise<{ exitCode: number; log: string[] }> {
  const server = await startServer({ home: run.home, env: run.env, settings: run.settings, smokeTestDriver: true });
  const log: string[] = [];
  try {
    const browser = await launchBrowser();
    try {
      const ended = Promise.withResolvers<number>();
      const timeoutMs = run.timeoutMs ?? 180_000;
      const timer = setTimeout(() => {
        const message = `The host tests did not end within ${String(timeoutMs / 1000)} s.\n${log.join('\n')}\n${server.output()}`;
        ended.reject(new RigError('timeout', message, 'Look at the log above.'));
      }, timeoutMs);
      const expose = async (page: Page): Promise<void> => {
        await page.exposeFunction('codeAutomationLog', (_type: string, args: unknown[]) => {
          const line = args.map((arg) => (typeof arg === 'string' ? arg : JSON.stringify(arg))).join(' ');
          if (!noise.test(line)) log.push(line);
        });
        await page.exposeFunction('codeAutomationExit', (code: number) => {
          ended.resolve(code);
        });
      };
      const url = windowUrl(server, run.workspace, [
        ['extensionDevelopmentPath', remoteUri(server, run.extensionDevelopmentPath)],
        ['extensionTestsPath', remoteUri(server, run.testsPath)],
      ]);
      // A failure to open the page must not leave the other promise rejected with nobody listening.
      const [exitCode] = await Promise.all([ended.promise, openPage(browser, url, expose)]).finally(() => {
        clearTimeout(timer);
      });
      return { exitCode, log };
    } finally {
      await browser.close();
    }
  } finally {
    await server.stop();
  }
}
