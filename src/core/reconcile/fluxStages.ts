import { describeKey } from '../kube/objectKey.ts';
import type { PlanStep } from '../report.ts';

/**
 * What a refusal does to the rest under Flux (semantics F-6): a stage is checked as a whole before anything of it is applied, so one
 * blocked object leaves its stage, the later ones and all pruning undone. Steps come sorted by wave.
 */
export function blockByStage(steps: readonly PlanStep[]): PlanStep[] {
  const blocked = steps.find((step) => step.action === 'blocked');
  if (blocked === undefined) return [...steps];
  const reason = `not applied: ${describeKey(blocked)} blocks it`;
  return steps.map((step) => {
    if (step.wave < blocked.wave || step === blocked) return step;
    if (step.action === 'blocked' || step.action === 'unchanged' || step.action === 'skip') return step;
    const { destroysData: _kept, ...rest } = step;
    return { ...rest, action: 'blocked', reasons: [reason, ...step.reasons] };
  });
}
