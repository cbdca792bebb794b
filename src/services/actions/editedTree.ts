import { isBelow } from '../../core/repositoryPath.ts';
import type { FileTree } from '../../ports/fileTree.ts';

/**
 * A tree with some files as they will be: `undefined` removes one. Nothing is written; renderers, which find no folder on disk, copy
 * what they read. `revision` is the base's unless another is said.
 */
export function editedTree(
  base: FileTree,
  changes: ReadonlyMap<string, Uint8Array | undefined>,
  revision = base.revision,
): FileTree {
  return {
    revision,
    directory: undefined,
    async list(below = '', signal) {
      const files = new Set(await base.list(below, signal));
      for (const [path, content] of changes) {
        if (content === undefined) files.delete(path);
        else if (isBelow(path, below)) files.add(path);
      }
      return [...files].sort();
    },
    read: (path, signal) => (changes.has(path) ? Promise.resolve(changes.get(path)) : base.read(path, signal)),
    fingerprint: async (path) => (changes.has(path) ? blobId(changes.get(path)) : base.fingerprint(path)),
    withheld: async (path) => (changes.has(path) ? undefined : base.withheld(path)),
    // The base belongs to whoever opened it.
    dispose: () => Promise.resolve(),
  };
}

/** Trees agree on the fingerprint of equal content, which is Git's id of it. */
async function blobId(content: Uint8Array | undefined): Promise<string | undefined> {
  if (content === undefined) return undefined;
  const head = new TextEncoder().encode(`blob ${String(content.byteLength)}\0`);
  const bytes = new Uint8Array(head.byteLength + content.byteLength);
  bytes.set(head);
  bytes.set(content, head.byteLength);
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-1', bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
