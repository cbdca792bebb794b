import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import type { ControlPlane } from '../rig/cluster/controlPlane.ts';
import { type Editor, startEditor } from '../rig/editor/editor.ts';
import type { Workbench } from '../rig/editor/pages/workbench.ts';
import { makeScratch } from '../rig/editor/scratch.ts';
import { packagedExtension, pathWithKubectl } from './packagedExtension.ts';
import { makeShop } from './shopRepository.ts';

/** In a browser VS Code saves by itself unless told otherwise; here unsaved text is under test too. */
const userSettings = { 'workbench.colorTheme': 'Default Dark Modern', 'files.autoSave': 'off' };

/** A window with the packaged extension on a repository of its own, without any kubeconfig. */
export interface ShopWindow {
  /** The repository, which has a remote `origin`. */
  shop: string;
  editor: Editor;
  window: Workbench;
  close: () => Promise<void>;
}

/** Opens a window on a new repository of {@link makeShop}; `name` tells its folder from others. */
export async function openShop(name: string): Promise<ShopWindow> {
  const scratch = await makeScratch(name);
  const shop = await makeShop(scratch.path);
  const env = { PATH: pathWithKubectl() };
  const editor = await startEditor({ vsix: packagedExtension(), workspace: shop, env, userSettings });
  const close = async (): Promise<void> => {
    await editor.stop();
    await scratch.remove();
  };
  return { shop, editor, window: await opened(editor, close), close };
}

/** Opens a window with the packaged extension on a folder, with a cluster's kubeconfig and tools. */
export async function openOnCluster(
  plane: ControlPlane,
  workspace: string,
  settings: Readonly<Record<string, unknown>> = {},
): Promise<{ editor: Editor; window: Workbench }> {
  const path = `${join(plane.folder, 'bin')}:${process.env['PATH'] ?? ''}`;
  const env = { KUBECONFIG: plane.kubeconfig, PATH: path, NO_PROXY: '127.0.0.1' };
  const editor = await startEditor({
    vsix: packagedExtension(),
    workspace,
    env,
    userSettings: { ...userSettings, ...settings },
  });
  return { editor, window: await opened(editor, editor.stop) };
}

async function opened(editor: Editor, close: () => Promise<void>): Promise<Workbench> {
  try {
    return await editor.open();
  } catch (error) {
    await close();
    throw error;
  }
}

/** The kubeconfig of the sandbox that was started in a window. */
export function sandboxKubeconfig(editor: Editor): string {
  const [found] = globSync(join(editor.home, '**/sandbox/kubeconfig'));
  assert.ok(found, 'the sandbox has a kubeconfig of its own');
  return found;
}
