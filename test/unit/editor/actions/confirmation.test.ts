import assert from 'node:assert/strict';
import { test } from 'node:test';
import { english as t } from '../../../../src/core/explain/wording.ts';
import { planReport } from '../../../../src/core/reconcile/planReport.ts';
import type { Gate, PlanAction, PlanReport, PlanStep } from '../../../../src/core/report.ts';
import {
  type Subject,
  commitConfirmation,
  resumeConfirmation,
  rollbackConfirmation,
  suspendConfirmation,
  syncConfirmation,
  typedNameProblem,
  worseConfirmation,
  worseThan,
} from '../../../../src/editor/actions/model/confirmation.ts';
import { restoreConfirmation } from '../../../../src/editor/actions/model/restoreConfirmation.ts';

const flux: Subject = {
  application: 'podinfo',
  engine: 'flux',
  control: { namespace: 'flux-system', name: 'podinfo' },
  context: 'prod-eu',
  isProtected: true,
};
const direct: Subject = { application: 'overlays/prod', engine: 'direct', context: 'staging', isProtected: false };
const sha = '6a1b3c0000000000000000000000000000000000';

function step(action: PlanAction, kind: string, name: string, given: Partial<PlanStep> = {}): PlanStep {
  const head = { group: '', version: 'v1', kind, namespace: 'shop', name, action, wave: 0 };
  return { ...head, basis: 'server', reasons: [], changes: [], ...given };
}

const plan = (steps: PlanStep[], gates: Gate[] = []): PlanReport =>
  planReport({ application: 'podinfo', context: 'prod-eu', from: 'live', to: sha, gates }, steps);

const several = (action: PlanAction, count: number): PlanStep[] =>
  Array.from({ length: count }, (_, index) => step(action, 'ConfigMap', `c${String(index)}`));

test('a sync names engine, revision and exact counts; a protected context says what comes next', () => {
  const seen = {
    plan: plan([...several('create', 1), ...several('configure', 2), ...several('unchanged', 9)]),
    problems: [],
  };
  assert.deepEqual(syncConfirmation(flux, seen, sha, t), {
    message: 'Sync podinfo to prod-eu?',
    detail: [
      'Flux Kustomization flux-system/podinfo, revision 6a1b3c0',
      '1 create · 2 configure · 0 prune',
      'prod-eu is protected: its name is asked for next.',
    ].join('\n'),
    buttons: ['Sync'],
  });
});

test('what is deleted is named, and what destroys data stands apart', () => {
  const steps = [
    ...several('prune', 7),
    step('recreate', 'Job', 'migrate'),
    step('prune', 'PersistentVolumeClaim', 'cache', { destroysData: true }),
  ];
  const { detail, buttons } = syncConfirmation(flux, { plan: plan(steps), problems: [] }, sha, t);
  assert.deepEqual(detail.split('\n').slice(1, 5), [
    '0 create · 0 configure · 1 recreate · 8 prune',
    'Prunes ConfigMap shop/c0, ConfigMap shop/c1, ConfigMap shop/c2, ConfigMap shop/c3, ConfigMap shop/c4 and 2 more',
    'Deletes and creates anew Job shop/migrate',
    '⚠ DESTROYS DATA: PersistentVolumeClaim shop/cache',
  ]);
  assert.deepEqual(buttons, ['Sync'], 'Flux decides by itself whether it prunes');
});

test('where Plumbline itself applies, pruning has a button of its own', () => {
  const seen = { plan: plan(several('prune', 1)), problems: [] };
  const { detail, buttons } = syncConfirmation(direct, seen, 'worktree', t);
  assert.deepEqual(buttons, ['Sync', 'Sync and Prune']);
  assert.deepEqual(detail.split('\n'), [
    'Applied by Plumbline itself, from the files as they are.',
    '0 create · 0 configure · 1 prune',
    'Prunes ConfigMap shop/c0',
    'Sync keeps what would be pruned; Sync and Prune deletes it.',
  ]);
});

test('a plan that could not be made, or not be made whole, says so', () => {
  const problem = { code: 'forbidden', severity: 'error', message: 'You may not read Deployments in shop.' } as const;
  const none = syncConfirmation(direct, { problems: [problem] }, 'worktree', t).detail;
  assert.match(none, /⚠ What it will do could not be foreseen: You may not read Deployments in shop\./);
  assert.match(syncConfirmation(direct, { problems: [] }, 'worktree', t).detail, /staging gave no answer/);
  const partly = syncConfirmation(
    direct,
    { plan: plan(several('create', 1)), problems: [problem, problem] },
    'worktree',
    t,
  );
  assert.match(
    partly.detail,
    /1 create .*\n⚠ The plan is not whole: You may not read Deployments in shop\. 1 more problems\./,
  );
  const warning = { ...problem, severity: 'warning' as const };
  assert.doesNotMatch(syncConfirmation(direct, { plan: plan([]), problems: [warning] }, 'worktree', t).detail, /⚠/);
});

test('what was not asked of the server is said', () => {
  const steps = [step('create', 'Role', 'a'), step('create', 'Role', 'b', { basis: 'simulated' })];
  const detail = (list: PlanStep[]): string =>
    syncConfirmation(direct, { plan: plan(list), problems: [] }, sha, t).detail;
  assert.match(detail(steps), /Simulated, not asked of the API server: 1 of 2 steps\./);
  assert.match(detail(steps.slice(1)), /Simulated: the API server was not asked\./);
  assert.match(detail(several('unchanged', 3)), /Changes nothing: 3 objects are as Git says\./);
});

test('commit and sync says what Git gets, and where it goes', () => {
  const gates: Gate[] = [
    { kind: 'not-pushed', message: '1 commit not pushed.' },
    { kind: 'dependency-not-ready', message: 'Kustomization infra is not ready.', remedy: 'Look at it first.' },
  ];
  const seen = { plan: plan(several('configure', 1), gates), problems: [] };
  const commit = { files: 2, branch: 'main', pushesTo: 'origin/main', alsoPushed: 1 };
  assert.deepEqual(commitConfirmation({ ...flux, isProtected: false }, seen, commit, t), {
    message: 'Commit and sync podinfo to prod-eu?',
    detail: [
      'Commits 2 files on main and pushes to origin/main.',
      'The push takes 1 earlier commit along.',
      'Then Flux Kustomization flux-system/podinfo fetches and applies it.',
      '0 create · 1 configure · 0 prune',
      '⏸ Kustomization infra is not ready. Look at it first.',
    ].join('\n'),
    buttons: ['Commit and Sync'],
  });
  const first = (given: Partial<typeof commit> | { pushesTo: undefined }): string | undefined =>
    commitConfirmation(direct, seen, { ...commit, ...given }, t).detail.split('\n')[0];
  assert.equal(first({ files: 1, pushesTo: undefined }), 'Commits 1 file on main; there is no remote to push to.');
  assert.equal(first({ files: 0 }), 'Nothing is committed; what is not pushed is pushed to origin/main.');
});

test('a rollback names the revision, the files, and others that change with it', () => {
  const subject = {
    ...{ ...flux, isProtected: false },
    ...{ revision: '9f2e1d0', branch: 'main', paths: ['a/x', 'a/y', 'a/z'], below: 'apps/podinfo' },
    ...{ pushesTo: 'origin/main', alsoPushed: 0 },
  };
  const data = step('prune', 'PersistentVolumeClaim', 'podinfo-cache', { destroysData: true });
  const seen = { plan: plan([...several('configure', 2), data]), problems: [] };
  const shared = [{ application: 'monitoring', files: ['a/x'], plan: plan(several('prune', 1)) }];
  const { message, detail, buttons } = rollbackConfirmation(subject, seen, shared, t);
  assert.equal(message, 'Roll back podinfo on prod-eu to 9f2e1d0?');
  assert.deepEqual(detail.split('\n'), [
    'One new commit on main restores 3 files below apps/podinfo, then it is pushed and synced.',
    '0 create · 2 configure · 1 prune',
    '⚠ DESTROYS DATA: PersistentVolumeClaim shop/podinfo-cache',
    'monitoring reads a/x and changes as well: 0 create · 0 configure · 1 prune',
    'Deletes there: ConfigMap shop/c0',
  ]);
  assert.deepEqual(buttons, ['Roll Back', 'Show Plan']);
  const own = rollbackConfirmation({ ...subject, ...direct, paths: [] }, seen, [], t);
  assert.deepEqual(own.buttons, ['Roll Back', 'Roll Back and Prune', 'Show Plan']);
  assert.match(own.detail, /^Its sources are what they were already: nothing is committed; it is synced\./);
});

test('a restore tells each field from what is live to what Git says, never a secret one', () => {
  const field = { segments: [], op: 'changed', status: 'drifted', basis: 'last-applied' } as const;
  const rest = { cause: 'edit', next: 'unknown', managers: [] } as const;
  const changes: PlanStep['changes'] = [
    { ...field, ...rest, segments: [], managers: [], path: 'spec.replicas', live: 5, desired: 3 },
    { ...field, ...rest, segments: [], managers: [], path: 'data.password', masked: true },
    { ...field, ...rest, segments: [], managers: [], path: 'data.gone', desired: 'x' },
    { ...field, ...rest, segments: [], managers: [], path: 'data.extra', live: 'y' },
  ];
  const one = step('configure', 'Deployment', 'web', { changes });
  const by = { engine: 'direct', manager: 'kubectl', migration: 'it was applied client-side' } as const;
  const added = { ...field, ...rest, segments: [], managers: [], path: 'metadata.labels.by' };
  const own = restoreConfirmation(
    direct,
    { step: one, plan: plan([one]), by, keeps: [...changes.slice(0, 1), added] },
    t,
  );
  assert.equal(own.message, 'Restore Deployment shop/web in staging to what Git says?');
  assert.deepEqual(own.detail.split('\n'), [
    'spec.replicas: 5 → 3',
    'data.password: the values are secret',
    'data.gone: set to x',
    'data.extra: y is removed',
    'The whole object is applied as Git declares it, by the manager kubectl.',
    'Ownership: it was applied client-side.',
    'Stays as it is, because others own it: metadata.labels.by',
  ]);
  const all = plan([one, ...several('prune', 1)]);
  const under = { engine: 'flux', kustomization: 'Kustomization flux-system/podinfo', revision: sha } as const;
  const { detail } = restoreConfirmation(
    flux,
    { step: step('create', 'Role', 'r'), plan: all, by: under, keeps: [] },
    t,
  );
  assert.deepEqual(detail.split('\n'), [
    'It is not in the cluster and is created.',
    'Flux reconciles Kustomization flux-system/podinfo at 6a1b3c0: all of podinfo, not this object alone.',
    '0 create · 1 configure · 1 prune',
    'Prunes ConfigMap shop/c0',
    'prod-eu is protected: its name is asked for next.',
  ]);
});

test('suspend and resume say what they mean for pushes and edits', () => {
  const what = { what: 'Kustomization flux-system/podinfo', warnings: ['Git declares spec.suspend of it.'] };
  const suspend = suspendConfirmation({ ...flux, isProtected: false }, what, t);
  assert.equal(suspend.message, 'Suspend podinfo on prod-eu?');
  assert.equal(
    suspend.detail,
    'Flux leaves Kustomization flux-system/podinfo alone until it is resumed: pushes change nothing, and edits by hand stay.\n⚠ Git declares spec.suspend of it.',
  );
  const held = resumeConfirmation(flux, { ...what, warnings: [] }, { problems: [] }, t);
  assert.match(held.detail, /It applies what was pushed, which is not what the files here say\./);
  const gates: Gate[] = [{ kind: 'suspended', message: 'Kustomization podinfo is suspended.' }];
  const shown = resumeConfirmation(
    flux,
    { ...what, warnings: [] },
    { plan: plan(several('configure', 1), gates), problems: [] },
    t,
  );
  assert.match(shown.detail, /0 create · 1 configure · 0 prune/);
  assert.doesNotMatch(shown.detail, /⏸/);
});

test('a plan that got worse is asked about again; one that only got better is not', () => {
  const before = plan([...several('prune', 1), ...several('configure', 1)]);
  assert.deepEqual(worseThan(before, plan(several('prune', 1)), t), []);
  assert.deepEqual(worseThan(before, plan([...several('create', 4), ...several('configure', 3)]), t), []);
  const later = plan([...several('prune', 2), step('recreate', 'Job', 'j'), step('blocked', 'Role', 'r')]);
  const worse = worseThan(before, later, t);
  assert.deepEqual(worse, [
    'now also prunes ConfigMap shop/c1',
    'now also deletes and creates anew Job shop/j',
    'now blocked: Role shop/r',
  ]);
  assert.deepEqual(worseThan(before, undefined, t), ['it cannot be foreseen any more']);
  assert.deepEqual(worseThan(undefined, plan(several('prune', 1)), t), ['now also prunes ConfigMap shop/c0']);
  const again = worseConfirmation(syncConfirmation(direct, { plan: before, problems: [] }, sha, t), worse, t);
  assert.match(again.detail, /^Meanwhile the plan has changed:\n• now also prunes ConfigMap shop\/c1\n/);
});

test('a protected name is typed exactly', () => {
  assert.equal(typedNameProblem('prod-eu', 'prod-eu', t), undefined);
  assert.equal(typedNameProblem('prod-eu', ' prod-eu ', t), undefined);
  for (const typed of ['', 'prod', 'PROD-EU', 'prod-eu2', 'yes']) {
    assert.equal(typedNameProblem('prod-eu', typed, t), 'Type prod-eu to go on, or press Escape.');
  }
});
