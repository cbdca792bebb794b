import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DriftNode } from '../../../src/editor/views/model/driftNode.ts';
import { applicationNode } from '../../../src/editor/views/model/applicationNode.ts';
import { DriftTree, type TreeInput } from '../../../src/editor/views/model/driftTree.ts';
import type { DriftView } from '../../../src/editor/sessions/viewState.ts';
import { application, change, keptView, object, podinfo, segments, view, wording } from './reportFixture.ts';
import { clockTime } from '../../../src/core/explain/relativeTime.ts';

function input(views: DriftView[], findingsOnly = false): TreeInput {
  return { views, problems: [], options: { findingsOnly }, wording };
}

/** The tree as a person reads it: icon, label, description, indented; folded rows are not entered. */
function picture(tree: DriftTree, id?: string, depth = 0): string[] {
  return tree.children(id).flatMap((node) => {
    const row = `${'  '.repeat(depth)}${node.icon.id} ${node.label}${node.description === '' ? '' : ` | ${node.description}`}`;
    return node.children === 'expanded' ? [row, ...picture(tree, node.id, depth + 1)] : [row];
  });
}

test('the tree of ui.md', () => {
  const monitoring = application('monitoring', {
    objects: Array.from({ length: 131 }, (_, index) => object('Role', `r${index}`)),
  });
  const batch = application('batch-jobs', {
    engine: 'flux',
    gates: [{ kind: 'suspended', message: '"freeze until Monday" (anna)' }],
    objects: [object('Job', 'nightly')],
  });
  const payments = application('payments');
  const tree = new DriftTree(
    input([
      view([monitoring, payments, batch, podinfo()], {
        problems: [
          {
            code: 'missing-file',
            severity: 'error',
            message: 'kustomization.yaml:7: no such file ../base',
            application: 'payments',
            location: { file: 'payments/kustomization.yaml', line: 7, via: 'manifest' },
          },
        ],
      }),
    ]),
  );
  assert.deepEqual(picture(tree), [
    'warning podinfo | Flux · main@6a1b3c0 · 1 drifted, 1 pending',
    '  warning Deployment podinfo | drifted · 2 fields · healthy',
    '    warning replicas | Git 3 → live 5 · kubectl-edit, 14 min ago · Flux reverts it',
    '    warning containers[podinfo].image | Git 6.7.0 → live 6.7.1 · kubectl-set, 2 h ago',
    '  circle-filled ConfigMap podinfo-config | pending · 1 field',
    '    circle-filled data["ui.color"] | Git #34577c → live #ffffff · not applied yet',
    '  check 23 in sync',
    'close payments | kustomization.yaml:7: no such file ../base',
    'debug-pause batch-jobs | Flux · suspended: "freeze until Monday" (anna) · 1 in sync',
    'check monitoring | direct · worktree · 131 in sync',
  ]);
});

test('what stands in the way of a push, and what Argo CD says, is in the row of the application', () => {
  const waiting = application('waiting', {
    engine: 'flux',
    gates: [{ kind: 'not-pushed', message: '1 commit not pushed to origin/main: Flux does not see this yet.' }],
    objects: [object('Job', 'nightly')],
  });
  const listed = application('listed', {
    engine: 'argocd',
    sync: { status: 'out-of-sync' },
    health: 'degraded',
    notCompared: 'its chart comes from another place',
  });
  assert.deepEqual(picture(new DriftTree(input([view([waiting, listed])]))), [
    'question listed | Argo CD · worktree · OutOfSync · Degraded · not checked',
    'check waiting | Flux · worktree · not pushed · 1 in sync',
  ]);
});

test('while a source cannot be read its row says so, and since when; all rows stay where they were', () => {
  const clean = application('clean', { objects: [object('Role', 'r')] });
  const shown = view([clean, podinfo()]);
  const before = new DriftTree(input([shown]));
  const rowsBefore = picture(before);
  const reason = {
    code: 'invalid-kustomization',
    severity: 'error',
    message: 'apps/podinfo/kustomization.yaml: a key has no colon',
    application: 'podinfo',
    location: { file: 'apps/podinfo/kustomization.yaml', line: 3, via: 'manifest' },
  } as const;
  const other = { ...reason, application: 'clean', message: 'clean/a.yaml: a key has no colon' };
  const time = clockTime('2026-11-21T11:58:07Z', wording.now);
  const tree = new DriftTree(input([keptView(shown, 'podinfo', reason, [])]));
  const rows = picture(tree);
  assert.equal(
    rows[0],
    `warning podinfo | as of ${time} · 1 drifted, 1 pending · apps/podinfo/kustomization.yaml: a key has no colon`,
  );
  assert.deepEqual(rows.slice(1), rowsBefore.slice(1));
  const [row] = tree.children(undefined);
  assert.equal(row?.location?.line, 3);
  assert.match(row.spoken, /as of .* a key has no colon/);
  assert.match(row.tooltip(), /nothing is done by it/);
  const ids = (one: DriftTree): string[] => one.children(undefined).map(({ id }) => id);
  assert.deepEqual(ids(tree), ids(before));
  // What was in sync is nothing to count on, whatever is filtered out.
  const only = picture(new DriftTree(input([keptView(shown, 'clean', other, [])], true)));
  assert.equal(only.at(-1), `close clean | as of ${time} · clean/a.yaml: a key has no colon`);
});

test('findings only leaves out what is in sync', () => {
  const tree = new DriftTree(
    input([view([application('clean', { objects: [object('Role', 'r')] }), podinfo()])], true),
  );
  const rows = picture(tree);
  assert.equal(rows.length, 6);
  assert.ok(rows.every((row) => !row.includes('in sync') && !row.includes('clean')));
});

test('findings stand in the order conflict, drifted, missing, pending, to be created, no longer in Git, not checked', () => {
  const statuses = ['unknown', 'extra', 'create', 'pending', 'missing', 'drifted', 'conflict'] as const;
  const objects = statuses.map((status) => object('Role', status, { status }));
  const tree = new DriftTree(input([view([application('all', { objects })])]));
  const [root] = tree.children(undefined);
  assert.deepEqual(
    tree.children(root?.id).map((node) => node.status),
    ['conflict', 'drifted', 'missing', 'pending', 'create', 'extra', 'unknown'],
  );
  assert.equal(root?.icon.id, 'error');
});

test('objects outside of the common namespace name theirs', () => {
  const objects = [
    object('Role', 'here', { status: 'drifted' }),
    object('Role', 'there', { status: 'drifted', namespace: 'other' }),
    object('Namespace', 'podinfo', { status: 'drifted', namespace: '' }),
  ];
  const labels = (item: ReturnType<typeof application>): string[] => {
    const tree = new DriftTree(input([view([item])]));
    return tree.children(tree.children(undefined)[0]?.id).map((node) => node.label);
  };
  assert.deepEqual(labels(application('a', { objects, destination: { context: 'c', namespace: 'podinfo' } })), [
    'Namespace podinfo',
    'Role other/there',
    'Role here',
  ]);
  assert.deepEqual(labels(application('a', { objects: objects.slice(0, 1) })), ['Role here']);
});

test('only rows that changed are asked for again', () => {
  const before = podinfo();
  const tree = new DriftTree(input([view([before])]));
  const rows = new Map<string, DriftNode>();
  const visit = (id?: string): void => {
    for (const node of tree.children(id)) {
      rows.set(node.label, node);
      visit(node.id);
    }
  };
  visit();
  const idOf = (label: string): string => rows.get(label)?.id ?? '';
  assert.deepEqual(tree.update(input([view([podinfo()])])), [], 'an equal snapshot changes nothing');

  const edited = podinfo();
  const deployment = edited.objects.find((item) => item.kind === 'Deployment');
  assert.ok(deployment);
  deployment.changes = deployment.changes.map((item) => (item.path === 'spec.replicas' ? { ...item, live: 7 } : item));
  assert.deepEqual(tree.update(input([view([edited])])), [idOf('replicas')]);
  assert.match(tree.node(idOf('replicas'))?.description ?? '', /live 7/);

  const fixed = podinfo();
  fixed.objects = fixed.objects.map((item) =>
    item.kind === 'ConfigMap' ? object('ConfigMap', 'podinfo-config') : item,
  );
  assert.deepEqual(tree.update(input([view([fixed])])), [idOf('podinfo')], 'the application alone, with all below it');

  assert.deepEqual(tree.update(input([view([fixed, application('new')])])), [undefined], 'a new root');
  assert.deepEqual(tree.update(input([])), [undefined]);
  assert.equal(tree.node(idOf('podinfo')), undefined, 'what is gone is forgotten');
});

test('ids are unique, and the same in the next snapshot', () => {
  const twice = [view([podinfo()]), { ...view([podinfo()]), root: '/other' }];
  const ids = (tree: DriftTree, id?: string): string[] =>
    tree.children(id).flatMap((node) => [node.id, ...ids(tree, node.id)]);
  const first = ids(new DriftTree(input(twice)));
  assert.equal(new Set(first).size, first.length);
  assert.deepEqual(ids(new DriftTree(input(twice))), first);
});

test('rows name their parents', () => {
  const tree = new DriftTree(input([view([podinfo()])]));
  const [root] = tree.children(undefined);
  const [first] = tree.children(root?.id);
  const [field] = tree.children(first?.id);
  assert.equal(tree.parent(field?.id ?? ''), first?.id);
  assert.equal(tree.parent(first?.id ?? ''), root?.id);
  assert.equal(tree.parent(root?.id ?? ''), undefined);
});

test('what a screen reader says holds the state in words', () => {
  const tree = new DriftTree(input([view([podinfo()])]));
  const [root] = tree.children(undefined);
  const [first] = tree.children(root?.id);
  const [field] = tree.children(first?.id);
  assert.equal(root?.spoken, 'podinfo, Flux · main@6a1b3c0 · 1 drifted, 1 pending');
  assert.equal(first?.spoken, 'Deployment podinfo/podinfo, drifted, 2 fields, healthy');
  assert.match(field?.spoken ?? '', /^spec\.replicas, drifted, Git 3 → live 5/);
});

test('a suspension is said once in its row', () => {
  const row = (message: string): string =>
    applicationNode(view([]), application('shop', { engine: 'flux', gates: [{ kind: 'suspended', message }] }), wording)
      .description;
  assert.equal(
    row('Kustomization shop is suspended: “freeze until Monday”.'),
    'Flux · suspended: “freeze until Monday” · not checked',
  );
  assert.equal(row('Kustomization shop is suspended.'), 'Flux · suspended · not checked');
});

test('flags of rows say what commands may do with them', () => {
  const objects = [object('Role', 'gone', { status: 'missing' }), object('Role', 'dark', { status: 'unknown' })];
  const tree = new DriftTree(input([view([application('a', { objects }), podinfo()])]));
  const flags = (id?: string): string[] => tree.children(id).flatMap((node) => [node.flags, ...flags(node.id)]);
  const all = flags();
  for (const expected of [
    'application+drifted+flux',
    'object+drifted+located+comparable+restorable',
    'field+drifted+located+comparable+restorable+writable+ignorable',
    'object+pending+comparable',
    'field+pending+located+comparable',
    'object+missing+comparable+restorable',
    'object+unknown',
    'synced',
  ]) {
    assert.ok(all.includes(expected), `${expected} in ${all.join(' ')}`);
  }
});

test('a problem of the cluster has a row of its own, one of an application is in its row', () => {
  const unreachable = view([application('a'), application('b')], {
    problems: [
      {
        code: 'unreachable',
        severity: 'error',
        message: 'prod-eu did not answer: connection refused.',
        remedy: 'Try again.',
      },
      { code: 'build-failed', severity: 'error', message: 'b: no such file', application: 'b' },
    ],
  });
  const tree = new DriftTree(input([unreachable]));
  assert.deepEqual(picture(tree), [
    'close No answer | prod-eu did not answer: connection refused.',
    'close b | no such file',
    'question a | direct · worktree · not checked',
  ]);
});

test('values and names are escaped in tooltips', () => {
  const evil = change(segments('data', 'x'), {
    desired: 'a|b',
    live: '`code` [link](command:evil) <img src=x>',
    managers: [{ name: '**bold**', operation: 'Update' }],
  });
  const item = application('a', { objects: [object('ConfigMap', 'c', { status: 'drifted', changes: [evil] })] });
  const tree = new DriftTree(input([view([item])]));
  const [root] = tree.children(undefined);
  const [row] = tree.children(root?.id);
  const tooltip = tree.children(row?.id)[0]?.tooltip() ?? '';
  assert.ok(tooltip.includes('`` `code` [link](command:evil) <img src=x> ``'), tooltip);
  assert.ok(tooltip.includes('`a\\|b`'), tooltip);
  assert.ok(tooltip.includes('\\*\\*bold\\*\\*'), tooltip);
});

test('masked values are not in any text of a row', () => {
  const secret = change(segments('data', 'password'), { masked: true });
  const item = application('a', { objects: [object('Secret', 's', { status: 'drifted', changes: [secret] })] });
  const tree = new DriftTree(input([view([item])]));
  const [root] = tree.children(undefined);
  const [row] = tree.children(root?.id);
  const [field] = tree.children(row?.id);
  assert.equal(field?.description, 'differs, values hidden');
  assert.match(field.tooltip(), /The values are secret and not shown/);
});

test('rows of what is in sync are made only when they are asked for', () => {
  const tree = new DriftTree(input([view([podinfo(5_000)])]));
  const [root] = tree.children(undefined);
  const below = tree.children(root?.id);
  assert.equal(below.length, 3);
  const folded = below.at(-1);
  assert.equal(folded?.label, '5000 in sync');
  assert.equal(folded.children, 'collapsed');
  assert.equal(tree.children(folded.id).length, 5_000);
});
