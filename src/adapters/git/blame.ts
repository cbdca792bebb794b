import { GitError } from '../../ports/gitError.ts';
import type { BlameLine, Commit } from '../../ports/gitRepository.ts';
import type { GitCommand } from './gitCommand.ts';

/** Ranges named in one call: some 2 KB of arguments, far below what any system allows. */
const rangesAtOnce = 100;

/** The commits that last set lines of a file, in as few runs of Git as their number allows. See the port for the rest. */
export async function blameLines(
  git: GitCommand,
  path: string,
  lines: readonly number[],
  options: { contents?: Uint8Array; signal?: AbortSignal } = {},
): Promise<Map<number, BlameLine>> {
  const ranges = rangesOf(lines);
  const found = new Map<number, BlameLine>();
  for (let start = 0; start < ranges.length; start += rangesAtOnce) {
    const some = ranges.slice(start, start + rangesAtOnce);
    for (const [line, told] of await blameRanges(git, path, some, options)) found.set(line, told);
  }
  return found;
}

type Range = readonly [from: number, to: number];

/** Lines that follow each other make one range: `-L 3,5`. */
function rangesOf(lines: readonly number[]): Range[] {
  const ranges: [number, number][] = [];
  for (const line of [...new Set(lines)].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last?.[1] === line - 1) last[1] = line;
    else ranges.push([line, line]);
  }
  return ranges;
}

async function blameRanges(
  git: GitCommand,
  path: string,
  ranges: readonly Range[],
  options: { contents?: Uint8Array; signal?: AbortSignal },
): Promise<Map<number, BlameLine>> {
  const { contents, signal } = options;
  const common = { signal, env: { GIT_OPTIONAL_LOCKS: '0' } };
  const given = contents === undefined ? [] : ['--contents', '-'];
  const wanted = ranges.flatMap(([from, to]) => ['-L', `${from},${to}`]);
  try {
    const stdin = contents === undefined ? {} : { stdin: contents };
    return parseBlame(
      await git.run(['blame', '--porcelain', ...given, ...wanted, '--', path], { ...common, ...stdin }),
    );
  } catch (error) {
    if (!GitError.is(error, 'failed')) throw error;
    const tracked = await git.run(['--literal-pathspecs', 'ls-files', '-z', '--', path], common);
    if (tracked === '') return new Map(ranges.flatMap(linesOf).map((line) => [line, notCommitted]));
    // One range behind the end fails all of them.
    const count = Number(/ has only (\d+) lines?\s*$/.exec(error.detail)?.[1] ?? 0);
    const inside = ranges.filter(([from]) => from <= count);
    return inside.length === 0 || inside.length === ranges.length ? new Map() : blameRanges(git, path, inside, options);
  }
}

function linesOf([from, to]: Range): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

const notCommitted: BlameLine = { commit: undefined, uncommitted: true };

/** Reads what `git blame --porcelain` prints, by line of the file as it is now. */
export function parseBlame(output: string): Map<number, BlameLine> {
  const found = new Map<number, BlameLine>();
  // Only the first line of a commit tells of it.
  const commits = new Map<string, BlameLine>();
  let entry: { id: string; line: number; words: Map<string, string> } | undefined;
  for (const text of output.split('\n')) {
    if (entry === undefined) {
      const [, id, line] = /^([0-9a-f]{40,}) \d+ (\d+)/.exec(text) ?? [];
      if (id !== undefined) entry = { id, line: Number(line), words: new Map() };
    } else if (text.startsWith('\t')) {
      const told = commits.get(entry.id) ?? toldOf(entry.id, entry.words);
      commits.set(entry.id, told);
      found.set(entry.line, told);
      entry = undefined;
    } else {
      const space = text.indexOf(' ');
      if (space !== -1) entry.words.set(text.slice(0, space), text.slice(space + 1));
    }
  }
  return found;
}

function toldOf(id: string, words: ReadonlyMap<string, string>): BlameLine {
  if (/^0+$/.test(id)) return notCommitted;
  const commit: Commit = {
    id,
    author: words.get('author') ?? '',
    subject: words.get('summary') ?? '',
    at: rfc3339(Number(words.get('committer-time')), words.get('committer-tz') ?? ''),
  };
  return { commit, uncommitted: false };
}

/** A time with the offset that Git writes (`+0200`), as `git log` prints it. */
function rfc3339(seconds: number, zone: string): string {
  const [, sign = '+', hours = '00', rest = '00'] = /^([+-])(\d\d)(\d\d)$/.exec(zone) ?? [];
  const minutes = (Number(hours) * 60 + Number(rest)) * (sign === '-' ? -1 : 1);
  const local = new Date((seconds + minutes * 60) * 1000).toISOString().slice(0, 19);
  return minutes === 0 ? `${local}Z` : `${local}${sign}${hours}:${rest}`;
}
