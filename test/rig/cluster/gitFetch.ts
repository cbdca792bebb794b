import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gitEnvironment } from './gitEnvironment.ts';
import { CommandFailed, runBytes } from './command.ts';
import type { TarEntry } from './tarball.ts';

/** `spec.ref` of a GitRepository. */
export interface GitRef {
  readonly branch?: string;
  readonly tag?: string;
  readonly name?: string;
  readonly commit?: string;
  readonly semver?: string;
}

export interface Revision {
  readonly sha: string;
  /** As Flux writes it: `main@sha1:SHA`, or `sha1:SHA` for a commit alone. */
  readonly text: string;
}

/** What source-controller leaves out in any case, and by default (fluxcd/pkg/sourceignore). */
const versionControl = ['.git/', '.gitignore', '.gitmodules', '.gitattributes'];
const defaultIgnored = [
  ...['*.jpg', '*.jpeg', '*.gif', '*.png', '*.wmv', '*.flv', '*.tar.gz', '*.zip'],
  ...['.github/', '.circleci/', '.travis.yml', '.gitlab-ci.yml', 'appveyor.yml', '.drone.yml', 'cloudbuild.yaml'],
  ...['codeship-services.yml', 'codeship-steps.yml', '**/.goreleaser.yml', '**/.sops.yaml', '**/.flux.yaml'],
];

async function git(cwd: string, args: readonly string[], signal: AbortSignal, input?: Buffer): Promise<Buffer> {
  const result = await runBytes('git', args, {
    cwd,
    environment: gitEnvironment(),
    signal,
    ...(input === undefined ? {} : { input }),
  });
  // `check-ignore` says with 1 that nothing is ignored.
  if (result.code === 0 || (result.code === 1 && args.includes('check-ignore'))) return result.stdout;
  throw new CommandFailed(['git', ...args], { ...result, stdout: '' });
}

/** Where a ref is found after the fetch, and how Flux calls its revision. The most exact field wins, as with Flux. */
function wanted(ref: GitRef): { refspecs: string[]; find: string; prefix: string } {
  const heads = '+refs/heads/*:refs/remotes/origin/*';
  if (ref.commit !== undefined) {
    const prefix = ref.branch === undefined ? '' : `${ref.branch}@`;
    return { refspecs: [heads, '+refs/tags/*:refs/tags/*'], find: ref.commit, prefix };
  }
  if (ref.name !== undefined)
    return { refspecs: [`+${ref.name}:refs/rig/name`], find: 'refs/rig/name', prefix: `${ref.name}@` };
  if (ref.semver !== undefined)
    throw new Error('spec.ref.semver is not covered by this stand-in for source-controller.');
  if (ref.tag !== undefined) {
    return {
      refspecs: [`+refs/tags/${ref.tag}:refs/tags/${ref.tag}`],
      find: `refs/tags/${ref.tag}`,
      prefix: `${ref.tag}@`,
    };
  }
  const branch = ref.branch ?? 'master';
  const refspec = `+refs/heads/${branch}:refs/remotes/origin/${branch}`;
  return { refspecs: [refspec], find: `refs/remotes/origin/${branch}`, prefix: `${branch}@` };
}

/** Fetches into the clone at `folder` (made when missing) and resolves the ref. @throws {CommandFailed} by Git's own message. */
export async function fetchRevision(folder: string, url: string, ref: GitRef, signal: AbortSignal): Promise<Revision> {
  const { refspecs, find, prefix } = wanted(ref);
  await mkdir(folder, { recursive: true });
  await git(folder, ['init', '--quiet'], signal);
  await git(folder, ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', url, ...refspecs], signal);
  const sha = (await git(folder, ['rev-parse', '--verify', '--quiet', `${find}^{commit}`], signal)).toString().trim();
  return { sha, text: `${prefix}sha1:${sha}` };
}

/** Splits what `cat-file --batch` wrote: for each object a line with its size, the content, a newline. */
function splitBatch(output: Buffer): Buffer[] {
  const contents: Buffer[] = [];
  for (let at = 0; at < output.length;) {
    const newline = output.indexOf(10, at);
    const size = Number(output.subarray(at, newline).toString().split(' ')[2]);
    contents.push(output.subarray(newline + 1, newline + 1 + size));
    at = newline + 1 + size + 1;
  }
  return contents;
}

/**
 * The regular files of a commit that source-controller would put into its artifact. `ignore` is `spec.ignore`; with it, or with
 * a `.sourceignore` in the root, the default exclusions do not count. Links and submodules are left out.
 */
export async function readTree(
  folder: string,
  sha: string,
  ignore: string | undefined,
  signal: AbortSignal,
): Promise<TarEntry[]> {
  const listing = (await git(folder, ['ls-tree', '-r', '-z', '--full-tree', sha], signal)).toString().split('\0');
  const files = listing.flatMap((line) => {
    const match = /^100(\d{3}) blob ([0-9a-f]+)\t(.*)$/s.exec(line);
    return match === null ? [] : [{ executable: match[1] === '755', id: match[2] ?? '', path: match[3] ?? '' }];
  });
  const blobs = async (ids: readonly string[]): Promise<Buffer[]> =>
    splitBatch(await git(folder, ['cat-file', '--batch'], signal, Buffer.from(ids.map((id) => `${id}\n`).join(''))));

  const own = files.find(({ path }) => path === '.sourceignore');
  const ownRules = own === undefined ? undefined : (await blobs([own.id]))[0]?.toString();
  const rules = [ownRules, ignore].filter((text) => text !== undefined);
  const patterns = join(folder, '.git', 'rig-ignore');
  await writeFile(patterns, [...versionControl, ...(rules.length > 0 ? rules : defaultIgnored), ''].join('\n'));
  const paths = Buffer.from(files.map(({ path }) => `${path}\0`).join(''));
  const check = ['-c', `core.excludesFile=${patterns}`, 'check-ignore', '--no-index', '-z', '--stdin'];
  const ignored = new Set((await git(folder, check, signal, paths)).toString().split('\0'));

  const kept = files.filter(({ path }) => !ignored.has(path));
  const contents = await blobs(kept.map(({ id }) => id));
  return kept.map(({ path, executable }, index) => ({ path, executable, data: contents[index] ?? Buffer.alloc(0) }));
}
