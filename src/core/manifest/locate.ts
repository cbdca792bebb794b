import { type Node, isCollection, isNode, isSeq } from 'yaml';
import type { PathSegment } from '../location.ts';
import type { Span } from '../text/span.ts';
import { type ComposedPiece, composePiece } from './composePiece.ts';
import type { YamlProfile } from './scalars.ts';
import { type DocumentPiece, splitDocuments } from './splitDocuments.ts';
import { type Walk, walkPath } from './walkPath.ts';

/** Where a path stands in a file. Spans count from the start of the file's text. */
export interface Place {
  /** The key of the last segment, where the path ends in a field that the file has. */
  key?: Span;
  /** The value at the path, where the file has it. Through an alias it is the value of the anchor. */
  value?: Span;
  /** The key (of a list item: its first line) of the last step that the file has; of the object where it has none. */
  deepest: Span;
  /** How many segments of the path the file has. */
  depth: number;
}

/** Where a path of an object stands in a manifest file. Undefined where the document is missing, empty or cannot be read. */
export function locate(
  text: string,
  documentIndex: number,
  segments: readonly PathSegment[],
  options: { profile: YamlProfile; itemIndex?: number },
): Place | undefined {
  const { profile, ...place } = options;
  return new ManifestPositions(text, profile).locate(documentIndex, segments, place);
}

/** Answers where paths stand in one text, which is parsed once, document by document, when first asked about. */
export class ManifestPositions {
  readonly #text: string;
  readonly #profile: YamlProfile;
  readonly #pieces: readonly DocumentPiece[];
  readonly #composed = new Map<number, ComposedPiece>();

  constructor(text: string, profile: YamlProfile) {
    this.#text = text;
    this.#profile = profile;
    this.#pieces = splitDocuments(text);
  }

  locate(
    documentIndex: number,
    segments: readonly PathSegment[],
    options: { itemIndex?: number } = {},
  ): Place | undefined {
    const piece = this.#compose(documentIndex);
    if (piece === undefined || !isCollection(piece.contents)) return undefined;
    const document = { text: this.#text, piece, profile: this.#profile };
    const root =
      options.itemIndex === undefined
        ? piece.contents
        : itemOf(walkPath(document, piece.contents, [{ field: 'items' }]), options.itemIndex);
    if (root === undefined) return undefined;
    return this.#placeOf(walkPath(document, root, segments), root, segments.length, piece.offset);
  }

  #placeOf(walk: Walk, root: Node, wanted: number, offset: number): Place {
    const last = walk.steps.at(-1);
    const depth = walk.steps.length;
    const key = last?.pair === undefined ? undefined : this.#spanOf(last.pair.key, offset);
    const value = this.#spanOf(last === undefined ? root : (last.value ?? last.pair?.key ?? root), offset);
    const deepest = key ?? this.#firstLine(value);
    if (depth < wanted) return { deepest, depth };
    return { ...(key === undefined ? {} : { key }), value, deepest, depth };
  }

  #compose(documentIndex: number): ComposedPiece | undefined {
    const piece = this.#pieces[documentIndex];
    if (piece === undefined) return undefined;
    let composed = this.#composed.get(documentIndex);
    if (composed === undefined) {
      composed = composePiece(this.#text, piece);
      this.#composed.set(documentIndex, composed);
    }
    return composed;
  }

  #spanOf(node: Node, offset: number): Span {
    const [start, valueEnd] = node.range ?? [0, 0];
    // Values of block style end with the line breaks after them, which are no part of what a person sees as the value.
    let end = offset + valueEnd;
    while (end > offset + start && ' \t\r\n'.includes(this.#text.charAt(end - 1))) end--;
    return { start: offset + start, end };
  }

  #firstLine(span: Span): Span {
    const lineEnd = this.#text.indexOf('\n', span.start);
    return lineEnd === -1 || lineEnd > span.end ? span : { start: span.start, end: lineEnd };
  }
}

function itemOf(walk: Walk, index: number): Node | undefined {
  const item = isSeq(walk.end) && walk.steps.length === 1 ? walk.end.items[index] : undefined;
  return isNode(item) ? item : undefined;
}
