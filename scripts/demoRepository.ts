import { execFileSync } from 'node:child_process';
import { cp, mkdir, readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

export interface DemoRepository {
  directory: string;
  /** Commit ids, oldest first; the last one is not applied to the sandbox. */
  commits: string[];
}

/** Makes the demonstration repository of examples/shop: one commit for each of its folders. */
export async function makeDemoRepository(examples: string, directory: string): Promise<DemoRepository> {
  await mkdir(directory, { recursive: true });
  const git = (...args: string[]): string => execFileSync('git', args, { cwd: directory, encoding: 'utf8' }).trim();
  git('init', '--quiet', '--initial-branch=main');
  git('config', 'user.name', 'Anna Example');
  git('config', 'user.email', 'anna@example.com');
  git('config', 'commit.gpgsign', 'false');
  const steps = (await readdir(examples, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  const commits: string[] = [];
  for (const step of steps.map((entry) => entry.name).sort()) {
    const source = join(examples, step);
    const message = (await readFile(join(source, 'message.txt'), 'utf8')).trim();
    await cp(source, directory, { recursive: true });
    await rm(join(directory, 'message.txt'));
    git('add', '--all');
    git('commit', '--quiet', '--no-verify', '--message', message);
    commits.push(git('rev-parse', 'HEAD'));
  }
  return { directory, commits };
}
