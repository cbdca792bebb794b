import type { Json } from '../core/json.ts';

/** A place in a value, by keys, positions (negative ones from the end) and slices of lists. */
export type JqPath = readonly (string | number | JqSlice)[];

/** As jq writes it: the end is not in it, negative numbers count from the end. */
export interface JqSlice {
  start: number | null;
  end: number | null;
}

/** The places that an expression names, or why it named none. The reason holds nothing of the input. */
export type JqAnswer =
  | { paths: readonly JqPath[] }
  | {
      failed: string;
      /** The expression itself is wrong, or takes too long; otherwise it only does not fit this input. */
      always: boolean;
      /** It is no jq at all. Argo CD then compares nothing of an Application; what fails later ignores nothing there. */
      unreadable?: true;
    };

/** Evaluates jq path expressions, as Argo CD's `jqPathExpressions` are (semantics A-9). */
export interface Jq {
  /**
   * The paths that `path(expression)` names in an input. What fails is an answer: an expression that cannot be compiled, does not fit
   * the input, or takes longer than a second (semantics A-9). Rejects only with the reason of an abort.
   */
  paths(expression: string, input: Json, signal?: AbortSignal): Promise<JqAnswer>;
}
