import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from './browser.ts';
import { Workbench } from './pages/workbench.ts';
import { RigError } from './rigError.ts';
import { makeScratch } from './scratch.ts';
import { startServer, type EditorServer, type ServerEnv } from './server.ts';

/** What VS Code is started with. One of `vsix`, `extensionsDir` and `extensionDevelopmentPath` brings the extension under test. */
export interface EditorOptions {
  /** Absolute path of the folder, or `.code-workspace` file, to open; none opens an empty window. */
  readonly workspace?: string;
  /** A packaged extension: the only form that shows what packaging left out. */
  readonly vsix?: string;
  /** A folder of unpacked extensions, used in place. */
  readonly extensionsDir?: string;
  /** An extension's own folder, run from where it is developed; its bundle must have been built. */
  readonly extensionDevelopmentPath?: string;
  /** Variables of the server and so of the extension host; undefined takes one away. KUBECONFIG is never inherited. */
  readonly env?: ServerEnv;
  /** Settings on top of {@link quietSettings}. */
  readonly userSettings?: Readonly<Record<string, unknown>>;
  /**
   * `restricted` opens the folder untrusted, without the question at the start: `Workbench.trustWorkspace` trusts it.
   * `off` (the default) switches workspace trust off.
   */
  readonly trust?: 'off' | 'restricted';
}

/** A running VS Code with the extension under test in it. */
export interface Editor {
  /** What a browser opens; it holds the server's token. */
  readonly url: string;
  /** HOME of the editor and everything it starts; removed by {@link Editor.stop}. */
  readonly home: string;
  /** What the server has printed. */
  output(): string;
  /** Opens a window in a headless browser and waits until the workbench is there. */
  open(): Promise<Workbench>;
  /** Closes the windows, ends the server and removes its folders. */
  stop: () => Promise<void>;
}

/** Settings that keep the window free of what is not under test. */
export const quietSettings: Readonly<Record<string, unknown>> = {
  'chat.disableAIFeatures': true,
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'git.openRepositoryInParentFolders': 'never',
  'remote.autoForwardPorts': false,
  'telemetry.telemetryLevel': 'off',
  'window.commandCenter': false,
  'window.title': '${dirty}${activeEditorShort}${separator}${rootName}',
  'workbench.enableExperiments': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
};

/** Starts VS Code's server with an extension; no browser is started before {@link Editor.open}. */
export async function startEditor(options: EditorOptions): Promise<Editor> {
  const scratch = await makeScratch('editor');
  let server: EditorServer | undefined;
  let browser: Promise<Browser> | undefined;
  const stop = async (): Promise<void> => {
    await (await browser)?.close();
    await server?.stop();
    await scratch.remove();
  };
  try {
    server = await startServer({
      home: scratch.path,
      env: options.env ?? {},
      settings: {
        ...quietSettings,
        'security.workspace.trust.enabled': options.trust === 'restricted',
        'security.workspace.trust.startupPrompt': 'never',
        ...options.userSettings,
      },
      vsix: options.vsix,
      extensionsDir: options.extensionsDir,
      extensionFolder: options.extensionDevelopmentPath,
    });
    const url = windowUrl(server, options.workspace);
    const open = async (): Promise<Workbench> => {
      browser ??= launchBrowser();
      const page = await openPage(await browser, url);
      return Workbench.whenReady(page);
    };
    return { url, home: scratch.path, output: server.output, open, stop };
  } catch (ex) {
    await stop();
    throw ex;
  }
}

/** A name and value that the workbench takes from its URL, such as the extension to develop. */
export type PayloadEntry = readonly [name: string, value: string];

/** A file of the server's machine, as the window names it. */
export function remoteUri(server: EditorServer, path: string): string {
  return `vscode-remote://${server.authority}${path}`;
}

/** The URL that opens a window on the server. */
export function windowUrl(
  server: EditorServer,
  workspace: string | undefined,
  payload: readonly PayloadEntry[] = [],
): string {
  const url = new URL(`http://${server.authority}/`);
  url.searchParams.set('tkn', server.token);
  if (workspace) url.searchParams.set(workspace.endsWith('.code-workspace') ? 'workspace' : 'folder', workspace);
  else url.searchParams.set('ew', 'true');
  url.searchParams.set('payload', JSON.stringify([...payload, ['skipWelcome', 'true']]));
  return url.href;
}

/** Opens a URL of the server in a fresh browser profile of a fixed size, so that screenshots of two runs compare. */
export async function openPage(browser: Browser, url: string, prepare?: (page: Page) => Promise<void>): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    colorScheme: 'dark',
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  await prepare?.(page);
  const response = await page.goto(url);
  if (response?.ok()) return page;

  throw new RigError('workbenchFailed', `VS Code's server answered ${String(response?.status())}.`, 'See its output.');
}
