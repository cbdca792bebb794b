import assert from 'node:assert/strict';
import { posix } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { baseName, folderOf, isBelow, joinPath, relativePath } from '../../../src/core/repositoryPath.ts';

test('joining paths of a repository', () => {
  const cases: [string, string, string | undefined][] = [
    ['a/b', '../c.yaml', 'a/c.yaml'],
    ['a', './b/./c', 'a/b/c'],
    ['a', '..', ''],
    ['', '.', ''],
    ['a', '../..', undefined],
    ['', '..', undefined],
    ['a', '/etc/passwd', undefined],
    ['a', 'C:\\x', undefined],
    ['a', '..\\..\\x', undefined],
    ['a', 'b\0c', undefined],
    ['a', 'b//c/', 'a/b/c'],
  ];
  for (const [folder, path, expected] of cases) assert.equal(joinPath(folder, path), expected, `${folder} + ${path}`);
});

test('parts of paths', () => {
  assert.deepEqual([folderOf('a/b/c'), folderOf('a'), baseName('a/b'), baseName('a')], ['a/b', '', 'b', 'a']);
  assert.deepEqual(
    [isBelow('a/b', 'a'), isBelow('ab', 'a'), isBelow('a', 'a'), isBelow('x', '')],
    [true, false, true, true],
  );
});

test('no path leaves the repository, and relative ways lead where they say', () => {
  const part = fc.constantFrom('a', 'b', '..', '.', '', 'c.yaml');
  const path = fc.array(part, { maxLength: 8 }).map((parts) => parts.join('/'));
  fc.assert(
    fc.property(path, path, (from, to) => {
      const joined = joinPath(from, to);
      if (joined === undefined) return;
      assert.ok(!joined.startsWith('/') && !joined.split('/').includes('..'));
      assert.equal(
        joined,
        posix
          .join('/root', from, to)
          .replace(/^\/root\/?/, '')
          .replace(/\/$/, ''),
      );
      const start = joinPath('', from);
      if (start !== undefined) assert.equal(joinPath(start, relativePath(start, joined)), joined);
    }),
    { seed: 11, numRuns: 2_000 },
  );
});
