import { type Json, fieldAt, listAt, stringAt } from '../json.ts';
import { quietEngineText } from '../text/quietEngineText.ts';

/** One entry of `status.conditions`. */
export interface Condition {
  type: string;
  status: string;
  reason: string;
  message: string;
}

export function conditionsOf(object: Json): Condition[] {
  return listAt(object, 'status', 'conditions').map(readCondition);
}

export function readCondition(condition: Json): Condition {
  return {
    type: stringAt(condition, 'type') ?? '',
    status: stringAt(condition, 'status') ?? '',
    reason: stringAt(condition, 'reason') ?? '',
    message: quietEngineText(stringAt(condition, 'message') ?? ''),
  };
}

export function conditionOf(object: Json, type: string): Condition | undefined {
  return conditionsOf(object).find((condition) => condition.type === type);
}

/** What a condition says: its message, or its reason where it has none. */
export function wordsOf(condition: Condition): string {
  return (condition.message || condition.reason || condition.type).replace(/\.$/, '');
}

/** A number of an object; `otherwise` where it has none. */
export function countAt(object: Json, otherwise: number, ...path: readonly string[]): number {
  const value = fieldAt(object, ...path);
  return typeof value === 'number' ? value : otherwise;
}
