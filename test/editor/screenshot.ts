import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Workbench } from '../rig/editor/pages/workbench.ts';

const folder = join(dirname(dirname(import.meta.dirname)), 'out', 'screenshots');

/** Writes out/screenshots/NAME.png and answers its path. */
export async function screenshot(window: Workbench, name: string): Promise<string> {
  const path = join(folder, `${name}.png`);
  await mkdir(folder, { recursive: true });
  await window.screenshot(path);
  return path;
}
