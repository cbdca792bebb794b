import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Gate, PlanReport, PlanStep } from '../../../../src/core/report.ts';
import { behindUpstream, firstRefusal, notSyncable, refusalOf } from '../../../../src/services/sync/syncRefusal.ts';

const blocked = { kind: 'Deployment', namespace: 'shop', name: 'web', action: 'blocked', reasons: ['immutable'] };

function plan(gates: Gate['kind'][], steps: object[] = [], application = 'shop'): PlanReport {
  const said = gates.map((kind) => ({ kind, message: `${kind} it is.`, remedy: 'Do something.' }));
  return {
    application,
    gates: said,
    steps: steps as PlanStep[],
    summary: { blocked: steps.length },
  } as unknown as PlanReport;
}

/** What is refused of a plan, when the action pushes first and when it does not. */
const cases: { what: string; plan: PlanReport; pushing: RegExp | undefined; syncing: RegExp | undefined }[] = [
  { what: 'nothing in the way', plan: plan([]), pushing: undefined, syncing: undefined },
  { what: 'not pushed', plan: plan(['not-pushed']), pushing: undefined, syncing: /^not-pushed it is$/ },
  { what: 'another branch', plan: plan(['wrong-branch']), pushing: /wrong-branch/, syncing: /wrong-branch/ },
  // The sync itself asks the cluster once more and says that nothing was sent.
  { what: 'suspended', plan: plan(['suspended']), pushing: /^suspended it is$/, syncing: undefined },
  { what: 'failed before', plan: plan(['failing']), pushing: undefined, syncing: undefined },
  {
    what: 'blocked, which comes before gates',
    plan: plan(['suspended'], [blocked]),
    pushing: /^Deployment shop\/web is blocked: immutable$/,
    syncing: /blocked: immutable$/,
  },
  {
    what: 'several blocked',
    plan: plan([], [blocked, blocked]),
    pushing: /\(and 1 more\)$/,
    syncing: /\(and 1 more\)$/,
  },
];

for (const { what, plan: given, pushing, syncing } of cases) {
  test(what, () => {
    for (const [pushes, expected] of [
      [true, pushing],
      [false, syncing],
    ] as const) {
      const refusal = refusalOf(given, { pushes });
      if (expected === undefined) assert.equal(refusal, undefined);
      else assert.match(refusal?.reason ?? '', expected);
    }
  });
}

test('only the plans that are asked about count', () => {
  const list = { plans: [plan([]), plan(['suspended'], [], 'other')] } as unknown as Parameters<typeof firstRefusal>[0];
  assert.equal(firstRefusal(list, ['shop'], { pushes: true }), undefined);
  assert.equal(firstRefusal(list, [], { pushes: true })?.result, 'refused');
});

test('one commit, two commits', () => {
  assert.match(behindUpstream(1, 'main').reason, /^main is 1 commit behind/);
  assert.match(behindUpstream(2, 'main').reason, /^main is 2 commits behind/);
});

test('what Argo CD delivers, and what could not be rendered, is not synced', () => {
  const of = (engine: string, rendered: boolean): Parameters<typeof notSyncable>[0] =>
    ({ application: { name: 'shop', engine }, problems: [], rendered }) as unknown as Parameters<typeof notSyncable>[0];
  assert.match(notSyncable(of('argocd', true))?.reason ?? '', /delivered by Argo CD/);
  assert.match(notSyncable(of('direct', false))?.reason ?? '', /could not be rendered/);
  assert.equal(notSyncable(of('flux', true)), undefined);
});
