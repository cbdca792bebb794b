import { isControlled } from './applySet.ts';
import type { KubeObject, ObjectKey } from '../kube/objectKey.ts';
import type { Location } from '../location.ts';
import type { PlanStep } from '../report.ts';
import type { SchemaNode } from '../schema/schemaNode.ts';
import { stageOf } from './applyOrder.ts';
import { destroysData } from './destroysData.ts';
import { planChanges } from './planChanges.ts';
import { type Prediction, saysImmutable } from './prediction.ts';

export interface PlanStepInput {
  key: ObjectKey;
  version: string;
  live: KubeObject | undefined;
  node: SchemaNode;
  prediction: Prediction;
  /** The engine replaces what it may not change (Flux `spec.force`, or the object's own annotation). */
  force: boolean;
  location?: Location;
}

/** Turns a prediction into the step that a reconcile takes (design §2, "plan"). */
export function planStep(input: PlanStepInput): PlanStep {
  const { live, prediction } = input;
  switch (prediction.outcome) {
    case 'skipped':
      return step(input, 'skip', [prediction.reason]);
    case 'refused': {
      if (!input.force || !prediction.replaceable || live === undefined) {
        return step(input, 'blocked', [prediction.message]);
      }
      // Under force a plain validation error deletes the object as well, and then the create fails too (semantics X-2).
      const warning = saysImmutable(prediction.message)
        ? []
        : ['force deletes the object because of a plain validation error, and creating it may fail the same way'];
      return { ...step(input, 'recreate', [prediction.message, ...warning]), ...dataOf(input.key) };
    }
    case 'object': {
      if (live === undefined) return step(input, 'create', prediction.notes);
      const changes = planChanges(live, prediction.object, input.node);
      if (changes.length === 0) return step(input, 'unchanged', []);
      return { ...step(input, 'configure', prediction.notes), changes };
    }
  }
}

/** A step that deletes what Git no longer declares. */
export function pruneStep(key: ObjectKey, version: string, reasons: string[]): PlanStep {
  return {
    ...key,
    version,
    action: 'prune',
    wave: pruneWave,
    basis: 'simulated',
    reasons,
    changes: [],
    ...dataOf(key),
  };
}

/** A stale object that stays, and why. */
export function keepStep(key: ObjectKey, version: string, reason: string): PlanStep {
  return { ...key, version, action: 'skip', wave: pruneWave, basis: 'simulated', reasons: [reason], changes: [] };
}

/** Pruning comes after all stages of applying (semantics P-2). */
const pruneWave = 3;

/** Whether a live object is an application's own to prune: what a controller made is not. */
export function isPrunable(live: KubeObject): boolean {
  return !isControlled(live);
}

function step(input: PlanStepInput, action: PlanStep['action'], reasons: string[]): PlanStep {
  return {
    group: input.key.group,
    version: input.version,
    kind: input.key.kind,
    namespace: input.key.namespace,
    name: input.key.name,
    action,
    wave: stageOf(input.key),
    basis: input.prediction.basis,
    reasons,
    changes: [],
    ...(input.location === undefined ? {} : { location: input.location }),
  };
}

function dataOf(key: ObjectKey): Pick<PlanStep, 'destroysData'> {
  return destroysData(key) ? { destroysData: true } : {};
}
