import { encodeBase64 } from '../text/base64.ts';

/** Shorter values would take whole sentences apart, and are no secrets. */
const shortest = 4;

export const redacted = '***';

/**
 * Replaces every secret in a text, as itself, as base64 and line by line, the longest first. For logs, errors and whatever else leaves the
 * engine as text (semantics S-1). Values under four characters are left.
 */
export function redact(text: string, secrets: Iterable<string>): string {
  const needles = new Set<string>();
  for (const secret of secrets) {
    for (const value of [secret, ...secret.split(/\r?\n/)]) {
      if (value.trim().length < shortest) continue;
      needles.add(value);
      needles.add(encodeBase64(value));
      needles.add(encodeURIComponent(value));
      needles.add(JSON.stringify(value).slice(1, -1));
    }
  }
  let result = text;
  for (const needle of [...needles].sort((a, b) => b.length - a.length)) {
    if (needle.length > 0) result = result.replaceAll(needle, () => redacted);
  }
  return result;
}
