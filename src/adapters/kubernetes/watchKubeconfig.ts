import { type FSWatcher, existsSync, realpathSync, statSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Disposable } from '../../core/emitter.ts';

/** Tools write a kubeconfig in several steps; readers wait until it lies still. */
const settleMilliseconds = 150;

/**
 * Calls back when one of the files changes, appears or goes. Folders are watched rather than files, because most tools replace
 * the file; the folder that a link points to as well; and where a folder does not exist yet, the nearest above it that does.
 */
export function watchKubeconfig(files: readonly string[], onDidChange: () => void): Disposable {
  const watchers = new Map<string, FSWatcher>();
  let timer: NodeJS.Timeout | undefined;
  let seen = fingerprints(files);

  const settle = (): void => {
    timer = undefined;
    arm();
    const now = fingerprints(files);
    // A folder such as ~/.kube sees much that is no kubeconfig (kubectl's cache), so only the files themselves count.
    if (now === seen) return;
    seen = now;
    onDidChange();
  };
  const onEvent = (): void => {
    timer ??= setTimeout(settle, settleMilliseconds);
  };
  const arm = (): void => {
    const wanted = new Set(files.flatMap(foldersToWatch));
    for (const [folder, watcher] of watchers) {
      if (wanted.has(folder)) continue;
      watcher.close();
      watchers.delete(folder);
    }
    for (const folder of wanted) {
      if (watchers.has(folder)) continue;
      try {
        const watcher = watch(folder, { persistent: false }, onEvent);
        // The folder was removed; the next event of the one above arms again.
        watcher.on('error', () => {
          watcher.close();
          watchers.delete(folder);
          onEvent();
        });
        watchers.set(folder, watcher);
      } catch {
        // Not allowed to watch here: the user's Refresh still reads the file.
      }
    }
  };
  arm();
  return {
    dispose() {
      clearTimeout(timer);
      for (const watcher of watchers.values()) watcher.close();
      watchers.clear();
    },
  };
}

function foldersToWatch(file: string): string[] {
  const folder = nearestFolder(dirname(file));
  const folders = [folder];
  // A folder that vanishes tells its own watcher nothing useful on every platform; the one above it does.
  if (basename(folder) !== '' && dirname(folder) !== folder) folders.push(dirname(folder));
  try {
    const target = realpathSync(file);
    if (target !== file) folders.push(dirname(target));
  } catch {
    // It does not exist yet.
  }
  return folders;
}

function nearestFolder(folder: string): string {
  let found = folder;
  while (!existsSync(found) && dirname(found) !== found) found = dirname(found);
  return found;
}

function fingerprints(files: readonly string[]): string {
  return files
    .map((file) => {
      try {
        const found = statSync(file, { bigint: true });
        return `${found.ino}:${found.size}:${found.mtimeNs}`;
      } catch {
        return '-';
      }
    })
    .join(' ');
}
