import type { FileStatus } from '../../ports/gitRepository.ts';

/** Reads `git status --porcelain=v2 -z --untracked-files=all`. */
export function parseStatus(output: string): FileStatus[] {
  const records = output.split('\0');
  const files: FileStatus[] = [];
  for (let at = 0; at < records.length; at++) {
    const record = records[at] ?? '';
    const kind = record[0];
    if (kind === '?') {
      files.push({ path: record.slice(2), staged: false, unstaged: true, change: 'untracked' });
    } else if (kind === '1' || kind === '2' || kind === 'u') {
      const state = record.slice(2, 4);
      files.push({
        path: fieldsAfter(record, kind === '1' ? 8 : kind === '2' ? 9 : 10),
        staged: kind === 'u' || state[0] !== '.',
        unstaged: kind === 'u' || state[1] !== '.',
        change: kind === 'u' ? 'unmerged' : changeOf(state),
      });
      // A rename is followed by the path it had before.
      if (kind === '2') at += 1;
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
  if (state.includes('R') || state.includes('C')) return 'renamed';
  return state.includes('A') ? 'added' : 'modified';
}
