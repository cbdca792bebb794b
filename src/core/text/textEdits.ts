import type { TextEdit } from './span.ts';

/** The text after edits that do not overlap, in any order. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  let result = '';
  let at = 0;
  for (const edit of edits.toSorted((a, b) => a.span.start - b.span.start)) {
    if (edit.span.start < at) throw new RangeError('Text edits must not overlap.');
    result += text.slice(at, edit.span.start) + edit.newText;
    at = edit.span.end;
  }
  return result + text.slice(at);
}

/** The one smallest edit that turns a text into another; none when they are equal. */
export function smallestEdit(before: string, after: string): TextEdit[] {
  if (before === after) return [];
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before.charCodeAt(start) === after.charCodeAt(start)) start++;
  let tail = 0;
  while (
    tail < shorter - start &&
    before.charCodeAt(before.length - 1 - tail) === after.charCodeAt(after.length - 1 - tail)
  ) {
    tail++;
  }
  // An edit never cuts a surrogate pair or a line break of two characters in half.
  while (start > 0 && (isLow(before, start) || isLow(after, start))) start--;
  while (tail > 0 && (isLow(before, before.length - tail) || isLow(after, after.length - tail))) tail--;
  return [{ span: { start, end: before.length - tail }, newText: after.slice(start, after.length - tail) }];
}

function isLow(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return (code >= 0xdc00 && code <= 0xdfff) || (code === 0x0a && text.charCodeAt(at - 1) === 0x0d);
}
