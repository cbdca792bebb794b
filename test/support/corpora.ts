import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Folder of the bundles of public repositories that tests run over; they are never part of this repository. */
const folder = process.env['PLUMBLINE_CORPORA'];

/** Why tests over these bundles and folders cannot run; undefined when they can. */
export function corporaSkipReason(...names: readonly string[]): string | undefined {
  if (folder === undefined || folder === '') return 'PLUMBLINE_CORPORA names no folder with the corpora';
  const missing = names.filter((name) => !existsSync(join(folder, name)));
  return missing.length === 0 ? undefined : `PLUMBLINE_CORPORA lacks ${missing.join(', ')}`;
}

/** Absolute path of a bundle or folder of the corpora. */
export function corpus(name: string): string {
  if (folder === undefined) throw new Error('PLUMBLINE_CORPORA is not set.');
  return join(folder, name);
}
