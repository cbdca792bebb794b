import type { Json } from '../json.ts';

/** What a patch makes of an object, or why it cannot be applied: the API server answers 422 or 400 with such a text. */
export type PatchResult = { result: 'ok'; object: Json } | { result: 'invalid'; error: string };

/** Leaves a patch half-way; `settle` makes it a value, so it never leaves this folder. */
export class PatchRefusal extends Error {}

export function settle(apply: () => Json): PatchResult {
  try {
    return { result: 'ok', object: apply() };
  } catch (error) {
    if (error instanceof PatchRefusal) return { result: 'invalid', error: error.message };
    throw error;
  }
}
