import assert from 'node:assert/strict';
import { test } from 'node:test';
import { english as t } from '../../../../src/core/explain/wording.ts';
import { ActionJournal, type JournalEntry } from '../../../../src/editor/actions/actionJournal.ts';
import { messageProblem } from '../../../../src/editor/actions/model/commitMessage.ts';
import { shownChangesOfFile } from '../../../../src/editor/actions/model/fileChoice.ts';
import { endingOf } from '../../../../src/editor/actions/model/outcomeText.ts';
import { progressText } from '../../../../src/editor/actions/model/progressText.ts';
import { revisionItems } from '../../../../src/editor/actions/model/revisionPick.ts';
import type { SyncStep } from '../../../../src/services/sync/syncOutcome.ts';

const key = { group: 'apps', kind: 'Deployment', namespace: 'shop', name: 'web' };
const sha = '6a1b3c0000000000000000000000000000000000';

test('progress ticks what was done and says what goes on', () => {
  const steps: SyncStep[] = [
    { step: 'committed', commit: sha },
    { step: 'pushed', remote: 'origin', branch: 'main' },
    { step: 'requested', what: 'GitRepository fleet' },
    { step: 'fetched', revision: sha },
    { step: 'applying', done: 3, total: 5, key, result: 'configured' },
    { step: 'applied', revision: sha },
    { step: 'pruned', key },
    { step: 'pruned', key },
    { step: 'waiting', for: 'Deployment shop/web: 1 of 2 ready' },
    { step: 'healthy' },
  ];
  const at = (count: number): string => progressText(steps.slice(0, count), t);
  assert.equal(at(0), '');
  assert.equal(at(3), '✓ committed 6a1b3c0  ✓ pushed  … asked GitRepository fleet');
  assert.equal(at(5), '✓ committed 6a1b3c0  ✓ pushed  ✓ fetched  … applying 3/5');
  assert.equal(at(8), '✓ committed 6a1b3c0  ✓ pushed  ✓ fetched  ✓ applied  … pruned 2');
  assert.equal(
    at(9),
    '✓ committed 6a1b3c0  ✓ pushed  ✓ fetched  ✓ applied  … waiting for Deployment shop/web: 1 of 2 ready',
  );
  assert.equal(at(10), '✓ committed 6a1b3c0  ✓ pushed  ✓ fetched  ✓ applied  ✓ healthy');
});

test('every end is said, with what to do', () => {
  const action = { action: 'Sync', application: 'podinfo', context: 'prod-eu' };
  assert.deepEqual(endingOf(action, { result: 'done', health: 'healthy' }, t), {
    severity: 'information',
    text: 'Sync: podinfo is in prod-eu as Git says, and healthy.',
    next: [],
  });
  assert.equal(
    endingOf({ ...action, done: 'it is suspended.' }, { result: 'done', health: 'not-waited' }, t).text,
    'Sync: it is suspended.',
  );
  const refused = (reason: string, remedy?: string): ReturnType<typeof endingOf> =>
    endingOf(action, { result: 'refused', reason, ...(remedy === undefined ? {} : { remedy }) }, t);
  assert.deepEqual(refused('Kustomization podinfo is suspended', 'Resume it first.'), {
    severity: 'warning',
    text: 'Sync: nothing was changed in prod-eu. Kustomization podinfo is suspended. Resume it first.',
    next: ['resume'],
  });
  assert.deepEqual(refused('1 commit not pushed to origin/main').next, ['commitAndSync']);
  assert.deepEqual(refused('Deployment web is blocked: immutable').next, ['showPlan', 'showLog']);
  assert.deepEqual(endingOf(action, { result: 'failed', reason: 'connection refused', done: 'committed 6a1b3c0' }, t), {
    severity: 'error',
    text: 'Sync: podinfo in prod-eu did not come to its end. Connection refused. Where it stands: committed 6a1b3c0.',
    next: ['retry', 'showLog'],
  });
  assert.deepEqual(endingOf(action, { result: 'unhealthy', reason: 'ErrImagePull', done: 'x' }, t).next, [
    'rollBack',
    'showLog',
  ]);
  const next = 'Flux will apply it at its next reconcile';
  assert.equal(
    endingOf(action, { result: 'stopped', done: 'committed and pushed', next }, t).text,
    'Stopped. Committed and pushed; Flux will apply it at its next reconcile.',
  );
});

test('a commit needs a message that Git and people can read', () => {
  assert.equal(messageProblem('Raise the limit', t), undefined);
  assert.equal(messageProblem('  ', t), 'A commit needs a message.');
  assert.equal(messageProblem('# note', t), 'Git takes lines that begin with # for comments.');
  assert.match(messageProblem('x'.repeat(73), t) ?? '', /^73 characters/);
});

test('files say what happened to them, and what is staged in part says so', () => {
  const file = { path: 'apps/web/deployment.yaml', staged: true, unstaged: true, change: 'modified' } as const;
  assert.deepEqual(shownChangesOfFile(file, t), {
    value: 'apps/web/deployment.yaml',
    label: 'deployment.yaml',
    description: 'apps/web · modified',
    detail: 'staged in part: the commit holds what is staged',
    picked: true,
  });
  assert.equal(
    shownChangesOfFile({ ...file, path: 'a.yaml', change: 'untracked', staged: false }, t).detail,
    undefined,
  );
  assert.equal(shownChangesOfFile({ ...file, change: 'unmerged' }, t).picked, false);
});

test('revisions: the last healthy one first and marked, each once, those not applied after', () => {
  const wording = { t, now: new Date('2026-11-21T12:00:00Z') };
  const id = (letter: string): string => letter.repeat(40);
  const commit = (letter: string): { id: string; subject: string; author: string; at: string } => ({
    id: id(letter),
    subject: `Change ${letter}`,
    author: 'anna',
    at: '2026-11-20T12:00:00Z',
  });
  const items = revisionItems(
    [
      { revision: id('d'), outcome: 'succeeded', healthy: false, current: true, at: '2026-11-21T11:00:00Z' },
      { revision: id('c'), outcome: 'failed' },
      { revision: id('b'), outcome: 'succeeded', healthy: true, at: '2026-11-19T12:00:00Z', by: 'flux' },
    ],
    ['d', 'c', 'b', 'a'].map(commit),
    id('d'),
    wording,
  );
  assert.deepEqual(
    items.map((item) => `${item.label} | ${item.description ?? ''}`),
    [
      'bbbbbbb Change b | last healthy',
      'ddddddd Change d | applied now · not healthy',
      'ccccccc Change c | failed',
      'aaaaaaa Change a | ',
    ],
  );
  const unsaid = revisionItems([{ revision: id('b'), outcome: 'succeeded' }], [], id('d'), wording);
  assert.equal(unsaid[0]?.description, 'last applied before', 'nobody says that it was healthy');
  assert.match(items[0]?.detail ?? '', /^applied 2 days ago · anna · by flux$/);
});

test('what a reload interrupted is told once', () => {
  const values = new Map<string, unknown>();
  const keep = {
    get: (name: string): unknown => values.get(name),
    update: (name: string, value: unknown): Promise<void> => {
      values.set(name, structuredClone(value));
      return Promise.resolve();
    },
  };
  const journal = new ActionJournal(keep);
  const first = journal.begin({ action: 'Sync', application: 'a', context: 'x' });
  const second = journal.begin({ action: 'Roll Back', application: 'b', context: 'x' });
  second.progress('✓ committed 6a1b3c0');
  first.end();
  const expected: JournalEntry[] = [
    { action: 'Roll Back', application: 'b', context: 'x', progress: '✓ committed 6a1b3c0' },
  ];
  assert.deepEqual(new ActionJournal(keep).takeInterrupted(), expected);
  assert.deepEqual(new ActionJournal(keep).takeInterrupted(), []);
  second.end();
  assert.deepEqual(new ActionJournal(keep).takeInterrupted(), []);
  values.set('plumbline.runningActions', [{ action: 1 }, 'x', null]);
  assert.deepEqual(new ActionJournal(keep).takeInterrupted(), []);
});
