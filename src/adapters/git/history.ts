import type { BlameLine, Commit } from '../../ports/gitRepository.ts';

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

/** Reads the first entry of `git blame --porcelain`. */
export function parseBlame(output: string): BlameLine | undefined {
  const lines = output.split('\n');
  const id = lines[0]?.split(' ')[0];
  if (id === undefined || id === '') return undefined;
  if (/^0+$/.test(id)) return { commit: undefined, uncommitted: true };
  const value = (key: string): string => lines.find((line) => line.startsWith(`${key} `))?.slice(key.length + 1) ?? '';
  const seconds = Number(value('committer-time'));
  return {
    commit: { id, author: value('author'), subject: value('summary'), at: rfc3339(seconds, value('committer-tz')) },
    uncommitted: false,
  };
}

/** A time with the offset that Git writes (`+0200`), as `git log` prints it. */
function rfc3339(seconds: number, zone: string): string {
  const [, sign = '+', hours = '00', rest = '00'] = /^([+-])(\d\d)(\d\d)$/.exec(zone) ?? [];
  const minutes = (Number(hours) * 60 + Number(rest)) * (sign === '-' ? -1 : 1);
  const local = new Date((seconds + minutes * 60) * 1000).toISOString().slice(0, 19);
  return minutes === 0 ? `${local}Z` : `${local}${sign}${hours}:${rest}`;
}
