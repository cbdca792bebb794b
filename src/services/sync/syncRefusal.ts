import { describeKey } from '../../core/kube/objectKey.ts';
import type { Gate, PlanList, PlanReport } from '../../core/report.ts';
import { type PreparedApplication, isWhole } from '../drift/prepareComparison.ts';
import type { SyncOutcome } from './syncOutcome.ts';

export type Refusal = Extract<SyncOutcome, { result: 'refused' }>;

/**
 * Gates behind which an engine would do something else than the plan that was shown, or nothing. A suspension is left to the sync itself,
 * which asks the cluster once more; where Git is changed first, that would be too late.
 */
const closing: Record<'pushing' | 'syncing', readonly Gate['kind'][]> = {
  pushing: ['suspended', 'wrong-branch', 'not-applied'],
  syncing: ['not-pushed', 'wrong-branch', 'not-applied'],
};

export interface RefusalOptions {
  /** The action commits and pushes before it syncs, so that what is not pushed yet stands in nobody's way. */
  pushes: boolean;
}

/** Why a plan is not carried out, before anything is sent: a step that the cluster refuses, or a gate that is shut. */
export function refusalOf(plan: PlanReport, { pushes }: RefusalOptions): Refusal | undefined {
  const blocked = plan.steps.find((step) => step.action === 'blocked');
  if (blocked !== undefined) {
    const more = plan.summary.blocked > 1 ? ` (and ${String(plan.summary.blocked - 1)} more)` : '';
    return { result: 'refused', reason: `${describeKey(blocked)} is blocked: ${blocked.reasons.join('; ')}${more}` };
  }
  const gate = plan.gates.find(({ kind }) => closing[pushes ? 'pushing' : 'syncing'].includes(kind));
  if (gate === undefined) return undefined;
  const reason = gate.message.replace(/\.$/, '');
  return { result: 'refused', reason, ...(gate.remedy === undefined ? {} : { remedy: gate.remedy }) };
}

/** The first refusal among the plans of some applications, all of them where none is named. */
export function firstRefusal(
  list: PlanList,
  applications: readonly string[],
  options: RefusalOptions,
): Refusal | undefined {
  return list.plans
    .filter((plan) => applications.length === 0 || applications.includes(plan.application))
    .map((plan) => refusalOf(plan, options))
    .find((refusal) => refusal !== undefined);
}

/** The push would be rejected: better no commit than one that cannot be delivered. */
export function behindUpstream(behind: number, branch: string): Refusal {
  const commits = `${String(behind)} commit${behind === 1 ? '' : 's'}`;
  return {
    result: 'refused',
    reason: `${branch} is ${commits} behind its upstream, so a push would be rejected`,
    remedy: 'Pull first.',
  };
}

/** What is left to Argo CD, and what could not be read: an application without objects would prune all that it owns. */
export function notSyncable(prepared: PreparedApplication): Refusal | undefined {
  return leftToArgo(prepared) ?? notRead(prepared);
}

export function leftToArgo({ application }: PreparedApplication): Refusal | undefined {
  if (application.engine !== 'argocd') return undefined;
  return {
    result: 'refused',
    reason: `${application.name} is delivered by Argo CD, whose syncs are not started from here`,
    remedy: 'Sync it in Argo CD.',
  };
}

/** Why nothing is done by what the files of an application say, where not all of them could be read: what is half typed is not meant yet. */
export function notRead(prepared: PreparedApplication): Refusal | undefined {
  if (isWhole(prepared)) return undefined;
  const { application, problems } = prepared;
  const failed = problems.find(({ severity }) => severity === 'error');
  return {
    result: 'refused',
    reason: application.notCompared ?? failed?.message ?? `${application.name} could not be rendered`,
    ...(failed?.remedy === undefined ? {} : { remedy: failed.remedy }),
  };
}

/** There is no branch that a push could go to. */
export const detached: Refusal = {
  result: 'refused',
  reason: 'HEAD is not on a branch, so there is nothing to push',
  remedy: 'Create or check out a branch first.',
};

/** Why there is nothing to act on under an id. Releases of Flux's helm-controller are compared, and reconciled elsewhere. */
export function unknownApplication(id: string): Refusal {
  return id.startsWith('flux:helmrelease/')
    ? {
        result: 'refused',
        reason: `${id.replace('flux:helmrelease/', 'HelmRelease ')} is not reconciled from here`,
        remedy: 'Use flux reconcile helmrelease.',
      }
    : { result: 'refused', reason: `there is no application ${id}` };
}
