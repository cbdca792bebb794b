import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where the user's programs keep what can be made again: XDG on Linux, the system's own place elsewhere. */
export function cacheFolder(environment: NodeJS.ProcessEnv, platform: NodeJS.Platform = process.platform): string {
  if (platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'plumbline');
  if (platform === 'win32')
    return join(environment['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), 'plumbline');
  const named = environment['XDG_CACHE_HOME'] ?? '';
  return join(named.startsWith('/') ? named : join(homedir(), '.cache'), 'plumbline');
}
