import assert from 'node:assert/strict';
import { mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { findRepository } from '../../../../src/adapters/git/findRepository.ts';
import { SpawnRunner } from '../../../../src/adapters/process/spawnRunner.ts';
import { GitError } from '../../../../src/ports/gitError.ts';
import { GitFixture } from './gitFixture.ts';

const runner = new SpawnRunner();

describe('the repository of a folder', () => {
  let fixture: GitFixture;
  let outside: GitFixture;
  before(async () => {
    fixture = await GitFixture.create({ 'deep/er/a.yaml': 'a: 1\n' });
    outside = await GitFixture.create();
    await rename(join(outside.directory, '.git'), join(outside.directory, 'git'));
  });
  after(async () => {
    await fixture.remove();
    await outside.remove();
  });

  const rootOf = async (folder: string): Promise<string> => {
    const repository = await findRepository(folder, runner);
    await repository.dispose();
    return repository.root;
  };
  const refused = (folder: string): Promise<void> =>
    assert.rejects(findRepository(folder, runner), (error) => GitError.is(error, 'not-a-repository'));

  test('is found from below', async () => {
    assert.equal(await rootOf(fixture.directory), fixture.directory);
    assert.equal(await rootOf(join(fixture.directory, 'deep', 'er')), fixture.directory);
  });

  test('is found through a link to a folder of it, and from a linked work tree', async () => {
    const link = join(outside.directory, 'link');
    await symlink(join(fixture.directory, 'deep'), link);
    assert.equal(await rootOf(link), fixture.directory);
    const tree = join(outside.directory, 'tree');
    await fixture.git('worktree', 'add', '-q', tree);
    assert.equal(await rootOf(tree), tree);
  });

  test('there is none outside, in a bare one, beside a HEAD of something else, and where the folder is not', async () => {
    const folder = join(outside.directory, 'folder');
    await mkdir(folder);
    await refused(folder);
    await fixture.git('clone', '-q', '--bare', fixture.directory, join(outside.directory, 'bare'));
    await refused(join(outside.directory, 'bare'));
    await writeFile(join(folder, 'HEAD'), 'of a river\n');
    await refused(folder);
    await assert.rejects(findRepository(join(folder, 'missing'), runner), (error) => GitError.is(error));
  });

  test('without Git a folder outside of all repositories is none all the same', async () => {
    const { PATH } = process.env;
    process.env['PATH'] = '/nowhere';
    try {
      await refused(outside.directory);
      const inside = findRepository(fixture.directory, runner);
      await assert.rejects(inside, (error) => GitError.is(error, 'missing-binary'));
    } finally {
      process.env['PATH'] = PATH;
    }
  });
});
