import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Disposable } from '../core/emitter.ts';
import { SandboxError } from './sandboxError.ts';

/** Where the sandbox keeps its state unless told: the user's data folder by the habits of the platform. */
export function defaultDataDirectory(
  environment: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): string {
  return join(dataFolder(environment, platform), 'plumbline', 'sandbox');
}

function dataFolder(environment: NodeJS.ProcessEnv, platform: NodeJS.Platform): string {
  if (environment['XDG_DATA_HOME']) return environment['XDG_DATA_HOME'];
  if (platform === 'win32') return environment['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local');
  return platform === 'darwin' ? join(homedir(), 'Library', 'Application Support') : join(homedir(), '.local', 'share');
}

/** Takes a directory for this process: two sandboxes over one journal would lose each other's changes. Throws SandboxError. */
export function lockDirectory(directory: string): Disposable {
  const path = join(directory, 'lock');
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    if (!tryLock(path)) {
      const owner = Number(readFileSync(path, 'utf8'));
      if (isAlive(owner)) {
        throw new SandboxError('in-use', `Another sandbox (process ${owner}) uses ${directory}.`, {
          remedy: 'End it, or choose another folder with --data.',
        });
      }
      // The owner is dead, so its lock is too.
      rmSync(path, { force: true });
      tryLock(path);
    }
  } catch (error) {
    if (SandboxError.is(error)) throw error;
    throw new SandboxError('not-writable', `The sandbox cannot write to ${directory}.`, {
      remedy: 'Choose another folder with --data.',
      cause: error,
    });
  }
  return { dispose: () => rmSync(path, { force: true }) };
}

function tryLock(path: string): boolean {
  try {
    writeFileSync(path, String(process.pid), { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
