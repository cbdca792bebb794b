import type { GraphFiles } from '../../core/kustomize/graph.ts';
import type { FileTree } from '../../ports/fileTree.ts';

const decoder = new TextDecoder();

/** A tree as the scan of the graph reads it: text, each file read once. */
export function treeFiles(tree: FileTree, signal?: AbortSignal): GraphFiles {
  const read = new Map<string, Promise<string | undefined>>();
  return {
    read(path) {
      let text = read.get(path);
      if (text === undefined) {
        text = tree.read(path, signal).then((bytes) => bytes && decoder.decode(bytes));
        read.set(path, text);
      }
      return text;
    },
    withheld: (path) => tree.withheld(path),
    list: (below) => tree.list(below, signal),
  };
}
