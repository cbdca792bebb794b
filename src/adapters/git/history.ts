import type { Commit } from '../../ports/gitRepository.ts';

/** Three fields a commit, each ended by NUL when used with `-z`: no name or subject can hold one. */
export const logFormat = '--format=%H %cI%x00%an%x00%s';

/** Reads what `git log -z` prints in `logFormat`. */
export function parseLog(output: string): Commit[] {
  const fields = output.split('\0');
  const commits: Commit[] = [];
  for (let at = 0; at + 2 < fields.length; at += 3) {
    const [id = '', time = ''] = (fields[at] ?? '').trim().split(' ');
    if (id === '') continue;
    commits.push({ id, at: time, author: fields[at + 1] ?? '', subject: fields[at + 2] ?? '' });
  }
  return commits;
}
