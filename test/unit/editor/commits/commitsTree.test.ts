import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planReport } from '../../../../src/core/reconcile/planReport.ts';
import type { PlanStep } from '../../../../src/core/report.ts';
import type { Commit } from '../../../../src/ports/gitRepository.ts';
import { answerText } from '../../../../src/editor/commits/model/answer.ts';
import type { CommitNode, CommitsInput } from '../../../../src/editor/commits/model/commitNode.ts';
import { rootId, rowOf } from '../../../../src/editor/commits/model/commitNodes.ts';
import { CommitsTree } from '../../../../src/editor/commits/model/commitsTree.ts';
import { shortReason } from '../../../../src/editor/commits/model/planLooks.ts';
import { english } from '../../../../src/core/explain/wording.ts';
import type { CommitStages, Stage } from '../../../../src/services/commits/commitStages.ts';
import type { CommitsSnapshot } from '../../../../src/services/commits/commitsSession.ts';
import type { EngineState } from '../../../../src/services/commits/engineState.ts';
import type { PlanState } from '../../../../src/services/commits/planQueue.ts';
import { application, change, object, podinfo, segments, wording } from '../reportFixture.ts';

const minutesAgo = (minutes: number): string => new Date(wording.now.getTime() - minutes * 60_000).toISOString();

const commit = (sign: string, subject: string, minutes: number): Commit => ({
  id: sign.repeat(40),
  subject,
  author: 'anna',
  at: minutesAgo(minutes),
});
const raise = commit('6', 'raise memory limit', 5);
const scale = commit('9', 'scale podinfo down', 3 * 24 * 60);

function step(action: PlanStep['action'], kind: string, name: string, given: Partial<PlanStep> = {}): PlanStep {
  return {
    group: '',
    version: 'v1',
    kind,
    namespace: 'podinfo',
    name,
    action,
    wave: 1,
    basis: 'server',
    reasons: [],
    changes: [],
    ...given,
  };
}

function plan(...steps: PlanStep[]): PlanState {
  const head = { application: 'podinfo', context: 'prod-eu', from: 'live', to: 'x', gates: [] };
  return {
    state: 'ready',
    plan: { report: planReport(head, steps), objects: new Map(), afterOthers: false, files: [], problems: [] },
  };
}

const replicas = change(segments('spec', 'replicas'), { status: 'pending', live: 3, desired: 5 });

interface Given {
  stages?: Partial<CommitStages>;
  engine?: Partial<EngineState>;
  plans?: [string, PlanState][];
  snapshot?: Partial<CommitsSnapshot>;
  report?: CommitsInput['report'];
  error?: Error;
}

function input(given: Given): CommitsInput {
  return {
    root: '/repo',
    context: 'prod-eu',
    snapshot: {
      application: { id: 'podinfo', name: 'podinfo' } as CommitsSnapshot['application'],
      context: 'prod-eu',
      engine: { engine: 'flux', fetches: true, gates: [], ...given.engine },
      stages: { head: { commit: raise.id }, unapplied: [], edited: [], problems: [], ...given.stages },
      plans: new Map(given.plans),
      problems: [],
      ...given.snapshot,
    },
    report: given.report,
    error: given.error,
    wording,
  };
}

/** The tree as a person reads it: icon, label, description, indented; folded rows are not entered. */
function picture(tree: CommitsTree, id?: string, depth = 0): string[] {
  return tree.children(id).flatMap((node) => {
    const row = `${'  '.repeat(depth)}${node.icon.id} ${node.label}${node.description === '' ? '' : ` | ${node.description}`}`;
    return node.children === 'expanded' ? [row, ...picture(tree, node.id, depth + 1)] : [row];
  });
}

function treeOf(given: Given): CommitsTree {
  const tree = new CommitsTree();
  tree.update(input(given));
  return tree;
}

const waiting = (stage: Stage, of = raise): Partial<CommitStages> => ({ unapplied: [{ commit: of, stage }] });
const edited: Partial<CommitStages> = {
  edited: [{ path: 'apps/podinfo/deployment.yaml', staged: false, unstaged: true, change: 'modified' }],
};

test('the view of ui.md', () => {
  const tree = treeOf({
    stages: {
      ...edited,
      unapplied: [
        { commit: raise, stage: 'not-pushed' },
        { commit: commit('7', 'add a probe', 90), stage: 'not-fetched' },
      ],
      pushedTo: 'origin/main',
      applied: { revision: scale.id, commit: scale },
      olderThan: scale.id,
    },
    engine: {
      interval: '1m0s',
      appliedAt: minutesAgo(3 * 24 * 60),
      gates: [
        {
          kind: 'suspended',
          message: 'Kustomization podinfo is suspended.',
          remedy: 'Resume it, or this will not deploy.',
        },
      ],
    },
    plans: [
      [
        'worktree',
        plan(
          step('configure', 'Deployment', 'backend', { group: 'apps', changes: [replicas] }),
          step('configure', 'ConfigMap', 'settings', { basis: 'simulated', changes: [replicas, replicas, replicas] }),
          step('prune', 'PersistentVolumeClaim', 'cache', { wave: 3, basis: 'simulated', destroysData: true }),
          step('create', 'Secret', 'login'),
          step('unchanged', 'Service', 'web'),
          step('blocked', 'Deployment', 'podinfo', {
            group: 'apps',
            reasons: [
              'Deployment.apps "podinfo" is invalid: spec.selector: Invalid value: {"matchLabels":{"app":"x"}}: field is immutable',
            ],
          }),
        ),
      ],
      [raise.id, plan(step('configure', 'Deployment', 'podinfo', { changes: [replicas] }))],
      ['7'.repeat(40), { state: 'computing' }],
    ],
    report: podinfo(),
  });
  assert.deepEqual(picture(tree), [
    'edit Working tree | +1 ~2 −1 · blocked 1 · 1 file',
    '  error Deployment podinfo | spec.selector is immutable',
    '  remove PersistentVolumeClaim cache | prune · destroys data',
    '  add Secret login | create',
    '  edit ConfigMap settings | replicas 3 → 5, 2 more fields · simulated',
    '  edit Deployment backend | replicas 3 → 5',
    '  check 1 unchanged',
    'arrow-up 1 not pushed | to origin/main',
    '  git-commit 6666666 raise memory limit | ~1 · anna, 5 min ago',
    'cloud-download 1 pushed, not fetched | source polls every 1m',
    '  git-commit 7777777 add a probe | planning… · anna, 1 h ago',
    'debug-pause Gate: Kustomization podinfo is suspended | Resume it, or this will not deploy.',
    'record 9999999 scale podinfo down | applied 3 days ago · healthy',
    'history Older…',
  ]);
});

test('flags tell menus what a row is', () => {
  const tree = treeOf({
    stages: { ...edited, ...waiting('not-pushed'), applied: { revision: scale.id, commit: scale } },
    engine: { engine: 'direct', fetches: false },
    plans: [
      [
        'worktree',
        plan(step('blocked', 'ConfigMap', 'a'), step('configure', 'Deployment', 'b'), step('prune', 'Job', 'c')),
      ],
    ],
  });
  const flags = (id?: string): string[] =>
    tree.children(id).flatMap((node) => [node.flags, ...(node.children === 'expanded' ? flags(node.id) : [])]);
  assert.deepEqual(flags(), [
    'worktree+direct+changed+blocked',
    'step+blocked+located',
    'step+prune+comparable',
    'step+configure+located+comparable',
    'group+not-pushed',
    'commit+not-pushed+direct',
    'commit+applied+direct',
  ]);
});

test('a row below a plan that is not there yet, or cannot be had, says so', () => {
  const at = (state: PlanState): string[] => picture(treeOf({ stages: edited, plans: [['worktree', state]] }));
  assert.deepEqual(at({ state: 'waiting' }), ['edit Working tree | planning… · 1 file', '  loading~spin Planning…']);
  assert.deepEqual(at({ state: 'failed', message: 'kustomization.yaml:7: no such file', remedy: 'Correct it.' }), [
    'edit Working tree | cannot be planned · 1 file',
    '  close kustomization.yaml:7: no such file | Correct it.',
  ]);
  assert.deepEqual(at(plan()), ['edit Working tree | no change · 1 file', '  check Nothing to apply']);
});

test('only rows that changed are asked for again, and one that gets steps to show begins anew', () => {
  const tree = treeOf({ stages: waiting('not-pushed'), plans: [[raise.id, { state: 'computing' }]] });
  picture(tree);
  const next = input({ stages: waiting('not-pushed'), plans: [[raise.id, plan(step('create', 'Secret', 'a'))]] });
  assert.deepEqual(tree.update(next), [rowOf(next, raise.id)]);
  assert.deepEqual(tree.update(next), []);
  const typed = input({
    stages: { ...waiting('not-pushed'), ...edited },
    plans: [[raise.id, plan(step('create', 'Secret', 'a'))]],
  });
  assert.deepEqual(tree.update(typed), [undefined]);
  assert.notEqual(rowOf(next, 'worktree'), rowOf(typed, 'worktree'));
  assert.ok(rowOf(typed, 'worktree').startsWith(rootId(typed)));
});

test('what a screen reader says of a row has its state in words', () => {
  const tree = treeOf({
    stages: { ...edited, ...waiting('not-pushed') },
    plans: [
      ['worktree', plan(step('configure', 'Deployment', 'web', { basis: 'simulated', changes: [replicas] }))],
      [raise.id, plan(step('create', 'Secret', 'a'))],
    ],
  });
  const spoken = (nodes: CommitNode[]): string[] =>
    nodes.flatMap((node) => [node.spoken, ...(node.children === 'expanded' ? spoken(tree.children(node.id)) : [])]);
  assert.deepEqual(spoken(tree.children(undefined)), [
    'Working tree, 1 to configure, 1 file',
    'Deployment podinfo/web, configure, replicas 3 → 5, Simulated: the API server was not asked.',
    '1 not pushed',
    'commit 6666666 raise memory limit, 1 to create, anna, 5 min ago',
  ]);
});

test('no value of a Secret is in a row or its tooltip', () => {
  const secret = change(segments('data', 'password'), { status: 'pending', masked: true });
  const tree = treeOf({
    stages: edited,
    plans: [['worktree', plan(step('configure', 'Secret', 'login', { changes: [secret] }))]],
  });
  const [, row] = picture(tree);
  assert.equal(row, '  edit Secret login | data.password changes, values hidden');
  const [worktree] = tree.children(undefined);
  const [child] = tree.children(worktree?.id);
  assert.match(child?.tooltip() ?? '', /`data\.password` changes, values hidden/);
});

const drifted = application('podinfo', {
  objects: [object('Deployment', 'web', { status: 'drifted' }), object('Service', 'web')],
});
const live = { applied: { revision: raise.id, commit: raise } };
const nothing = plan(step('unchanged', 'Service', 'web'));
const something = plan(step('configure', 'Service', 'web'), step('create', 'Service', 'b'));

const joins = plan(
  step('configure', 'Namespace', 'shop', {
    changes: [change(segments('metadata', 'labels', 'applyset.kubernetes.io/part-of'), { op: 'added', desired: 'x' })],
  }),
  step('configure', 'ResourceQuota', 'quota', {
    changes: [
      change(segments('metadata', 'labels'), { op: 'added', desired: { 'applyset.kubernetes.io/part-of': 'x' } }),
    ],
  }),
);

test('what another tool applied matches, though a sync would take it into the inventory', () => {
  const direct = { engine: 'direct', fetches: false } as const;
  const tree = treeOf({ stages: { base: raise }, engine: direct, plans: [[raise.id, joins]] });
  assert.deepEqual(picture(tree), [
    'edit Working tree | no changes',
    'git-commit 6666666 raise memory limit | the cluster matches it',
  ]);
  const [, base] = tree.children(undefined);
  assert.deepEqual(picture(tree, base?.id), [
    'edit Namespace shop | joins the inventory',
    'edit ResourceQuota quota | joins the inventory',
  ]);
});

for (const [answer, given] of [
  ['HEAD 6666666 is live.', { stages: { base: raise }, engine: { fetches: false }, plans: [[raise.id, joins]] }],
  ['HEAD 6666666 is live.', { stages: live }],
  ['HEAD 6666666 is applied, and 1 object has drifted since.', { stages: live, report: drifted }],
  ['HEAD 6666666 is not live: 1 commit not pushed.', { stages: { ...live, ...waiting('not-pushed') } }],
  ['HEAD 6666666 is not live: 1 commit not fetched.', { stages: { ...live, ...waiting('not-fetched') } }],
  [
    'HEAD 6666666 is not live: 1 commit not applied, and Flux is suspended.',
    {
      stages: { ...live, ...waiting('not-applied') },
      engine: { gates: [{ kind: 'suspended', message: 'Kustomization podinfo is suspended.' }] },
    },
  ],
  [
    'HEAD 6666666 is not live: 1 commit not applied.',
    { stages: { ...live, ...waiting('not-pushed') }, engine: { engine: 'direct', fetches: false } },
  ],
  ['HEAD 6666666 is not live: nothing is known to be applied yet.', { stages: { base: raise } }],
  ['Comparing HEAD 6666666 with the cluster…', { stages: { base: raise }, engine: { fetches: false } }],
  ['HEAD 6666666 is live.', { stages: { base: raise }, engine: { fetches: false }, plans: [[raise.id, nothing]] }],
  [
    'HEAD 6666666 is not live: 2 objects differ.',
    { stages: { base: raise }, engine: { fetches: false }, plans: [[raise.id, something]] },
  ],
  [
    'HEAD 6666666 is live, applied from the working tree 2 hours ago.',
    {
      stages: { base: raise },
      engine: { fetches: false, applied: 'worktree', appliedAt: minutesAgo(130) },
      plans: [[raise.id, nothing]],
    },
  ],
  [
    'HEAD 6666666 is not live: the working tree was applied 2 hours ago.',
    {
      stages: { base: raise },
      engine: { fetches: false, applied: 'worktree', appliedAt: minutesAgo(130) },
      plans: [[raise.id, something]],
    },
  ],
  [
    'Whether HEAD 6666666 is live is not known.',
    { stages: { base: raise }, engine: { fetches: false }, plans: [[raise.id, { state: 'failed', message: 'x' }]] },
  ],
  ['There is no commit yet.', { stages: { head: undefined } }],
  ['⚠ The commits could not be read: index.lock', { error: new Error('index.lock') }],
] satisfies [string, Given][]) {
  test(`the answer: ${answer}`, () => assert.equal(answerText(input(given)), answer));
}

for (const [reason, short] of [
  [
    'Deployment.apps "web" is invalid: spec.selector: Invalid value: {"matchLabels":{"app":"shop"}}: field is immutable',
    'spec.selector is immutable',
  ],
  ['spec.selector: Invalid value: {"a":1}: field is immutable', 'spec.selector is immutable'],
  ['ConfigMap "a" is invalid: data: Forbidden: field is immutable when `immutable` is set', 'data is immutable'],
  [
    'admission webhook "policy" denied the request: no latest tags',
    'admission webhook "policy" denied the request: no latest tags',
  ],
  ['its namespace shop does not exist', 'its namespace shop does not exist'],
] as const) {
  test(`a refusal in a row: ${short}`, () => assert.equal(shortReason(reason, english), short));
}
