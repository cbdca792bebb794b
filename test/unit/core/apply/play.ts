import { type ApplyResult, applyConfiguration } from '../../../../src/core/apply/applyConfiguration.ts';
import type { Managers } from '../../../../src/core/apply/managers.ts';
import { updateObject } from '../../../../src/core/apply/updateObject.ts';
import type { Json } from '../../../../src/core/json.ts';
import { ruleNode } from './rules.ts';

/** An object and who owns what of it. */
export interface State {
  live: Json | undefined;
  managers: Managers;
}

/** Plays steps such as `m1: {...}` (apply), `m1!: {...}` (force), `m1=: {...}` (update). */
export function play(steps: readonly [string, Json][]): State & { last: ApplyResult | undefined } {
  let state: State = { live: undefined, managers: new Map() };
  let last: ApplyResult | undefined;
  for (const [who, object] of steps) {
    const manager = who.replace(/[!=]$/, '');
    const common = { ...state, manager, apiVersion: 'v1', node: ruleNode };
    if (who.endsWith('=')) {
      state = updateObject({ ...common, object });
      continue;
    }
    last = applyConfiguration({ ...common, config: object, force: who.endsWith('!') });
    if (last.result === 'ok' || last.result === 'unchanged') state = last;
  }
  return { ...state, last };
}

/** One more apply by a manager, on what earlier steps left. */
export function applyNext(state: State, manager: string, config: Json, force = false): ApplyResult {
  return applyConfiguration({ ...state, config, manager, apiVersion: 'v1', force, node: ruleNode });
}
