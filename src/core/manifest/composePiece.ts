import { type Alias, type Document, Lexer, type Node, type ParsedNode, type ErrorCode, parseDocument } from 'yaml';
import { bindAliases } from './bindAliases.ts';
import type { Span } from '../text/span.ts';
import { endOfQuoted } from './quotedScalar.ts';
import type { DocumentPiece } from './splitDocuments.ts';
import { type TextProblem, textError } from './textProblem.ts';
import { yamlMessage } from './yamlMessage.ts';

/** A document as nodes of the `yaml` library. Offsets of nodes count from `offset` in the whole text. */
export interface ComposedPiece {
  contents: ParsedNode | null;
  offset: number;
  /** What the aliases stand for. */
  targets: ReadonlyMap<Alias, Node>;
  /**
   * Whether line breaks within quotes (semantics Y-6) or tabs were hidden from the library; then the value of a scalar has to be
   * read from the text itself.
   */
  masked: boolean;
  problems: TextProblem[];
}

// Each masking reads the tokens again. Real manifests have one or two such scalars; a hostile text shall not cost more.
const mostMaskings = 40;
const marks: ReadonlySet<string> = new Set(['\u0002', '\u0018', '\u001F']);
/** The library reads this in about a second; only the fast reader takes more. */
const largestForLibrary = 4 * 1024 * 1024;

/** Reads one document with the `yaml` library: every scalar stays text, errors become problems. Never throws. */
export function composePiece(text: string, piece: DocumentPiece, keepSourceTokens = false): ComposedPiece {
  const source = text.slice(piece.start, piece.end);
  const offset = piece.start;
  const failed = (problem: TextProblem): ComposedPiece => ({
    contents: null,
    offset,
    targets: new Map(),
    masked: false,
    problems: [problem],
  });
  if (source.length > largestForLibrary) {
    const message = `This document of ${Math.round(source.length / 1024 / 1024)} MB is wrong, or too large for all that it uses of YAML`;
    const remedy = 'Split it, or write it in plain block style or JSON.';
    return failed(textError('too-large', message, firstLine(text, piece), remedy));
  }
  try {
    return compose(source, offset, keepSourceTokens);
  } catch (ex) {
    // The library guards its own recursion; a smaller stack may still end before.
    if (!(ex instanceof RangeError)) throw ex;
    return failed(tooDeep(firstLine(text, piece)));
  }
}

function compose(source: string, offset: number, keepSourceTokens: boolean): ComposedPiece {
  // JSON may be indented with tabs, which kubectl reads as JSON and the library refuses.
  const tabless = isJson(source) && source.includes('\t') ? source.replaceAll('\t', ' ') : source;
  let document = parse(tabless, keepSourceTokens);
  const unescaped = hideEscapes(tabless, document.errors);
  const isBroken = document.errors.some((error) => error.code === 'MISSING_CHAR');
  const masked = isBroken ? hideLineBreaks(unescaped) : unescaped;
  if (masked !== tabless) document = parse(masked, keepSourceTokens);
  const first = document.errors.find((error) => error.code === 'RESOURCE_EXHAUSTION') ?? document.errors[0];
  const problems = first === undefined ? [] : [problemOf(first, offset, source)];
  const contents = problems.length > 0 ? null : document.contents;
  return { contents, offset, targets: bindAliases(contents), masked: masked !== source, problems };
}

function isJson(source: string): boolean {
  return /^\s*(?:\{(?!\{)|\[)/.test(source);
}

function parse(source: string, keepSourceTokens: boolean): Document.Parsed {
  return parseDocument(source, {
    schema: 'failsafe',
    version: '1.2',
    resolveKnownTags: false,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
    keepSourceTokens,
  });
}

/** Go knows `\'` between double quotes, the library does not; another escape in its place keeps every offset. */
function hideEscapes(source: string, errors: Document.Parsed['errors']): string {
  let shown = source;
  for (const { code, pos } of errors) {
    const at = code === 'BAD_DQ_ESCAPE' ? shown.indexOf("\\'", pos[0] - 1) : -1;
    if (at !== -1 && at <= pos[0] + 1) shown = `${shown.slice(0, at)}\\"${shown.slice(at + 2)}`;
  }
  return shown;
}

/**
 * Go accepts continuation lines of a quoted scalar at any indentation, the library's lexer ends the scalar there (semantics Y-6).
 * Spaces in place of the line breaks make it one line and keep every offset.
 */
function hideLineBreaks(source: string): string {
  let shown = source;
  for (let masking = 0; masking < mostMaskings; masking++) {
    const span = brokenQuotes(shown);
    if (span === undefined) break;
    const hidden = shown.slice(span.start, span.end).replace(/[\r\n]/g, ' ');
    shown = shown.slice(0, span.start) + hidden + shown.slice(span.end);
  }
  return shown;
}

/** The first quoted scalar that the lexer ended too early and that has a closing quote further on. */
function brokenQuotes(source: string): Span | undefined {
  let at = 0;
  for (const token of new Lexer().lex(source)) {
    // The lexer's own marks stand for nothing in the source.
    if (marks.has(token)) continue;
    const quote = token[0];
    if ((quote === '"' || quote === "'") && endOfQuoted(token, 0) !== token.length) {
      const end = endOfQuoted(source, at);
      return end === undefined ? undefined : { start: at, end };
    }
    at += token.length;
  }
  return undefined;
}

function problemOf(
  error: { code: ErrorCode; message: string; pos: readonly [number, number] },
  offset: number,
  source: string,
): TextProblem {
  // The library may point behind the end of the text.
  const [start, end] = [Math.min(error.pos[0], source.length), Math.min(error.pos[1], source.length)];
  const span = { start: offset + start, end: offset + end };
  if (error.code === 'RESOURCE_EXHAUSTION') return tooDeep(span);
  const message = yamlMessage(error);
  if (isJson(source)) return textError('invalid-json', `The document is not valid JSON or YAML: ${message}`, span);
  const tab = error.code === 'TAB_AS_INDENT';
  const text = tab
    ? 'A tab indents this line, which YAML does not allow'
    : `The document is not valid YAML: ${message}`;
  return textError('invalid-yaml', text, span, tab ? 'Indent with spaces.' : undefined);
}

export function tooDeep(span: Span): TextProblem {
  return textError('too-deep', 'The document is nested too deeply to be read', span, 'Flatten it.');
}

/** The place of a document for a problem that has no better one. */
export function firstLine(text: string, piece: Span): Span {
  const lineEnd = text.indexOf('\n', piece.start);
  return { start: piece.start, end: lineEnd === -1 ? piece.end : Math.min(lineEnd, piece.end) };
}
