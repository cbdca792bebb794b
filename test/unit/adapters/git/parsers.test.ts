import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseBatch } from '../../../../src/adapters/git/blobStore.ts';
import { withoutCredentials } from '../../../../src/adapters/git/gitErrors.ts';
import { parseBlame, parseLog } from '../../../../src/adapters/git/history.ts';
import { parseStatus } from '../../../../src/adapters/git/status.ts';
import { parseTreeEntries } from '../../../../src/adapters/git/treeEntries.ts';

const id = 'a'.repeat(40);

test('entries of a tree; hostile paths are refused', () => {
  const record = (mode: string, type: string, size: string, path: string): string =>
    `${mode} ${type} ${id} ${size}\t${path}\0`;
  const output = [
    record('100644', 'blob', '     12', 'a b/ü\n.yaml'),
    record('100755', 'blob', '      1', 'run.sh'),
    record('120000', 'blob', '      4', 'link'),
    record('160000', 'commit', '      -', 'vendor/lib'),
    ...['../out', '/etc/passwd', 'a/../../b', '.git/hooks/post-checkout', 'x/.GIT/config', 'C:/x', 'a//b'].map((path) =>
      record('100644', 'blob', '1', path),
    ),
  ].join('');
  const { entries, refused } = parseTreeEntries(output);
  assert.deepEqual(
    entries.map((entry) => `${entry.kind} ${entry.size} ${entry.path}`),
    ['file 12 a b/ü\n.yaml', 'executable 1 run.sh', 'link 4 link', 'submodule 0 vendor/lib'],
  );
  assert.deepEqual(refused, [
    '../out',
    '/etc/passwd',
    'a/../../b',
    '.git/hooks/post-checkout',
    'x/.GIT/config',
    'C:/x',
    'a//b',
  ]);
});

test('blobs of a batch: bytes as they are, missing ones left out', () => {
  const content = Buffer.from([10, 0, 255, 32, 10]);
  const output = Buffer.concat([
    Buffer.from(`${id} blob 5\n`),
    content,
    Buffer.from(`\n${'b'.repeat(40)} missing\n${'c'.repeat(40)} blob 0\n\n`),
  ]);
  assert.deepEqual(
    [...parseBatch(output)],
    [
      [id, content],
      ['c'.repeat(40), Buffer.alloc(0)],
    ],
  );
});

describe('history', () => {
  test('log', () => {
    assert.deepEqual(parseLog(''), []);
    assert.deepEqual(parseLog(`${id} 2026-01-02T03:04:05+02:00\0Ada L.\0Fix: a | b\0`), [
      { id, at: '2026-01-02T03:04:05+02:00', author: 'Ada L.', subject: 'Fix: a | b' },
    ]);
  });

  test('blame in the zone of the committer', () => {
    const entry = (zone: string): string =>
      `${id} 1 1 1\nauthor Ada\ncommitter-time 1767323045\ncommitter-tz ${zone}\nsummary Fix\n\tx`;
    assert.equal(parseBlame(entry('+0200'))?.commit?.at, '2026-01-02T05:04:05+02:00');
    assert.equal(parseBlame(entry('-0330'))?.commit?.at, '2026-01-01T23:34:05-03:30');
    assert.equal(parseBlame(entry('+0000'))?.commit?.at, '2026-01-02T03:04:05Z');
    assert.equal(parseBlame(''), undefined);
  });
});

test('status in the form of version 2', () => {
  const output = [
    `1 M. N... 100644 100644 100644 ${id} ${id} staged file.yaml`,
    `1 .M N... 100644 100644 100644 ${id} ${id} unstaged.yaml`,
    `1 MM N... 100644 100644 100644 ${id} ${id} both.yaml`,
    `1 A. N... 000000 100644 100644 ${id} ${id} new.yaml`,
    `2 R. N... 100644 100644 100644 ${id} ${id} R100 to here.yaml`,
    'from here.yaml',
    `u UU N... 100644 100644 100644 100644 ${id} ${id} ${id} conflict.yaml`,
    '? un tracked.yaml',
    '',
  ].join('\0');
  assert.deepEqual(
    parseStatus(output).map(
      (file) => `${file.path}: ${file.change} ${file.staged ? 'S' : '-'}${file.unstaged ? 'U' : '-'}`,
    ),
    [
      'staged file.yaml: modified S-',
      'unstaged.yaml: modified -U',
      'both.yaml: modified SU',
      'new.yaml: added S-',
      'to here.yaml: renamed S-',
      'conflict.yaml: unmerged SU',
      'un tracked.yaml: untracked -U',
    ],
  );
});

test('credentials are taken out of URLs', () => {
  const text = "fatal: unable to access 'https://user:t0ken@host/x.git/': ssh://git@host:22/y";
  assert.equal(withoutCredentials(text), "fatal: unable to access 'https://host/x.git/': ssh://host:22/y");
});
