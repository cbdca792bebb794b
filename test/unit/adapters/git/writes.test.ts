import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, readdir, realpath, rm, unlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { openRepository } from '../../../../src/adapters/git/localRepository.ts';
import { SpawnRunner } from '../../../../src/adapters/process/spawnRunner.ts';
import { GitError, type GitErrorReason } from '../../../../src/ports/gitError.ts';
import type { GitRepository } from '../../../../src/ports/gitRepository.ts';
import { GitFixture } from './gitFixture.ts';

type Files = Record<string, string>;

async function withRepository(
  files: Files,
  use: (repository: GitRepository, fixture: GitFixture) => Promise<void>,
): Promise<void> {
  const fixture = await GitFixture.create(files);
  const repository = await openRepository(fixture.directory, new SpawnRunner());
  try {
    await use(repository, fixture);
  } finally {
    await repository.dispose();
    await fixture.remove();
  }
}

/** A bare repository that the fixture pushes to. */
async function withRemote(
  files: Files,
  use: (repository: GitRepository, fixture: GitFixture, remote: GitFixture) => Promise<void>,
): Promise<void> {
  const remote = new GitFixture(await realpath(await mkdtemp(join(tmpdir(), 'plumbline-test-'))));
  await remote.git('init', '-q', '--bare', '-b', 'main');
  try {
    await withRepository(files, async (repository, fixture) => {
      await fixture.git('remote', 'add', 'origin', remote.directory);
      await use(repository, fixture, remote);
    });
  } finally {
    await remote.remove();
  }
}

async function hook(directory: string, name: string, script: string): Promise<void> {
  const path = join(directory, name);
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
}

function fails(reason: GitErrorReason, detail?: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof Error, String(error));
    assert.ok(GitError.is(error, reason), `${GitError.is(error) ? error.reason : error.name}: ${error.message}`);
    if (detail) assert.match(error.detail, detail);
    return true;
  };
}

const shown = (fixture: GitFixture, ...args: string[]): Promise<string> =>
  fixture.git('show', '--format=', '--name-status', ...args);

describe('committing', () => {
  test('the chosen files and nothing else; what else is staged stays staged', async () => {
    await withRepository({ 'a.yaml': '1\n', 'b.yaml': '1\n', 'c.yaml': '1\n' }, async (repository, fixture) => {
      await fixture.write({ 'a.yaml': '2\n', 'b.yaml': '2\n', 'new dir/n ü.yaml': 'n\n' });
      await unlink(join(fixture.directory, 'c.yaml'));
      await fixture.git('add', 'b.yaml');
      const message = 'Change a\n\nwith a body, "quotes" and $HOME\n';
      const id = await repository.commit({ paths: ['a.yaml', 'new dir/n ü.yaml', 'c.yaml'], message });
      assert.equal(id, (await fixture.git('rev-parse', 'HEAD')).trim());
      assert.equal(await fixture.git('show', '--format=%B', '--no-patch', 'HEAD'), `${message}\n`);
      await fixture.git('config', 'core.quotepath', 'off');
      assert.equal(await shown(fixture, 'HEAD'), 'M\ta.yaml\nD\tc.yaml\nA\tnew dir/n ü.yaml\n');
      assert.equal(await fixture.git('status', '--porcelain'), 'M  b.yaml\n');
    });
  });

  test('a partly staged file is committed as staged, the rest of it stays in the working tree', async () => {
    await withRepository({ 'a.yaml': 'one\ntwo\n' }, async (repository, fixture) => {
      await fixture.write({ 'a.yaml': 'ONE\ntwo\n' });
      await fixture.git('add', 'a.yaml');
      await fixture.write({ 'a.yaml': 'ONE\nTWO\n', 'b.yaml': 'b\n' });
      await repository.commit({ paths: ['a.yaml', 'b.yaml'], message: 'Partly' });
      assert.equal(await fixture.git('show', 'HEAD:a.yaml'), 'ONE\ntwo\n');
      assert.equal(await shown(fixture, 'HEAD'), 'M\ta.yaml\nA\tb.yaml\n');
      assert.equal(await readFile(join(fixture.directory, 'a.yaml'), 'utf8'), 'ONE\nTWO\n');
      assert.equal(await fixture.git('status', '--porcelain'), ' M a.yaml\n');
    });
  });

  test('the first commit of a repository', async () => {
    await withRepository({}, async (repository, fixture) => {
      await fixture.write({ 'a.yaml': '1\n', 'b.yaml': '1\n' });
      await repository.commit({ paths: ['a.yaml'], message: 'First' });
      assert.equal(await fixture.git('ls-tree', '--name-only', 'HEAD'), 'a.yaml\n');
      assert.equal(await fixture.git('status', '--porcelain'), '?? b.yaml\n');
    });
  });

  test('nothing changed, and a path outside', async () => {
    await withRepository({ 'a.yaml': '1\n' }, async (repository) => {
      await assert.rejects(repository.commit({ paths: ['a.yaml'], message: 'x' }), fails('nothing-to-commit'));
      await assert.rejects(repository.commit({ paths: ['../x'], message: 'x' }), fails('outside-repository'));
    });
  });

  test('hooks run and may refuse; then nothing has changed', async () => {
    await withRepository({ 'a.yaml': '1\n' }, async (repository, fixture) => {
      const hooks = join(fixture.directory, '.git', 'hooks');
      await hook(hooks, 'pre-commit', 'git diff --cached --name-only; echo "no tabs please" >&2; exit 1');
      await fixture.write({ 'a.yaml': '2\n', 'b.yaml': 'b\n' });
      const before = await fixture.git('rev-parse', 'HEAD');
      await assert.rejects(
        repository.commit({ paths: ['a.yaml', 'b.yaml'], message: 'x' }),
        fails('hook-failed', /no tabs please/),
      );
      assert.equal(await fixture.git('rev-parse', 'HEAD'), before);
      assert.equal(await fixture.git('status', '--porcelain'), ' M a.yaml\n?? b.yaml\n');
    });
  });

  test('a hook that formats what is committed has its way, also in the index', async () => {
    await withRepository({ 'a.yaml': '1\n' }, async (repository, fixture) => {
      const hooks = join(fixture.directory, '.git', 'hooks');
      await hook(hooks, 'pre-commit', 'echo formatted > a.yaml && git add a.yaml');
      await fixture.write({ 'a.yaml': '2\n' });
      await repository.commit({ paths: ['a.yaml'], message: 'x' });
      assert.equal(await fixture.git('show', 'HEAD:a.yaml'), 'formatted\n');
      assert.equal(await fixture.git('status', '--porcelain'), '');
    });
  });

  test('signing is respected: a program that cannot sign fails the commit', async () => {
    await withRepository({ 'a.yaml': '1\n' }, async (repository, fixture) => {
      await fixture.git('config', 'commit.gpgsign', 'true');
      await fixture.git('config', 'gpg.program', '/bin/false');
      await fixture.write({ 'a.yaml': '2\n' });
      await assert.rejects(repository.commit({ paths: ['a.yaml'], message: 'x' }), fails('signing-failed'));
    });
  });

  test('an unfinished merge is no time for committing some files', async () => {
    await withRepository({ 'a.yaml': '1\n' }, async (repository, fixture) => {
      await fixture.git('switch', '-q', '-c', 'other');
      await fixture.write({ 'a.yaml': 'other\n' });
      await fixture.commitAll('other');
      await fixture.git('switch', '-q', 'main');
      await fixture.write({ 'a.yaml': 'main\n' });
      await fixture.commitAll('main');
      await fixture.git('merge', 'other').catch(() => '');
      const { files } = await repository.status();
      assert.deepEqual(files, [{ path: 'a.yaml', staged: true, unstaged: true, change: 'unmerged' }]);
      await assert.rejects(repository.commit({ paths: ['a.yaml'], message: 'x' }), fails('failed'));
    });
  });

  test('another process holds the lock', async () => {
    await withRepository({ 'a.yaml': '1\n' }, async (repository, fixture) => {
      await writeFile(join(fixture.directory, '.git', 'HEAD.lock'), '');
      await fixture.write({ 'a.yaml': '2\n' });
      await assert.rejects(repository.commit({ paths: ['a.yaml'], message: 'x' }), fails('locked'));
    });
  });

  test('reads take no locks, and go on while another process holds one', async () => {
    await withRepository({ 'a.yaml': '1\n' }, async (repository, fixture) => {
      await writeFile(join(fixture.directory, '.git', 'index.lock'), '');
      await fixture.write({ 'a.yaml': '2\n' });
      assert.deepEqual((await repository.status()).files, [
        { path: 'a.yaml', staged: false, unstaged: true, change: 'modified' },
      ]);
      assert.deepEqual(
        (await readdir(join(fixture.directory, '.git'))).filter((name) => name.endsWith('.lock')),
        ['index.lock'],
      );
    });
  });
});

test('status: staged, unstaged, untracked, deleted; a rename is both of its paths', async () => {
  const long = Array.from({ length: 30 }, (_, line) => `line ${line}`).join('\n');
  await withRepository(
    { 'a.yaml': '1\n', 'b.yaml': '1\n', 'old name.yaml': long, 'd.yaml': '1\n' },
    async (repository, fixture) => {
      await fixture.write({ 'a.yaml': '2\n', 'b.yaml': '2\n', 'u/x y.yaml': 'u\n' });
      await fixture.git('add', 'b.yaml');
      await fixture.git('mv', 'old name.yaml', 'new name.yaml');
      await unlink(join(fixture.directory, 'd.yaml'));
      const status = await repository.status();
      assert.equal(status.branch, 'main');
      assert.equal(status.upstream, undefined);
      assert.deepEqual(
        status.files
          .map((file) => `${file.path} ${file.change} ${file.staged ? 'S' : '-'}${file.unstaged ? 'U' : '-'}`)
          .sort(),
        [
          'a.yaml modified -U',
          'b.yaml modified S-',
          'd.yaml deleted -U',
          'new name.yaml added S-',
          'old name.yaml deleted S-',
          'u/x y.yaml untracked -U',
        ],
      );
    },
  );
});

describe('pushing and fetching', () => {
  test('to the upstream; without one to the named remote, which becomes it', async () => {
    await withRemote({ 'a.yaml': '1\n' }, async (repository, fixture, remote) => {
      await assert.rejects(repository.push(), fails('no-upstream'));
      assert.deepEqual(await repository.push({ remote: 'origin' }), { remote: 'origin', branch: 'main' });
      await fixture.write({ 'a.yaml': '2\n' });
      const id = await repository.commit({ paths: ['a.yaml'], message: 'Second' });
      assert.deepEqual((await repository.status()).upstream, { remote: 'origin', branch: 'main', ahead: 1, behind: 0 });
      assert.deepEqual(await repository.push(), { remote: 'origin', branch: 'main' });
      assert.equal((await remote.git('rev-parse', 'main')).trim(), id);
    });
  });

  test('a push that the remote rejects, and fetching what it has', async () => {
    await withRemote({ 'a.yaml': '1\n' }, async (repository, fixture, remote) => {
      await repository.push({ remote: 'origin' });
      const other = new GitFixture(join(fixture.directory, '..', `${fixture.directory.split('/').pop() ?? ''}-other`));
      await fixture.git('clone', '-q', remote.directory, other.directory);
      try {
        await other.git('config', 'user.name', 'Bob');
        await other.git('config', 'user.email', 'bob@example.com');
        await other.write({ 'b.yaml': 'b\n' });
        const theirs = await other.commitAll('theirs');
        await other.git('push', '-q');
        await fixture.write({ 'a.yaml': '2\n' });
        await repository.commit({ paths: ['a.yaml'], message: 'mine' });
        await assert.rejects(repository.push(), fails('rejected', /fetch first|non-fast-forward/));
        assert.equal(await repository.resolve(theirs), undefined);
        await repository.fetch();
        assert.equal(await repository.resolve('origin/main'), theirs);
        assert.deepEqual((await repository.status()).upstream, {
          remote: 'origin',
          branch: 'main',
          ahead: 1,
          behind: 1,
        });
      } finally {
        await other.remove();
      }
    });
  });

  test('hooks on either side', async () => {
    await withRemote({ 'a.yaml': '1\n' }, async (repository, fixture, remote) => {
      await hook(join(remote.directory, 'hooks'), 'pre-receive', 'echo "not on Fridays" >&2; exit 1');
      await assert.rejects(repository.push({ remote: 'origin' }), fails('rejected', /not on Fridays/));
      await hook(join(fixture.directory, '.git', 'hooks'), 'pre-push', 'echo "tests fail" >&2; exit 1');
      await assert.rejects(repository.push({ remote: 'origin' }), fails('hook-failed', /tests fail/));
    });
  });

  test('a remote that is not there, and one that nobody answers for', async () => {
    await withRepository({ 'a.yaml': '1\n' }, async (repository, fixture) => {
      await fixture.git('remote', 'add', 'gone', join(fixture.directory, 'nowhere'));
      await assert.rejects(repository.push({ remote: 'gone' }), fails('unreachable'));
      await fixture.git('remote', 'add', 'closed', 'http://user:s3cret@127.0.0.1:1/x.git');
      await assert.rejects(repository.fetch({ remote: 'closed' }), (error: unknown) => {
        assert.ok(GitError.is(error, 'unreachable'));
        assert.doesNotMatch(`${error.message} ${error.detail}`, /s3cret/);
        return true;
      });
    });
  });

  test('a remote that wants credentials nobody has: an error at once, no prompt', async () => {
    const server = createServer((socket) => {
      socket.once('data', () => {
        socket.end(
          'HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm="x"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
        );
      });
      socket.on('error', () => {});
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    try {
      await withRepository({ 'a.yaml': '1\n' }, async (repository, fixture) => {
        await fixture.git('config', 'credential.helper', '');
        await fixture.git('remote', 'add', 'origin', `http://127.0.0.1:${port}/x.git`);
        await assert.rejects(repository.fetch(), fails('unauthorized'));
      });
    } finally {
      server.close();
    }
  });

  test('a detached HEAD has nothing to push', async () => {
    await withRemote({ 'a.yaml': '1\n' }, async (repository, fixture) => {
      await fixture.git('switch', '-q', '--detach');
      await assert.rejects(repository.push({ remote: 'origin' }), fails('detached'));
      await assert.rejects(repository.fetch({ remote: '--upload-pack=/bin/sh' }), fails('failed'));
    });
  });
});

test('restoring files as of a commit: changed, removed and added since; nothing staged, others untouched', async () => {
  await withRepository(
    { 'app/a.yaml': '1\n', 'app/b.yaml': '1\n', 'other.yaml': '1\n' },
    async (repository, fixture) => {
      const old = (await fixture.git('rev-parse', 'HEAD')).trim();
      await fixture.write({ 'app/a.yaml': '2\n', 'app/new.yaml': 'n\n', 'other.yaml': '2\n' });
      await unlink(join(fixture.directory, 'app/b.yaml'));
      await fixture.commitAll('second');
      const changed = await repository.restore({ commit: old, paths: ['app'] });
      assert.deepEqual(changed.sort(), ['app/a.yaml', 'app/b.yaml', 'app/new.yaml']);
      assert.equal(await readFile(join(fixture.directory, 'app/a.yaml'), 'utf8'), '1\n');
      assert.equal(await readFile(join(fixture.directory, 'other.yaml'), 'utf8'), '2\n');
      assert.equal(await fixture.git('status', '--porcelain'), ' M app/a.yaml\n D app/new.yaml\n?? app/b.yaml\n');
      await repository.commit({ paths: changed, message: 'Roll back' });
      assert.equal(await fixture.git('diff', '--name-only', old, 'HEAD', '--', 'app'), '');
      assert.deepEqual(await repository.restore({ commit: old, paths: ['app'] }), []);
      await assert.rejects(repository.restore({ commit: 'f'.repeat(40), paths: ['app'] }), fails('missing-revision'));
    },
  );
});

test('restoring nothing restores nothing; what Git does not know is removed only where it was made for it', async () => {
  await withRepository({ 'a.yaml': '1\n' }, async (repository, fixture) => {
    await fixture.write({ 'a.yaml': '2\n', 'mine.yaml': 'm\n', 'made.yaml': 'm\n' });
    assert.deepEqual(await repository.restore({ commit: 'HEAD', paths: [] }), []);
    assert.equal(await readFile(join(fixture.directory, 'a.yaml'), 'utf8'), '2\n');
    const paths = ['a.yaml', 'mine.yaml', 'made.yaml'];
    assert.deepEqual(await repository.restore({ commit: 'HEAD', paths, made: ['made.yaml'] }), ['a.yaml', 'made.yaml']);
    assert.equal(await fixture.git('status', '--porcelain'), '?? mine.yaml\n');
  });
});

test('a file that was renamed is committed with both of its paths', async () => {
  const long = Array.from({ length: 30 }, (_, line) => `line ${line}`).join('\n');
  await withRepository({ 'old.yaml': long }, async (repository, fixture) => {
    await fixture.git('mv', 'old.yaml', 'new.yaml');
    const { files } = await repository.status();
    await repository.commit({ paths: files.map(({ path }) => path), message: 'Rename' });
    assert.equal(await fixture.git('ls-tree', '--name-only', 'HEAD'), 'new.yaml\n');
    assert.equal(await fixture.git('status', '--porcelain'), '');
  });
});

test('a branch is made where HEAD is, with the files as they are', async () => {
  await withRepository({ 'a.yaml': '1\n' }, async (repository, fixture) => {
    await fixture.write({ 'a.yaml': '2\n' });
    await repository.createBranch('roll-back/web');
    assert.equal((await repository.head())?.branch, 'roll-back/web');
    assert.equal(await fixture.git('status', '--porcelain'), ' M a.yaml\n');
    await assert.rejects(repository.createBranch('-x'), fails('failed'));
    await rm(join(fixture.directory, 'a.yaml'));
  });
});
