import { access, constants, stat } from 'node:fs/promises';
import { posix, win32 } from 'node:path';

export interface ProgramSearch {
  /** Value of PATH. */
  path: string;
  platform: NodeJS.Platform;
  /** Value of PATHEXT, Windows only. */
  pathExtensions?: string;
}

/**
 * Absolute path of a program, or undefined. A command that holds a separator is taken as a path.
 * Relative entries of PATH are left out: they would let a repository bring its own `kubectl`.
 */
export async function findProgram(command: string, search: ProgramSearch): Promise<string | undefined> {
  for (const candidate of programCandidates(command, search)) {
    if (await isProgram(candidate, search.platform)) return candidate;
  }
  return undefined;
}

/** The paths to try, in order. Pure, so that Windows is tested anywhere. */
export function programCandidates(command: string, search: ProgramSearch): string[] {
  const windows = search.platform === 'win32';
  const path = windows ? win32 : posix;
  const names = windows ? windowsNames(command, search.pathExtensions) : [command];
  if (command.includes('/') || (windows && command.includes('\\'))) return names.map((name) => path.resolve(name));
  const folders = search.path
    .split(windows ? ';' : ':')
    .map((folder) => folder.replace(/^"(.*)"$/, '$1'))
    .filter((folder) => path.isAbsolute(folder));
  return folders.flatMap((folder) => names.map((name) => path.join(folder, name)));
}

// Batch files need cmd.exe, whose quoting cannot be trusted with arguments; only real programs are run.
const batch = new Set(['.bat', '.cmd']);

function windowsNames(command: string, pathExtensions = '.COM;.EXE'): string[] {
  const extensions: string[] = pathExtensions
    .split(';')
    .map((extension) => extension.toLowerCase())
    .filter((extension) => extension === '.com' || extension === '.exe');
  const own = win32.extname(command).toLowerCase();
  if (batch.has(own)) return [];
  return extensions.includes(own) ? [command] : extensions.map((extension) => command + extension);
}

async function isProgram(path: string, platform: NodeJS.Platform): Promise<boolean> {
  try {
    if (!(await stat(path)).isFile()) return false;
    if (platform !== 'win32') await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
