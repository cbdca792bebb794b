import { unsupportedYaml } from './unsupportedYaml.ts';

const header = /[|>](?:([-+])?([1-9])?|([1-9])([-+]))(?=[ \n])[ ]*(?:(?<= )#[^\n]*)?\n/y;

/**
 * Reads a block scalar (`|` or `>`) whose header is at `at`, in a node indented by `parentIndent`. Throws `unsupportedYaml` where
 * its shape is unusual. `end` is the offset of the first line that is no part of it.
 */
export function readBlockScalar(
  text: string,
  at: number,
  limit: number,
  parentIndent: number,
): { value: string; end: number } {
  header.lastIndex = at;
  const match = header.exec(text);
  if (match === null || header.lastIndex > limit) throw unsupportedYaml;
  const literal = text.charCodeAt(at) === 0x7c;
  const chomping = match[1] ?? match[4] ?? '';
  const explicit = match[2] ?? match[3];
  const body = header.lastIndex;
  const indent =
    explicit === undefined
      ? foundIndent(text, body, limit, parentIndent)
      : Math.max(parentIndent, 0) + Number(explicit);

  // The names and the order are those of the YAML rules: a line's own break, the empty lines after it, the fold between two lines.
  let value = '';
  let ownBreak = '';
  let emptyLines = '';
  let previousIsBlank = false;
  let line = body;
  while (line < limit) {
    const content = contentAt(text, line, limit, indent);
    if (content === -1) break;
    const lineEnd = text.indexOf('\n', content);
    // Without a last line break Go and the library differ on what chomping leaves.
    if (lineEnd === -1 || lineEnd >= limit) throw unsupportedYaml;
    if (lineEnd === content && content - line <= indent) {
      emptyLines += '\n';
    } else {
      const first = text.charCodeAt(content);
      const isBlank = first === 0x20 || first === 0x09;
      const folds = !literal && ownBreak !== '' && !previousIsBlank && !isBlank;
      value += folds && emptyLines === '' ? ' ' : folds ? emptyLines : ownBreak + emptyLines;
      const shown = text.slice(content, lineEnd);
      // Of lines of blanks beyond a given indentation, Go and the library make different things.
      if (isBlank && explicit !== undefined && shown.trim() === '') throw unsupportedYaml;
      value += shown;
      emptyLines = '';
      ownBreak = '\n';
      previousIsBlank = isBlank;
    }
    line = lineEnd + 1;
  }
  if (chomping !== '-') value += ownBreak;
  if (chomping === '+') value += emptyLines;
  return { value, end: line };
}

/** Where the content of a line begins, the end of the line for an empty one, or -1 for a line indented less. */
function contentAt(text: string, line: number, limit: number, indent: number): number {
  let at = line;
  const content = line + indent;
  while (at < content && at < limit && text.charCodeAt(at) === 0x20) at++;
  if (at === content) return at;
  const code = text.charCodeAt(at);
  if (code === 0x0a) return at;
  if (code === 0x09) throw unsupportedYaml;
  return -1;
}

/** The indentation of the first line that is not empty; one less than the node's would be when there is none. */
function foundIndent(text: string, body: number, limit: number, parentIndent: number): number {
  let longestEmpty = 0;
  for (let line = body; line < limit;) {
    let at = line;
    while (text.charCodeAt(at) === 0x20) at++;
    const indent = at - line;
    const code = text.charCodeAt(at);
    if (at < limit && code === 0x0a) {
      longestEmpty = Math.max(longestEmpty, indent);
      line = at + 1;
      continue;
    }
    if (code === 0x09) throw unsupportedYaml;
    if (indent <= parentIndent) break;
    // Go and the library disagree on empty lines that are longer than the indentation.
    if (longestEmpty > indent) throw unsupportedYaml;
    return indent;
  }
  if (longestEmpty > parentIndent + 1) throw unsupportedYaml;
  return Math.max(parentIndent, 0) + 1;
}
