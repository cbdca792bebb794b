import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { runCommand } from './command.ts';
import type { ControlPlane } from './controlPlane.ts';
import type { GitRepository } from './gitServer.ts';

/** A clone of a repository of the set's Git server, as a person would have it: it knows who commits. */
export interface Clone {
  readonly folder: string;
  /** Standard output of `git ARGS` in the clone. @throws {CommandFailed} when its code is not 0. */
  git(...args: string[]): Promise<string>;
  /** Writes files (undefined removes one), commits them all and answers the commit's SHA. */
  commit(files: Readonly<Record<string, string | undefined>>, message?: string): Promise<string>;
  push(): Promise<void>;
  /** The SHA of HEAD. */
  head(): Promise<string>;
  /** `git status` in few words: branch and upstream, then a line per changed file. */
  status(): Promise<string>;
}

const settings = ['user.name=Rig', 'user.email=rig@example.invalid', 'commit.gpgSign=false'];

/** Clones into a folder of the set; it goes when the set is stopped. */
export async function makeClone(
  { folder: root, environment }: ControlPlane,
  repository: GitRepository,
): Promise<Clone> {
  const folder = await mkdtemp(join(root, 'clone-'));
  const git = (...args: string[]): Promise<string> => runCommand('git', args, { cwd: folder, environment });
  await git('clone', '--quiet', ...settings.map((setting) => `--config=${setting}`), repository.url, '.');
  const head = async (): Promise<string> => (await git('rev-parse', 'HEAD')).trim();
  return {
    folder,
    git,
    async commit(files, message = 'Change manifests') {
      for (const [path, text] of Object.entries(files)) {
        const file = join(folder, path);
        await mkdir(dirname(file), { recursive: true });
        await (text === undefined ? rm(file) : writeFile(file, text));
      }
      await git('add', '--all');
      await git('commit', '--quiet', '-m', message);
      return head();
    },
    async push() {
      await git('push', '--quiet', 'origin', 'HEAD');
    },
    head,
    status: async () => (await git('status', '--porcelain', '--branch')).trim(),
  };
}
