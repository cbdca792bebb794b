import { type Json, fieldAt } from '../json.ts';
import { type Condition, conditionsOf, wordsOf } from './condition.ts';
import { type HealthOptions, type HealthResult, degraded, healthy, noStatusYet, progressing } from './healthResult.ts';

/** Conditions that say "it works", in the order in which they are asked. */
const verdicts = ['Ready', 'Available', 'Healthy', 'Programmed', 'Accepted', 'Synced', 'Established'];
const failing = /fail|error|invalid|denied|refused|notfound|timeout|conflict|backoff|unauthorized|forbidden|exceeded/i;

/**
 * An object whose kind has no rule of its own, by the conventions of conditions (semantics H-2). A custom resource that nobody has reported
 * on is never called healthy (H-4).
 */
export function conventionalHealth(
  object: Json,
  { flavour, statusless }: HealthOptions,
  builtIn: boolean,
): HealthResult {
  const status = fieldAt(object, 'status');
  const isEmpty = status === undefined || status === null || Object.keys(status).length === 0;
  if (isEmpty) return builtIn || statusless === true ? healthy() : noStatusYet;
  const conditions = conditionsOf(object);
  const issuing = conditions.find((condition) => condition.type === 'Issuing' && condition.status === 'True');
  if (issuing !== undefined) return progressing(wordsOf(issuing));
  const asked = flavour === 'flux' ? ['Ready'] : verdicts;
  for (const type of asked) {
    const verdict = conditions.find((condition) => condition.type === type);
    if (verdict !== undefined) return judged(verdict, flavour === 'flux');
  }
  return healthy();
}

/** "Not ready" is on the way unless its reason says that it failed; to kstatus it always is. */
function judged(verdict: Condition, lenient: boolean): HealthResult {
  if (verdict.status === 'True') return healthy(wordsOf(verdict));
  const isFailure = verdict.status === 'False' && failing.test(verdict.reason);
  return isFailure && !lenient ? degraded(wordsOf(verdict)) : progressing(wordsOf(verdict));
}
