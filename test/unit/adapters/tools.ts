import { accessSync, constants } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
const cached = join(root, 'node_modules', '.cache', 'plumbline', 'bin');

/** Path of a program that tests need: the one the variable names, else that of the dev dependencies, else that of PATH. */
function tool(name: string, variable: string): string | undefined {
  const folders = [cached, ...(process.env['PATH'] ?? '').split(delimiter)];
  const candidates = [process.env[variable], ...folders.map((folder) => join(folder, name))];
  return candidates.find((path) => path !== undefined && path !== '' && isExecutable(path));
}

export const kubectl = tool('kubectl', 'PLUMBLINE_KUBECTL');
export const helm = tool('helm', 'PLUMBLINE_HELM');

/** Reason to skip, for the options of a test. */
export const withoutKubectl = kubectl === undefined ? 'no kubectl: set PLUMBLINE_KUBECTL or run npm test once' : false;
export const withoutHelm = helm === undefined ? 'no helm: set PLUMBLINE_HELM or run npm test once' : false;

export const corpora = process.env['PLUMBLINE_CORPORA'];
export const withoutCorpora = corpora === undefined ? 'PLUMBLINE_CORPORA is not set' : withoutKubectl;

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
