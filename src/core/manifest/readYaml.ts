import type { Json } from '../json.ts';
import type { Span } from '../text/span.ts';
import { composePiece } from './composePiece.ts';
import { readNodes } from './nodeReader.ts';
import type { YamlProfile } from './scalars.ts';
import { splitDocuments } from './splitDocuments.ts';
import { type TextProblem, textError } from './textProblem.ts';

/** One document of a stream that could be read. */
export interface YamlDocument {
  value: Json;
  /** Which document of the stream it is, empty and unreadable ones counted. */
  index: number;
  span: Span;
  /** Where the items of a top-level `items` list stand. */
  items: Span[];
}

/** Larger than any rendered application, and small enough to be read without a pause that a person would notice much. */
export const defaultMaxBytes = 32 * 1024 * 1024;

// What go-yaml refuses to read, and what a decoder puts in the place of bytes that are no UTF-8.
const notText = /[\0-\x08\x0B\x0C\x0E-\x1F\x7F\uFFFD]/;

/**
 * Reads a stream of YAML or JSON documents. A document that cannot be read is a problem and costs only itself. Never throws.
 */
export function readYaml(
  text: string,
  options: { profile: YamlProfile; maxBytes?: number },
): { documents: YamlDocument[]; problems: TextProblem[] } {
  const unreadable = refuse(text, options.maxBytes ?? defaultMaxBytes);
  if (unreadable !== undefined) return { documents: [], problems: [unreadable] };
  const documents: YamlDocument[] = [];
  const problems: TextProblem[] = [];
  for (const [index, piece] of splitDocuments(text).entries()) {
    const composed = composePiece(text, piece);
    problems.push(...composed.problems);
    if (composed.problems.length > 0) continue;
    const read = readNodes(text, composed, options.profile);
    problems.push(...read.problems);
    if (read.value === undefined) continue;
    documents.push({ value: read.value, index, span: trimmed(text, piece), items: [] });
  }
  return { documents, problems };
}

function refuse(text: string, maxBytes: number): TextProblem | undefined {
  const start = { start: 0, end: Math.min(text.length, 1) };
  // UTF-8 needs at least one byte for each unit, so a text this long is over the limit whatever it holds.
  if (text.length > maxBytes) {
    const [size, limit] = [text.length, maxBytes].map((bytes) => `${(bytes / 1024 / 1024).toFixed(1)} MB`);
    return textError(
      'too-large',
      `The file is larger than ${limit ?? ''} (${size ?? ''})`,
      start,
      'Split it, or raise the limit.',
    );
  }
  const match = notText.exec(text);
  if (match === null) return undefined;
  const span = { start: match.index, end: match.index + 1 };
  if (match[0] === '\uFFFD') return textError('not-text', 'The file is not UTF-8 text', span, 'Save it as UTF-8.');
  const code = match[0].charCodeAt(0).toString(16).padStart(2, '0');
  return textError(
    'not-text',
    `The file holds the control character 0x${code}, so it is no text`,
    span,
    'Remove it, or leave the file out.',
  );
}

function trimmed(text: string, piece: Span): Span {
  let end = piece.end;
  while (end > piece.start && text.charCodeAt(end - 1) <= 0x20) end--;
  return { start: piece.start, end };
}
