import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseBlame } from '../../../../src/adapters/git/blame.ts';
import { parseBatch } from '../../../../src/adapters/git/blobStore.ts';
import { withoutCredentials } from '../../../../src/adapters/git/gitErrors.ts';
import { parseLog } from '../../../../src/adapters/git/history.ts';
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
    const at = (zone: string): string | undefined =>
      parseBlame(`${id} 1 1 1\nauthor Ada\ncommitter-time 1767323045\ncommitter-tz ${zone}\nsummary Fix\n\tx\n`).get(1)
        ?.commit?.at;
    assert.equal(at('+0200'), '2026-01-02T05:04:05+02:00');
    assert.equal(at('-0330'), '2026-01-01T23:34:05-03:30');
    assert.equal(at('+0000'), '2026-01-02T03:04:05Z');
    assert.equal(parseBlame('').size, 0);
  });

  test('blame of several lines: a commit is told once, a line may look like anything', () => {
    const other = 'b'.repeat(40);
    const output = [
      `${id} 7 2 1`,
      'author Ada',
      'committer-time 0',
      'committer-tz +0000',
      `summary ${other} 1 1 1`,
      'boundary',
      'filename a.yaml',
      `\t${other} 9 9 1`,
      `${'0'.repeat(40)} 3 3 1`,
      'author Not Committed Yet',
      'committer-time 5',
      'filename a.yaml',
      '\t\tx',
      `${id} 9 11 2`,
      'filename a.yaml',
      '\ty',
      `${id} 10 12`,
      'filename a.yaml',
      '\tz',
      '',
    ].join('\n');
    const commit = { id, author: 'Ada', subject: `${other} 1 1 1`, at: '1970-01-01T00:00:00Z' };
    assert.deepEqual(
      [...parseBlame(output)],
      [
        [2, { commit, uncommitted: false }],
        [3, { commit: undefined, uncommitted: true }],
        [11, { commit, uncommitted: false }],
        [12, { commit, uncommitted: false }],
      ],
    );
  });
});

test('status in the form of version 2', () => {
  const output = [
    `1 M. N... 100644 100644 100644 ${id} ${id} staged file.yaml`,
    `1 .M N... 100644 100644 100644 ${id} ${id} unstaged.yaml`,
    `1 MM N... 100644 100644 100644 ${id} ${id} both.yaml`,
    `1 A. N... 000000 100644 100644 ${id} ${id} new.yaml`,
    `1 D. N... 100644 000000 000000 ${id} ${id} from here.yaml`,
    `1 A. N... 000000 100644 100644 ${id} ${id} to here.yaml`,
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
      'from here.yaml: deleted S-',
      'to here.yaml: added S-',
      'conflict.yaml: unmerged SU',
      'un tracked.yaml: untracked -U',
    ],
  );
});

test('credentials are taken out of URLs', () => {
  const text = "fatal: unable to access 'https://user:t0ken@host/x.git/': ssh://git@host:22/y";
  assert.equal(withoutCredentials(text), "fatal: unable to access 'https://host/x.git/': ssh://host:22/y");
});
