import type { Json } from '../core/json.ts';

/** A place in a value, by keys and positions. */
export type JqPath = readonly (string | number)[];

/** The places that an expression names, or why it named none. The reason holds nothing of the input. */
export type JqAnswer =
  | { paths: readonly JqPath[] }
  | {
      failed: string;
      /** The expression itself is wrong, or takes too long; otherwise it only does not fit this input. */
      always: boolean;
    };

/** Evaluates jq path expressions, as Argo CD's `jqPathExpressions` are (semantics A-9). */
export interface Jq {
  /**
   * The paths that `path(expression)` names in an input. What fails is an answer: an expression that cannot be compiled, does not fit
   * the input, or takes longer than a second (semantics A-9). Rejects only with the reason of an abort.
   */
  paths(expression: string, input: Json, signal?: AbortSignal): Promise<JqAnswer>;
}
