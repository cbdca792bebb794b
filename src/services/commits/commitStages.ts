import { remoteIdentity } from '../../core/delivery/remoteUrl.ts';
import type { Problem } from '../../core/problem.ts';
import { isBelow } from '../../core/repositoryPath.ts';
import type { Commit, FileStatus, GitRepository } from '../../ports/gitRepository.ts';
import type { EngineState } from './engineState.ts';

/** How far a commit has come that is not applied. */
export type Stage = 'not-pushed' | 'not-fetched' | 'not-applied';

/** Names the working tree among revisions. */
export const worktree = 'worktree';

export interface StagedCommit {
  commit: Commit;
  stage: Stage;
}

/** What Git and the engine's own words say of one application's commits; only commits that touch its files. */
export interface CommitStages {
  /** Undefined before the first commit. */
  head: { commit: string; branch?: string } | undefined;
  /** What is pushed to: `origin/main`; undefined where no remote branch is followed or known here. */
  pushedTo?: string;
  /** Newest first. */
  unapplied: StagedCommit[];
  /** The commit that is known to be applied, by its revision, and the last one up to it that touched the application. */
  applied?: { revision: string; commit: Commit | undefined };
  /** Where nothing says which revision is applied: the newest commit of which that is asked, as far as it is pushed. */
  base?: Commit;
  /** Where `older` goes on. */
  olderThan?: string;
  /** Files of the application that differ from HEAD. */
  edited: FileStatus[];
  problems: Problem[];
}

/** More commits than these are counted no further: nobody reads a list of more. */
const commitLimit = 100;

/** Asks Git which commits of an application stand where. `files` are what its render reads or has read. */
export async function readCommitStages(
  repository: GitRepository,
  application: { id: string; path: string; files: readonly string[] },
  engine: EngineState,
  signal?: AbortSignal,
): Promise<CommitStages> {
  const withSignal = signal === undefined ? {} : { signal };
  const [head, status] = await Promise.all([repository.head(signal), repository.status(signal)]);
  const paths = pathsOf(application);
  const read = new Set(application.files);
  const edited = status.files.filter(({ path }) => read.has(path) || isBelow(path, application.path));
  if (head === undefined) return { head, unapplied: [], edited, problems: [] };

  const problems: Problem[] = [];
  const pushed = await pushedRevision(repository, engine, status.upstream, signal);
  const known = async (revision: string | undefined, did: string): Promise<string | undefined> => {
    if (revision === undefined) return undefined;
    const found = await repository.resolve(revision, signal);
    if (found === undefined) problems.push(missingRevision(application.id, revision, did));
    return found;
  };
  const applied = await known(engine.applied === 'worktree' ? undefined : engine.applied?.revision, 'applied');
  // What the engine fetched and this clone lacks is newer than the clone: then all that is here is fetched.
  const fetched = (await known(engine.fetched, 'fetched')) ?? (engine.fetched === undefined ? undefined : pushed?.id);

  const between = async (from: string | undefined, to: string | undefined, limit = commitLimit): Promise<Commit[]> =>
    to === undefined || from === to
      ? []
      : repository.log({ to, paths, limit, ...(from === undefined ? {} : { from }), ...withSignal });
  const notPushed = pushed === undefined ? [] : await between(pushed.id, head.commit);
  // Without anything known to be applied, what is not pushed is certainly not fetched; a direct apply asks for no push.
  const deliverable = engine.fetches && fetched !== undefined ? fetched : (pushed?.id ?? head.commit);
  const unapplied = engine.fetches
    ? [
        ...staged(notPushed, 'not-pushed'),
        ...staged(pushed && fetched ? await between(fetched, pushed.id) : [], 'not-fetched'),
        ...staged(applied === undefined ? [] : await between(applied, deliverable), 'not-applied'),
      ]
    : directlyUnapplied(applied === undefined ? notPushed : await between(applied, head.commit), notPushed);
  const [last] = await between(undefined, applied ?? deliverable, 1);
  return {
    head,
    ...(pushed === undefined ? {} : { pushedTo: pushed.name }),
    unapplied,
    ...(applied === undefined
      ? last === undefined
        ? {}
        : { base: last }
      : { applied: { revision: applied, commit: last } }),
    ...(last === undefined ? {} : { olderThan: last.id }),
    edited,
    problems,
  };
}

function staged(commits: readonly Commit[], stage: Stage): StagedCommit[] {
  return commits.map((commit) => ({ commit, stage }));
}

function directlyUnapplied(commits: readonly Commit[], notPushed: readonly Commit[]): StagedCommit[] {
  const waiting = new Set(notPushed.map((commit) => commit.id));
  return commits.map((commit) => ({ commit, stage: waiting.has(commit.id) ? 'not-pushed' : 'not-applied' }));
}

/** Commits before the last one in view that touched the application, newest first. */
export async function readOlderCommits(
  repository: GitRepository,
  application: { path: string; files: readonly string[] },
  olderThan: string,
  limit: number,
  signal?: AbortSignal,
): Promise<Commit[]> {
  const paths = pathsOf(application);
  const withSignal = signal === undefined ? {} : { signal };
  const commits = await repository.log({ to: olderThan, paths, limit: limit + 1, ...withSignal });
  return commits.filter((commit) => commit.id !== olderThan).slice(0, limit);
}

/** Below the folder as well as what is read elsewhere, since a deleted file is read no more. */
function pathsOf({ path, files }: { path: string; files: readonly string[] }): string[] {
  return path === '' ? ['.'] : [path, ...new Set(files.filter((file) => !isBelow(file, path)))];
}

/** The remote branch as last fetched here: the one that the engine follows, or the upstream where Plumbline applies itself. */
async function pushedRevision(
  repository: GitRepository,
  engine: EngineState,
  upstream: { remote: string; branch: string } | undefined,
  signal: AbortSignal | undefined,
): Promise<{ id: string; name: string } | undefined> {
  let name = upstream === undefined ? undefined : `${upstream.remote}/${upstream.branch}`;
  if (engine.followed !== undefined) {
    const identity = remoteIdentity(engine.followed.url);
    const remote = (await repository.remotes(signal)).find((item) => remoteIdentity(item.url) === identity);
    name = remote === undefined ? undefined : `${remote.name}/${engine.followed.branch}`;
  }
  if (name === undefined) return undefined;
  const id = await repository.resolve(`refs/remotes/${name}`, signal);
  return id === undefined ? undefined : { id, name };
}

function missingRevision(application: string, revision: string, did: string): Problem {
  return {
    code: 'missing-revision',
    severity: 'warning',
    message: `The revision ${revision.slice(0, 7)} that is ${did} is not in this clone.`,
    remedy: 'Fetch it (git fetch, with --unshallow where the clone is shallow).',
    application,
  };
}
