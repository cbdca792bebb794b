import type { Span } from '../text/span.ts';

/** One document of a YAML stream: from its `---` line (or the stream's start) to the next document. */
export interface DocumentPiece extends Span {
  /** Whether a `%` directive precedes the document. */
  directives: boolean;
}

/**
 * Cuts a stream where YAML itself does: at a `---` or `...` that begins a line, which ends every scalar, block scalars
 * included. A piece that holds nothing but comments, blank lines and directives counts only when it began with `---`
 * (semantics Y-9).
 */
export function splitDocuments(text: string): DocumentPiece[] {
  const pieces: DocumentPiece[] = [];
  let start = text.startsWith('\uFEFF') ? 1 : 0;
  let explicit = false;
  let directives = false;
  const close = (end: number): void => {
    const blank = !explicit && isBlank(text, start, end);
    // Directives belong to the document that follows them.
    directives = directives || (blank && text.slice(start, end).includes('%'));
    if (blank) return;
    pieces.push({ start, end, directives });
    directives = false;
  };
  for (const marker of markers(text, start)) {
    close(marker.start);
    start = marker.ends ? marker.end : marker.start;
    explicit = !marker.ends;
  }
  close(text.length);
  return pieces;
}

/** Whether every line is empty, a comment or a directive. */
function isBlank(text: string, start: number, end: number): boolean {
  let at = start;
  while (at < end) {
    const code = text.charCodeAt(at);
    if (code === 0x23 /* # */ || code === 0x25 /* % */) {
      at = text.indexOf('\n', at);
      if (at === -1) return true;
    } else if (code !== 0x20 && code !== 0x09 && code !== 0x0a && code !== 0x0d) return false;
    at++;
  }
  return true;
}

interface Marker extends Span {
  /** `...` ends a document, `---` begins one. */
  ends: boolean;
}

function* markers(text: string, from: number): Generator<Marker> {
  const pattern = /^(?:---|\.\.\.)(?=[ \t\r\n]|$)/gm;
  pattern.lastIndex = from;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    if (match[0] === '---') yield { start: match.index, end: match.index + 3, ends: false };
    else {
      const lineEnd = text.indexOf('\n', match.index);
      yield { start: match.index, end: lineEnd === -1 ? text.length : lineEnd + 1, ends: true };
    }
  }
}
