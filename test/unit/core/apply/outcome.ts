import type { Json } from '../../../../src/core/json.ts';

/** What a patch makes of an object, or why it makes nothing. */
export function outcome(result: { result: 'ok'; object: Json } | { result: 'invalid'; error: string }): Json {
  return result.result === 'ok' ? result.object : `error: ${result.error}`;
}
