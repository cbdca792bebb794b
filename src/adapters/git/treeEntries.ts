import { joinPath } from '../../core/repositoryPath.ts';

export interface TreeEntry {
  path: string;
  id: string;
  kind: 'file' | 'executable' | 'link' | 'submodule';
  /** In bytes; 0 for a submodule. */
  size: number;
}

/**
 * Reads `git ls-tree -r -z -l`: mode, type, id, size and path of each entry. Entries whose path would leave the tree or reach into
 * `.git` (a hostile tree can hold them) are given apart.
 */
export function parseTreeEntries(output: string): { entries: TreeEntry[]; refused: string[] } {
  const entries: TreeEntry[] = [];
  const refused: string[] = [];
  for (const record of output.split('\0')) {
    const tab = record.indexOf('\t');
    if (tab === -1) continue;
    const [mode = '', , id = '', size = '0'] = record.slice(0, tab).split(/ +/);
    const path = record.slice(tab + 1);
    if (joinPath('', path) !== path || /(^|\/)\.git(\/|$)/i.test(path)) {
      refused.push(path);
      continue;
    }
    entries.push({ path, id, kind: kindOf(mode), size: size === '-' ? 0 : Number(size) });
  }
  return { entries, refused };
}

function kindOf(mode: string): TreeEntry['kind'] {
  if (mode === '160000') return 'submodule';
  if (mode === '120000') return 'link';
  return mode === '100755' ? 'executable' : 'file';
}
