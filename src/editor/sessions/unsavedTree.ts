import { createHash } from 'node:crypto';
import type { FileTree } from '../../ports/fileTree.ts';

/**
 * The working tree with the text of unsaved editors in place of what is on disk, so that findings follow the keystrokes. `unsaved` maps
 * paths from the root to texts and is asked at each use.
 */
export function unsavedTree(tree: FileTree, unsaved: () => ReadonlyMap<string, string>): FileTree {
  return {
    revision: tree.revision,
    // Programs read from disk, where an unsaved text is not: renderers copy the files that they need.
    get directory() {
      return unsaved().size === 0 ? tree.directory : undefined;
    },
    list: (below, signal) => tree.list(below, signal),
    async read(path, signal) {
      const text = unsaved().get(path);
      return text === undefined ? tree.read(path, signal) : new TextEncoder().encode(text);
    },
    async fingerprint(path) {
      const text = unsaved().get(path);
      return text === undefined ? tree.fingerprint(path) : gitBlobId(new TextEncoder().encode(text));
    },
    withheld: (path) => tree.withheld(path),
    dispose: () => tree.dispose(),
  };
}

/** Trees agree on the fingerprint of equal content, which is Git's id of it. */
function gitBlobId(content: Uint8Array): string {
  return createHash('sha1').update(`blob ${content.byteLength}\0`).update(content).digest('hex');
}
