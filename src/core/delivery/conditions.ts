import { type Json, listAt, stringAt } from '../json.ts';
import { quietEngineText } from '../text/quietEngineText.ts';

export interface Condition {
  type: string;
  status: string;
  reason: string;
  message: string;
  /** RFC 3339 */
  since?: string;
}

/** A condition of `status.conditions`, or undefined where the controller has not reported it. */
export function conditionOf(object: Json, type: string): Condition | undefined {
  const found = listAt(object, 'status', 'conditions').find((entry) => stringAt(entry, 'type') === type);
  if (found === undefined) return undefined;
  const since = stringAt(found, 'lastTransitionTime');
  return {
    type,
    status: stringAt(found, 'status') ?? 'Unknown',
    reason: stringAt(found, 'reason') ?? '',
    message: quietEngineText(stringAt(found, 'message') ?? ''),
    ...(since === undefined ? {} : { since }),
  };
}
