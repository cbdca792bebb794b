import { type KubeObject, keyText } from '../../core/kube/objectKey.ts';
import type { PlanAction, PlanReport } from '../../core/report.ts';
import type { OwnedObject } from './owned.ts';

/** What a commit's plan leaves to the plan of the next one (semantics R-2). Keys as by keyText. */
export interface Carried {
  /** The objects as they will be. */
  live: Map<string, KubeObject>;
  /** Keys of those that are, or are gone, by prediction alone. */
  supposed: Set<string>;
  /** By application. */
  owned: Map<string, OwnedObject[]>;
  settled: Map<string, ReadonlyMap<string, KubeObject>>;
}

export function nothingCarried(): Carried {
  return { live: new Map(), supposed: new Set(), owned: new Map(), settled: new Map() };
}

/**
 * Brings the state that a plan started from to where the plan leads, and answers the keys that are a prediction now. What a plan leaves
 * as it is stays the cluster's own, so that the server can still be asked about it.
 */
export function carryOn(
  report: PlanReport,
  predicted: ReadonlyMap<string, KubeObject>,
  live: Map<string, KubeObject>,
): string[] {
  const changed: string[] = [];
  for (const step of report.steps) {
    if (!changesObject(step.action)) continue;
    const key = keyText(step);
    const object = step.action === 'prune' ? undefined : predicted.get(key);
    if (object === undefined) live.delete(key);
    else live.set(key, object);
    changed.push(key);
  }
  return changed;
}

/** Whether a step leaves the object other than it was. */
export function changesObject(action: PlanAction): boolean {
  return action === 'create' || action === 'configure' || action === 'recreate' || action === 'prune';
}
