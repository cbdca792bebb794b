import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FieldChange } from '../../../src/core/report.ts';
import {
  type FindingKind,
  type SeverityChoice,
  findingDiagnostics,
  isUnplaced,
  lineFindings,
  problemDiagnostics,
} from '../../../src/editor/views/model/diagnostics.ts';
import { application, change, keptView, object, podinfo, segments, view, wording } from './reportFixture.ts';

const usual = (kind: FindingKind): SeverityChoice => (kind === 'pending' ? 'information' : 'warning');

function rows(...views: ReturnType<typeof view>[]): string[] {
  return findingDiagnostics(lineFindings(views), usual, wording).map(
    ({ location, severity, code, message }) => `${location.file}:${location.line} ${severity} ${code}: ${message}`,
  );
}

test('one diagnostic per deciding line, most urgent first', () => {
  assert.deepEqual(rows(view([podinfo()])), [
    'apps/podinfo/deployment.yaml:21 warning drifted: live is 5 in prod-eu (Git says 3): kubectl-edit, 14 minutes ago. Flux will revert it at its next reconcile.',
    'overlays/prod/kustomization.yaml:9 warning drifted: live is 6.7.1 in prod-eu (Git says 6.7.0): kubectl-set, 2 hours ago.',
    'apps/podinfo/config.yaml:8 information pending: live is #ffffff in prod-eu (Git says #34577c). Not applied yet.',
  ]);
});

/** The message for a single change. */
function message(given: Partial<FieldChange>, engine: 'direct' | 'flux' = 'direct'): string {
  const location = { file: 'a.yaml', line: 3, via: 'manifest' } as const;
  const item = change(segments('spec', 'replicas'), { location, ...given });
  const objects = [object('Deployment', 'd', { status: 'drifted', changes: [item] })];
  return rows(view([application('a', { engine, objects })]))[0]?.replace(/^.*?: /, '') ?? '';
}

test('the sentence of a finding', () => {
  const cases: [Partial<FieldChange>, string][] = [
    [{ desired: 3, live: 5 }, 'live is 5 in prod-eu (Git says 3).'],
    [
      { desired: 3, live: 5, note: 'removed, by whom unknown' },
      'live is 5 in prod-eu (Git says 3): removed, by whom unknown.',
    ],
    [{ op: 'removed', desired: 3 }, 'spec.replicas is not live in prod-eu (Git says 3).'],
    [{ op: 'added', live: 5 }, 'spec.replicas is 5 in prod-eu and not in Git.'],
    [{ masked: true }, 'spec.replicas differs in prod-eu; the values are secret.'],
    [
      { desired: 3, live: 5, cause: 'controller' },
      'live is 5 in prod-eu (Git says 3). A controller sets it; the next apply resets it.',
    ],
    [
      { desired: 3, live: 5, managers: [{ name: 'kubectl', operation: 'Update', subresource: 'scale' }] },
      'live is 5 in prod-eu (Git says 3): kubectl (scale).',
    ],
    [{ desired: 'on', live: 'off' }, 'live is "off" in prod-eu (Git says "on").'],
  ];
  for (const [given, expected] of cases) assert.equal(message(given), expected);
  assert.equal(
    message({ desired: 3, live: 5, next: 'kept' }, 'flux'),
    'live is 5 in prod-eu (Git says 3). Flux will leave it.',
  );
});

test('objects that are missing or not applied yet stand where they are declared', () => {
  const location = { file: 'a.yaml', line: 1, via: 'manifest' } as const;
  const objects = [
    object('Role', 'gone', { status: 'missing', location }),
    object('Role', 'new', { status: 'create', location: { ...location, line: 9 } }),
    object('Role', 'nowhere', { status: 'missing' }),
    object('Role', 'left', { status: 'extra', location: { ...location, line: 20 } }),
  ];
  assert.deepEqual(rows(view([application('a', { objects })])), [
    'a.yaml:1 warning missing: Role podinfo/gone is missing in prod-eu: Git declares it, the cluster lost it.',
    'a.yaml:9 information pending: Role podinfo/new is not in prod-eu yet.',
  ]);
});

test('several applications on one line are one diagnostic that names all of them', () => {
  const twice = [podinfo(), { ...podinfo(), id: 'staging', name: 'staging' }];
  const [first] = findingDiagnostics(lineFindings([view(twice)]), usual, wording);
  assert.match(first?.message ?? '', /1 more finding on this line\.$/);
  assert.deepEqual(
    first?.related.map((item) => item.message),
    [
      'spec.replicas: Deployment podinfo/podinfo of podinfo in prod-eu',
      'spec.replicas: Deployment podinfo/podinfo of staging in prod-eu',
    ],
  );
});

test('a kind that is off is left out, and does not hide another one on its line', () => {
  const views = [view([podinfo()])];
  const codes = (off: FindingKind): string[] =>
    findingDiagnostics(lineFindings(views), (kind) => (kind === off ? 'off' : 'error'), wording).map(
      (item) => item.code,
    );
  assert.deepEqual(codes('pending'), ['drifted', 'drifted']);
  assert.deepEqual(codes('drifted'), ['pending']);
});

test('ignored changes and changes without a place have no diagnostic', () => {
  const changes = [change(segments('spec', 'a')), change(segments('spec', 'b'), { status: 'ignored' })];
  assert.deepEqual(
    rows(view([application('a', { objects: [object('Role', 'r', { status: 'drifted', changes })] })])),
    [],
  );
});

test('problems with a place in the repository are diagnostics once', () => {
  const problem = {
    code: 'invalid-yaml',
    severity: 'error',
    message: 'a.yaml: bad indentation.',
    remedy: 'Indent it.',
    location: { file: 'a.yaml', line: 2, via: 'manifest' },
  } as const;
  const kubeconfig = {
    ...problem,
    code: 'invalid-kubeconfig',
    location: { file: '/home/u/.kube/config', via: 'manifest' },
  } as const;
  const views = [
    view([], { problems: [problem, problem, kubeconfig, { code: 'unreachable', severity: 'error', message: 'x' }] }),
  ];
  assert.deepEqual(
    problemDiagnostics(views, 'warning').map((item) => [item.code, item.severity, item.message]),
    [['invalid-yaml', 'warning', 'a.yaml: bad indentation. Indent it.']],
  );
  assert.deepEqual(problemDiagnostics(views, 'off'), []);
});

test('of a file that cannot be read nobody but the editor knows where its lines are; other files keep theirs', () => {
  const reason = { code: 'invalid-yaml', severity: 'error', message: 'no YAML', application: 'podinfo' } as const;
  const shown = keptView(view([podinfo()]), 'podinfo', reason, ['apps/podinfo/deployment.yaml']);
  const findings = lineFindings([shown]);
  const files = (unplaced: boolean): string[] =>
    findings.filter((finding) => isUnplaced(finding) === unplaced).map(({ location }) => location.file);
  assert.deepEqual(files(true), ['apps/podinfo/deployment.yaml']);
  assert.deepEqual(files(false), ['overlays/prod/kustomization.yaml', 'apps/podinfo/config.yaml']);
});
