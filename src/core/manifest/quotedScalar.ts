const doubleQuote = 0x22;
const backslash = 0x5c;

/**
 * The offset after the quote that closes the scalar beginning at `start`, or undefined where none does. Lines may be indented by
 * anything (semantics Y-6); `limit` is the end of the document.
 */
export function endOfQuoted(text: string, start: number, limit = text.length): number | undefined {
  const quote = text.charCodeAt(start);
  for (let at = start + 1; at < limit; at++) {
    const code = text.charCodeAt(at);
    if (code === backslash && quote === doubleQuote) at++;
    else if (code === quote) {
      if (quote === doubleQuote || text.charCodeAt(at + 1) !== quote) {
        return at + 1;
      }
      at++;
    }
  }
  return undefined;
}

const simpleEscapes: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  t: '\t',
  '\t': '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\x1B',
  ' ': ' ',
  '"': '"',
  "'": "'",
  '/': '/',
  '\\': '\\',
  N: '\x85',
  _: '\xA0',
  L: '\u2028',
  P: '\u2029',
};
const hexLengths: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

/** The value of a quoted scalar, quotes included in `source`; undefined where an escape is unknown. */
export function decodeQuoted(source: string): string | undefined {
  const inner = source.slice(1, -1);
  const escapes = source.charCodeAt(0) === doubleQuote;
  if (!escapes && !inner.includes('\n')) return inner.includes("''") ? inner.replaceAll("''", "'") : inner;
  if (escapes && !inner.includes('\n') && !inner.includes('\\')) return inner;
  const value = decode(inner, escapes);
  return escapes ? value : value?.replaceAll("''", "'");
}

/**
 * Folds lines and, between double quotes, resolves escapes: a line break becomes a space, each further one a line break, the
 * blanks around them go; what is escaped stays.
 */
function decode(inner: string, escapes: boolean): string | undefined {
  let value = '';
  let from = 0;
  for (let at = 0; at < inner.length; at++) {
    const code = inner.charCodeAt(at);
    if (code === 0x0a) {
      const breaks = skipBreaks(inner, at);
      value += inner.slice(from, endWithoutBlanks(inner, from, at));
      value += breaks.count === 1 ? ' ' : '\n'.repeat(breaks.count - 1);
      from = breaks.end;
      at = from - 1;
    } else if (escapes && code === backslash) {
      value += inner.slice(from, at);
      const escape = readEscape(inner, at + 1);
      if (escape === undefined) return undefined;
      value += escape.value;
      from = escape.end;
      at = from - 1;
    }
  }
  return value + inner.slice(from);
}

function readEscape(text: string, at: number): { value: string; end: number } | undefined {
  const character = text[at] ?? '';
  if (character === '\n' || text.startsWith('\r\n', at)) {
    const breaks = skipBreaks(text, character === '\n' ? at : at + 1);
    return { value: '\n'.repeat(breaks.count - 1), end: breaks.end };
  }
  const length = hexLengths[character];
  if (length === undefined) {
    const value = simpleEscapes[character];
    return value === undefined ? undefined : { value, end: at + 1 };
  }
  const digits = text.slice(at + 1, at + 1 + length);
  if (!/^[\da-fA-F]+$/.test(digits) || digits.length < length) return undefined;
  const point = parseInt(digits, 16);
  if (point > 0x10ffff) return undefined;
  // JSON spells characters beyond the first plane as two escapes, which only join when both stay units.
  return { value: length === 4 ? String.fromCharCode(point) : String.fromCodePoint(point), end: at + 1 + length };
}

function skipBreaks(text: string, at: number): { count: number; end: number } {
  let count = 0;
  let end = at;
  for (; end < text.length; end++) {
    const code = text.charCodeAt(end);
    if (code === 0x0a) count++;
    else if (code !== 0x20 && code !== 0x09 && code !== 0x0d) break;
  }
  return { count, end };
}

function endWithoutBlanks(text: string, from: number, end: number): number {
  let last = end;
  while (last > from && [0x20, 0x09, 0x0d].includes(text.charCodeAt(last - 1))) last--;
  return last;
}
