import type { ErrorCode } from 'yaml';

/** What the library says with the text in it, in words without. */
const ownWords: Partial<Record<ErrorCode, string>> = {
  TAG_RESOLVE_FAILED: 'A tag is not understood',
  BAD_DIRECTIVE: 'A directive is not understood',
  BAD_DQ_ESCAPE: 'A backslash in double quotes begins no escape sequence',
  BAD_ALIAS: 'An alias stands for no anchor before it',
};

/**
 * What the `yaml` library says is wrong, without what it quotes of the text: that may be the value of a Secret (semantics S-1). The place
 * is told apart. No full stop.
 */
export function yamlMessage(error: { code: ErrorCode; message: string }): string {
  const own = ownWords[error.code];
  if (own !== undefined) return own;
  const end = error.message.search(/: |\.$|\n/);
  return end === -1 ? error.message : error.message.slice(0, end);
}
