import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** A repository in a temporary folder, apart from the user's own Git configuration. */
export class GitFixture {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  static async create(files: Record<string, string | Uint8Array> = {}): Promise<GitFixture> {
    const fixture = new GitFixture(await realpath(await mkdtemp(join(tmpdir(), 'plumbline-test-'))));
    await fixture.git('init', '-q', '-b', 'main');
    await fixture.git('config', 'user.name', 'Ada');
    await fixture.git('config', 'user.email', 'ada@example.com');
    await fixture.git('config', 'commit.gpgsign', 'false');
    await fixture.write(files);
    if (Object.keys(files).length > 0) await fixture.commitAll('first');
    return fixture;
  }

  async write(files: Record<string, string | Uint8Array>): Promise<void> {
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(this.directory, path)), { recursive: true });
      await writeFile(join(this.directory, path), content);
    }
  }

  async git(...args: string[]): Promise<string> {
    const env = { ...process.env, GIT_CONFIG_NOSYSTEM: '1', LANGUAGE: 'en' };
    const { stdout } = await execute('git', args, { cwd: this.directory, env });
    return stdout;
  }

  /** Returns the commit's id. */
  async commitAll(message: string): Promise<string> {
    await this.git('add', '--all');
    await this.git('commit', '-q', '-m', message);
    return (await this.git('rev-parse', 'HEAD')).trim();
  }

  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }
}
