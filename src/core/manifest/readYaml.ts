import { isMap, isNode, isScalar, isSeq } from 'yaml';
import type { Json } from '../json.ts';
import type { Span } from '../text/span.ts';
import { type ComposedPiece, composePiece } from './composePiece.ts';
import { readFast } from './fastReader.ts';
import { readNodes } from './nodeReader.ts';
import type { YamlProfile } from './scalars.ts';
import { type DocumentPiece, splitDocuments } from './splitDocuments.ts';
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
const notJsonText = /[\0-\x08\x0B\x0C\x0E-\x1F\uFFFD]/;

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
  const pieces = splitDocuments(text);
  const fast = new FastText(text, pieces, options.profile);
  for (const [index, piece] of pieces.entries()) {
    const span = trimmed(text, piece);
    const known = fast.read(index);
    if (known !== undefined) {
      documents.push({ value: known.value, index, span, items: known.items });
      continue;
    }
    const composed = composePiece(text, piece);
    problems.push(...composed.problems);
    if (composed.problems.length > 0) continue;
    const read = readNodes(text, composed, options.profile);
    problems.push(...read.problems);
    if (read.value === undefined) continue;
    documents.push({ value: read.value, index, span, items: itemSpans(text, composed) });
  }
  return { documents, problems };
}

/** A text as the fast reader likes it: lines end with a line feed. */
class FastText {
  readonly #text: string;
  readonly #pieces: readonly DocumentPiece[];
  readonly #profile: YamlProfile;
  readonly #asWritten: boolean;
  readonly #loneReturns: boolean;

  constructor(text: string, pieces: readonly DocumentPiece[], profile: YamlProfile) {
    this.#profile = profile;
    this.#asWritten = !text.includes('\r');
    this.#text = this.#asWritten ? text : text.replaceAll('\r\n', '\n');
    this.#loneReturns = !this.#asWritten && this.#text.includes('\r');
    this.#pieces = this.#asWritten ? pieces : splitDocuments(this.#text);
  }

  read(index: number): { value: Json; items: Span[] } | undefined {
    const piece = this.#pieces[index];
    if (piece === undefined || this.#loneReturns) return undefined;
    const read = readFast(this.#text, piece, this.#profile);
    // Offsets of another text than the one at hand are of no use.
    return read === undefined || (!this.#asWritten && read.items.length > 0) ? undefined : read;
  }
}

function itemSpans(text: string, composed: ComposedPiece): Span[] {
  const items = isMap(composed.contents)
    ? composed.contents.items.findLast((pair) => isItems(pair.key))?.value
    : undefined;
  if (!isSeq(items)) return [];
  return items.items.map((item) => {
    const [start, end] = isNode(item) ? item.range : [0, 0];
    return trimmed(text, { start: composed.offset + start, end: composed.offset + end });
  });
}

function isItems(key: unknown): boolean {
  return isScalar(key) && key.value === 'items';
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
  const match = (/^\s*[{[]/.test(text) ? notJsonText : notText).exec(text);
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
