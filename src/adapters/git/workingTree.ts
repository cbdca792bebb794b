import { isBelow, joinPath } from '../../core/repositoryPath.ts';
import type { FileTree } from '../../ports/fileTree.ts';
import { diskTree } from '../files/diskTree.ts';
import type { GitReader } from './gitReader.ts';

/** The files of a working tree: tracked ones that exist and untracked ones, without ignored ones. Submodules are not entered. */
export function workingTree(root: string, git: GitReader): FileTree {
  const submodules = async (signal?: AbortSignal): Promise<string[]> => {
    const output = await git.read(['ls-files', '-z', '--stage'], signal);
    return records(output)
      .filter((record) => record.startsWith('160000 '))
      .map((record) => record.slice(record.indexOf('\t') + 1));
  };
  let known: Promise<string[]> | undefined;
  return diskTree({
    revision: 'worktree',
    directory: root,
    async list(below, signal) {
      const folder = joinPath('', below);
      if (folder === undefined) return [];
      const limit = folder === '' ? [] : ['--', folder];
      const [tracked, others, deleted, modules] = await Promise.all([
        git.read(['--literal-pathspecs', 'ls-files', '-z', '--cached', ...limit], signal),
        git.read(['--literal-pathspecs', 'ls-files', '-z', '--others', '--exclude-standard', ...limit], signal),
        git.read(['--literal-pathspecs', 'ls-files', '-z', '--deleted', ...limit], signal),
        submodules(signal),
      ]);
      const gone = new Set([...records(deleted), ...modules]);
      // An unmerged file is listed once per stage; an untracked repository inside of this one is listed as a folder.
      const paths = new Set([...records(tracked), ...records(others)]);
      return [...paths].filter((path) => !gone.has(path) && !path.endsWith('/')).sort();
    },
    async withheld(path) {
      known ??= submodules();
      // A failed look is not remembered.
      const modules = await known.catch(() => ((known = undefined), []));
      return modules.some((folder) => isBelow(path, folder)) ? 'submodule' : undefined;
    },
  });
}

function records(output: string): string[] {
  return output.split('\0').filter((record) => record !== '');
}
