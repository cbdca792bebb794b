import type { GraphFiles } from '../../../../src/core/kustomize/graph.ts';

/** Files of a test as the graph reads them. */
export function memoryFiles(
  files: Record<string, string>,
  withheld: Record<string, 'submodule' | 'outside-repository' | 'too-large'> = {},
): GraphFiles {
  return {
    read: (path) => Promise.resolve(files[path]),
    withheld: (path) => Promise.resolve(withheld[path]),
    list: (below) => Promise.resolve(Object.keys(files).filter((path) => path.startsWith(`${below}/`))),
  };
}
