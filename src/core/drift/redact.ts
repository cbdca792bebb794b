import { encodeBase64 } from '../text/base64.ts';

/** Shorter values would take whole sentences apart, and are no secrets. */
const shortest = 4;

export const redacted = '***';

/**
 * Every spelling under which secrets turn up in other texts, the longest first: as themselves, as base64, in an address, in JSON, and line by
 * line. Values under four characters have none.
 */
export function spellingsOf(secrets: Iterable<string>): string[] {
  const found = new Set<string>();
  for (const secret of secrets) {
    for (const value of [secret, secret.trim(), ...secret.split(/\r?\n/)]) {
      if (value.trim().length < shortest) continue;
      found.add(value);
      found.add(encodeBase64(value));
      found.add(JSON.stringify(value).slice(1, -1));
      // What is no Unicode has no place in an address.
      if (value.isWellFormed()) found.add(encodeURIComponent(value));
    }
  }
  return [...found].sort((a, b) => b.length - a.length);
}

/** Replaces every secret in a text. For logs, errors and whatever else leaves the engine as text (semantics S-1). */
export function redact(text: string, secrets: Iterable<string>): string {
  return spellingsOf(secrets).reduce((result, needle) => result.replaceAll(needle, () => redacted), text);
}
