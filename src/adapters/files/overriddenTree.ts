import type { FileTree } from '../../ports/fileTree.ts';
import { blobId } from './blobId.ts';

/**
 * A tree with other texts for some files. It lies nowhere on disk, so a renderer copies what it needs; disposing of it leaves the
 * tree below alone.
 */
export function overriddenTree(tree: FileTree, texts: ReadonlyMap<string, string>): FileTree {
  const encoder = new TextEncoder();
  const contents = new Map([...texts].map(([path, text]) => [path, encoder.encode(text)]));
  return {
    revision: tree.revision,
    directory: undefined,
    async list(below = '', signal) {
      const listed = await tree.list(below, signal);
      const added = [...contents.keys()].filter((path) => below === '' || path.startsWith(`${below}/`));
      return [...new Set([...listed, ...added])].sort();
    },
    read: (path, signal) => {
      const content = contents.get(path);
      return content === undefined ? tree.read(path, signal) : Promise.resolve(content);
    },
    fingerprint: (path) => {
      const content = contents.get(path);
      return content === undefined ? tree.fingerprint(path) : Promise.resolve(blobId(content));
    },
    withheld: (path) => (contents.has(path) ? Promise.resolve(undefined) : tree.withheld(path)),
    dispose: () => Promise.resolve(),
  };
}
