import type { FileStatus } from '../../ports/gitRepository.ts';

/** Reads `git status --porcelain=v2 -z --untracked-files=all --no-renames`. */
export function parseStatus(output: string): FileStatus[] {
  const files: FileStatus[] = [];
  for (const record of output.split('\0')) {
    const kind = record[0];
    if (kind === '?') {
      files.push({ path: record.slice(2), staged: false, unstaged: true, change: 'untracked' });
    } else if (kind === '1' || kind === 'u') {
      const state = record.slice(2, 4);
      files.push({
        path: fieldsAfter(record, kind === '1' ? 8 : 10),
        staged: kind === 'u' || state[0] !== '.',
        unstaged: kind === 'u' || state[1] !== '.',
        change: kind === 'u' ? 'unmerged' : changeOf(state),
      });
    }
  }
  return files;
}

/** What stands after so many spaces: the path, which may hold spaces itself. */
function fieldsAfter(record: string, count: number): string {
  let at = 0;
  for (let n = 0; n < count; n++) at = record.indexOf(' ', at) + 1;
  return record.slice(at);
}

function changeOf(state: string): FileStatus['change'] {
  if (state.includes('D')) return 'deleted';
  return state.includes('A') ? 'added' : 'modified';
}
