import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { runCommand } from '../rig/cluster/command.ts';
import { gitEnvironment } from '../rig/cluster/gitEnvironment.ts';

/** A Git repository in a temporary folder, as a person's checkout of it would be. */
export interface WorkRepository {
  readonly folder: string;
  /** Standard output of `git ARGS` in it. @throws {CommandFailed} when its code is not 0. */
  git(...args: string[]): Promise<string>;
  /** Writes files (undefined removes one) and commits them; answers the commit's SHA. */
  commit(files: Readonly<Record<string, string | undefined>>, message?: string): Promise<string>;
  dispose(): Promise<void>;
}

const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.invalid', '-c', 'commit.gpgSign=false'];

function openAt(folder: string): WorkRepository {
  const git = (...args: string[]): Promise<string> =>
    runCommand('git', [...identity, ...args], { cwd: folder, environment: gitEnvironment() });
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
      await git('commit', '--quiet', '--message', message);
      return (await git('rev-parse', 'HEAD')).trim();
    },
    dispose: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Clones a bundle, with its history. */
export async function cloneBundle(bundle: string): Promise<WorkRepository> {
  const repository = openAt(await mkdtemp(join(tmpdir(), 'plumbline-test-clone-')));
  await repository.git('clone', '--quiet', bundle, '.');
  return repository;
}

/** A new repository with copies of folders of `from`, committed; without any, one empty commit. */
export async function copyToRepository(from: string, folders: readonly string[]): Promise<WorkRepository> {
  const repository = openAt(await mkdtemp(join(tmpdir(), 'plumbline-test-copy-')));
  await repository.git('init', '--quiet', '--initial-branch=main', '.');
  for (const name of folders) await cp(join(from, name), join(repository.folder, name), { recursive: true });
  await repository.git('add', '--all');
  await repository.git('commit', '--quiet', '--allow-empty', '--message', 'Add manifests');
  return repository;
}
