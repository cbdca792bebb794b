import type { PathSegment } from '../../../src/core/location.ts';
import type { Problem } from '../../../src/core/problem.ts';
import type {
  ApplicationReport,
  DriftReport,
  FieldChange,
  ObjectReport,
  ObjectStatus,
} from '../../../src/core/report.ts';
import { formatPath } from '../../../src/core/schema/path.ts';
import type { DriftView } from '../../../src/editor/sessions/viewState.ts';
import type { KeptSource } from '../../../src/services/drift/prepareComparison.ts';
import { type Wording, english } from '../../../src/core/explain/wording.ts';

export const now = new Date('2026-11-21T12:00:00Z');
export const wording: Wording = { t: english, now };

/** A path from its parts: texts are fields, objects are keys of list items. */
export function segments(...parts: (string | Record<string, string>)[]): PathSegment[] {
  return parts.map((part) => (typeof part === 'string' ? { field: part } : { key: part }));
}

export function change(path: PathSegment[], given: Partial<FieldChange> = {}): FieldChange {
  return {
    path: formatPath(path),
    segments: path,
    op: 'changed',
    status: 'drifted',
    basis: 'last-applied',
    cause: 'edit',
    next: 'unknown',
    managers: [],
    ...given,
  };
}

export function object(kind: string, name: string, given: Partial<ObjectReport> = {}): ObjectReport {
  return { group: '', version: 'v1', kind, namespace: 'podinfo', name, status: 'synced', changes: [], ...given };
}

export function application(name: string, given: Partial<ApplicationReport> = {}): ApplicationReport {
  return {
    id: name,
    name,
    engine: 'direct',
    source: { kind: 'kustomize', path: name, revision: 'worktree' },
    destination: { context: 'prod-eu' },
    gates: [],
    objects: [],
    ...given,
  };
}

export function report(applications: ApplicationReport[], given: Partial<DriftReport> = {}): DriftReport {
  const summary = { objects: 0, ignored: 0 } as DriftReport['summary'];
  const statuses: ObjectStatus[] = [
    'synced',
    'drifted',
    'pending',
    'conflict',
    'missing',
    'create',
    'extra',
    'unknown',
  ];
  for (const status of statuses) summary[status] = 0;
  for (const { objects } of applications) {
    for (const { status } of objects) {
      summary[status] += 1;
      summary.objects += 1;
    }
  }
  return { kind: 'DriftReport', version: 1, at: now.toISOString(), applications, problems: [], summary, ...given };
}

export function view(applications: ApplicationReport[], given: Partial<DriftReport> = {}): DriftView {
  return {
    root: '/repo',
    context: 'prod-eu',
    snapshot: { state: 'ready', report: report(applications, given) },
    paused: false,
  };
}

/** The same view while a source cannot be read: what it holds is what was known at 11:58:07. */
export function keptView(shown: DriftView, id: string, reason: Problem, files: readonly string[]): DriftView {
  const { report: before } = shown.snapshot;
  const source = {
    since: '2026-11-21T11:58:07Z',
    reason,
    files: new Set(files),
    keys: new Set<string>(),
    read: {} as KeptSource['read'],
  };
  return {
    ...shown,
    snapshot: {
      ...shown.snapshot,
      report: { ...before, problems: [...before.problems, reason] },
      kept: new Map([[id, source]]),
    },
  };
}

/** The application of ui.md: two drifted fields, a pending one, and some in sync. */
export function podinfo(inSync = 23): ApplicationReport {
  const containers = segments('spec', 'template', 'spec', 'containers', { name: 'podinfo' }, 'image');
  return application('podinfo', {
    engine: 'flux',
    source: { kind: 'kustomize', path: 'apps/podinfo', revision: 'main@6a1b3c0' },
    objects: [
      ...Array.from({ length: inSync }, (_, index) => object('Service', `s${String(index).padStart(2, '0')}`)),
      object('ConfigMap', 'podinfo-config', {
        status: 'pending',
        changes: [
          change(segments('data', 'ui.color'), {
            status: 'pending',
            desired: '#34577c',
            live: '#ffffff',
            location: { file: 'apps/podinfo/config.yaml', line: 8, column: 13, via: 'manifest' },
          }),
        ],
      }),
      object('Deployment', 'podinfo', {
        group: 'apps',
        status: 'drifted',
        health: 'healthy',
        location: { file: 'apps/podinfo/deployment.yaml', line: 1, via: 'manifest' },
        changes: [
          change(segments('spec', 'replicas'), {
            desired: 3,
            live: 5,
            next: 'reverted',
            managers: [{ name: 'kubectl-edit', operation: 'Update', time: '2026-11-21T11:46:00Z' }],
            location: { file: 'apps/podinfo/deployment.yaml', line: 21, column: 3, endColumn: 14, via: 'manifest' },
          }),
          change(containers, {
            desired: '6.7.0',
            live: '6.7.1',
            managers: [{ name: 'kubectl-set', operation: 'Update', time: '2026-11-21T10:00:00Z' }],
            location: { file: 'overlays/prod/kustomization.yaml', line: 9, column: 13, via: 'image' },
          }),
          change(segments('spec', 'paused'), { status: 'ignored' }),
        ],
      }),
    ],
  });
}
