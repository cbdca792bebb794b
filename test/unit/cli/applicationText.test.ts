import assert from 'node:assert/strict';
import { test } from 'node:test';
import { printApplications } from '../../../src/cli/output/applicationText.ts';
import { printDrift } from '../../../src/cli/output/driftText.ts';
import { printHistory } from '../../../src/cli/output/historyText.ts';
import { printJson } from '../../../src/cli/output/printJson.ts';
import { terminalStyle } from '../../../src/cli/output/style.ts';
import type { ApplicationReport, History } from '../../../src/core/report.ts';
import { application, object, report } from '../editor/reportFixture.ts';

const style = terminalStyle(false, 110);
const at = '2026-11-21T12:00:00Z';

const spoke: ApplicationReport = application('shop', {
  id: 'argocd:argocd/shop',
  engine: 'argocd',
  destination: { context: '' },
  applied: { revision: 'a'.repeat(40), at },
  sync: { status: 'out-of-sync' },
  health: 'degraded',
  notCompared: 'its objects are elsewhere',
  gates: [{ kind: 'auto-sync-off', message: 'Auto-sync is off.', remedy: 'Sync it in Argo CD.' }],
});

test('applications: what they were found from, what is said of them, what stands in their way', () => {
  const plain = application('apps/plain', { source: { kind: 'directory', path: 'apps/plain', revision: 'worktree' } });
  const local = { ...plain, destination: { context: '' } };
  const text = printApplications(
    { kind: 'ApplicationList', version: 1, at, applications: [spoke, local], problems: [] },
    style,
  );
  assert.equal(
    text,
    [
      'argocd:argocd/shop  kustomize, Argo CD · path shop · applied aaaaaaa · sync out-of-sync · health degraded · not compared: its objects are elsewhere',
      '  ⏸ Auto-sync is off. Sync it in Argo CD.',
      'apps/plain          directory',
      '',
    ].join('\n'),
  );
});

test('drift: gates below the application, and an unknown cluster said so', () => {
  const pushed = application('web', {
    engine: 'flux',
    gates: [{ kind: 'not-pushed', message: '1 commit not pushed.', remedy: 'Push first.' }],
    objects: [object('ConfigMap', 'settings')],
  });
  const lines = printDrift(report([spoke, pushed]), style, 0.1)
    .split('\n')
    .map((line) => line.replaceAll(/ {2,}/g, '  '));
  assert.deepEqual(lines.slice(0, 4), [
    'shop (Argo CD, worktree, out of sync, degraded) on an unknown cluster  not compared',
    '  ⏸ Auto-sync is off. Sync it in Argo CD.',
    'web (Flux, worktree) on prod-eu  1 in sync',
    '  ⏸ 1 commit not pushed. Push first.',
  ]);
});

test('drift: what was not compared is no good news', () => {
  const compared = application('web', { objects: [object('ConfigMap', 'settings')] });
  const last = (applications: ApplicationReport[]): string | undefined =>
    printDrift(report(applications), style, 0.1).trimEnd().split('\n').at(-1);
  assert.equal(last([spoke, spoke]), 'nothing was compared in 2 applications, 0.1 s');
  assert.match(last([spoke, compared]) ?? '', /^nothing to report in 2 applications \(1 not compared\), /);
  assert.match(last([compared]) ?? '', /^nothing to report in 1 application, /);
  assert.match(last([]) ?? '', /^nothing to report in 0 applications, /);
});

test('history: newest first, the current one marked, what nothing remembers said', () => {
  const history: History = {
    kind: 'History',
    version: 1,
    at,
    problems: [],
    histories: [
      {
        application: 'flux:a/web',
        name: 'web',
        engine: 'flux',
        context: 'prod-eu',
        complete: true,
        entries: [
          { revision: 'b'.repeat(40), outcome: 'failed', message: 'no such file', by: 'Flux' },
          {
            revision: 'a'.repeat(40),
            outcome: 'succeeded',
            healthy: true,
            current: true,
            subject: 'Add',
            author: 'Ada',
          },
        ],
      },
      { application: 'x', name: 'x', engine: 'direct', context: 'prod-eu', complete: false, entries: [] },
    ],
  };
  const lines = printHistory(history, style)
    .split('\n')
    .map((line) => line.replaceAll(/ {3,}/g, '   ').trimEnd());
  assert.deepEqual(lines, [
    'web (Flux) on prod-eu',
    '   ✗ bbbbbbb  Flux, no such file',
    '  → ✓ aaaaaaa  healthy   Add (Ada)',
    'x (direct) on prod-eu',
    '   nothing is recorded',
    '',
  ]);
});

test('JSON holds integers beyond 2^53 as strings', () => {
  assert.equal(printJson({ a: 9007199254740993n, b: 1 }), '{\n  "a": "9007199254740993",\n  "b": 1\n}\n');
});
