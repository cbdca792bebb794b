import type { KubeObject } from '../kube/objectKey.ts';
import type { PlanStep } from '../report.ts';

/** What will come of applying one object, and who said so. */
export type Prediction = { basis: PlanStep['basis'] } & (
  | {
      /** The object as it will be. */
      outcome: 'object';
      object: KubeObject;
      /** What is worth saying of it: its namespace comes with the same change. */
      notes: string[];
    }
  | {
      /** It will not be applied. */
      outcome: 'refused';
      message: string;
      /** The refusal is what an engine that forces answers by deleting and creating anew (semantics X-2). */
      replaceable: boolean;
    }
  | { outcome: 'skipped'; reason: string }
);

/** Refusals that Flux takes for "immutable", by text (semantics X-2). */
const immutableText = /is\simmutable|immutable\sfield/;

/** Whether Flux under `force` would delete and create the object after this refusal: any 409 or 422, or by its text. */
export function isReplaceable(status: number | undefined, message: string): boolean {
  return status === 409 || status === 422 || immutableText.test(message);
}

/** Whether the refusal is about a field that may not change; a plain validation error is not. */
export function saysImmutable(message: string): boolean {
  return /immutable|may not be changed|may not change|updates to .* are forbidden|cannot change roleRef|can not be changed/i.test(
    message,
  );
}
