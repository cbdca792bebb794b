import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/**
 * Debian packages that the rig needs: headers and tools for the native modules of VS Code's server, and the browser that shows it.
 * `node test/rig/editor/packages.ts` prints them on one line, `--missing` only those that are absent, for `apt-get install`.
 */
export const editorPackages: readonly string[] = [
  'libkrb5-dev',
  'libsecret-1-dev',
  'libx11-dev',
  'libxkbfile-dev',
  'pkg-config',
  'g++',
  'make',
  'python3',
  'chromium',
];

/** The packages of {@link editorPackages} that are not installed; undefined where there is no dpkg to ask. */
export function missingPackages(wanted: readonly string[] = editorPackages): string[] | undefined {
  const query = spawnSync('dpkg-query', ['-W', '-f=${Package} ${db:Status-Status}\\n', ...wanted], {
    encoding: 'utf8',
  });
  if (query.error) return undefined;

  const installed = new Set(
    query.stdout
      .split('\n')
      .filter((line) => line.endsWith(' installed'))
      .map((line) => line.slice(0, line.indexOf(' '))),
  );
  return wanted.filter((name) => !installed.has(name));
}

/** Path of a Chromium or Chrome that Playwright can drive: env PLUMBLINE_CHROMIUM, else the usual places; undefined if there is none. */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const usual = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
  const candidates = env['PLUMBLINE_CHROMIUM'] ? [env['PLUMBLINE_CHROMIUM']] : usual;
  return candidates.find((path) => existsSync(path));
}

/** Why nothing can be shown in a window here; false where it can. */
export function windowSkipReason(): string | false {
  return findChromium() === undefined && 'skipped: no Chromium to show the editor; apt-get install chromium';
}

if (import.meta.main) {
  const onlyMissing = process.argv.includes('--missing');
  // Without dpkg nothing is known to be there, so the whole list is what a person has to look for.
  const names = onlyMissing ? (missingPackages() ?? editorPackages) : editorPackages;
  process.stdout.write(`${names.join(' ')}\n`);
}
