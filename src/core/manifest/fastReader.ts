import type { Json, JsonObject } from '../json.ts';
import type { Span } from '../text/span.ts';
import { readBlockScalar } from './blockScalar.ts';
import { FlowReader } from './flowReader.ts';
import { LineCursor, notPlain } from './lineCursor.ts';
import { deepestNesting } from './nodeReader.ts';
import { type YamlProfile, notJson, plainKeyName, resolvePlain } from './scalars.ts';
import type { DocumentPiece } from './splitDocuments.ts';
import { unsupportedYaml } from './unsupportedYaml.ts';

const lineBreak = 0x0a;
const space = 0x20;
const doubleQuote = 0x22;
const hash = 0x23;
const singleQuote = 0x27;
const openBracket = 0x5b;
const openBrace = 0x7b;

/**
 * Reads the part of YAML that kustomize, Helm and kubectl print, several times as fast as a library that keeps positions: block maps
 * and lists, plain, quoted and block scalars, flow collections. Undefined for every document that uses anything else, or is wrong:
 * the library then decides. The text must hold no carriage returns outside of JSON.
 */
export function readFast(
  text: string,
  piece: DocumentPiece,
  profile: YamlProfile,
): { value: Json; items: Span[] } | undefined {
  if (piece.directives) return undefined;
  try {
    return new FastReader(text, piece, profile).read();
  } catch (ex) {
    if (ex !== unsupportedYaml) throw ex;
    return undefined;
  }
}

class FastReader {
  readonly #lines: LineCursor;
  readonly #profile: YamlProfile;
  readonly #flow: FlowReader;
  readonly #items: Span[] = [];
  #itemsDepth = -1;

  constructor(text: string, piece: DocumentPiece, profile: YamlProfile) {
    this.#lines = new LineCursor(text, piece.start, piece.end);
    this.#profile = profile;
    const tabs = /^\s*[{[]/.test(text.slice(piece.start, piece.start + 100));
    this.#flow = new FlowReader(text, piece.end, { profile, deepest: deepestNesting, tabs });
  }

  read(): { value: Json; items: Span[] } {
    const start = this.#lines.at;
    const marked = this.#lines.text.startsWith('---', start) && !/\S/.test(this.#lines.text.charAt(start + 3));
    if (marked) this.#lines.endLine(start + 3);
    else this.#lines.nextLine(start);
    if (this.#lines.column === -1) return { value: null, items: [] };
    const first = this.#lines.text.charCodeAt(this.#lines.at);
    if (first === openBrace || first === openBracket) return this.#readDocumentInFlow();
    const value = this.#readBlock(0);
    if (this.#lines.column !== -1) throw unsupportedYaml;
    return { value, items: this.#items };
  }

  #readDocumentInFlow(): { value: Json; items: Span[] } {
    this.#flow.at = this.#lines.at;
    const value = this.#flow.readCollection(0);
    this.#lines.endLine(this.#flow.at);
    if (this.#lines.column !== -1) throw unsupportedYaml;
    return { value, items: this.#flow.items };
  }

  /** Reads the map or list that begins at the current column. */
  #readBlock(depth: number): Json {
    if (depth > deepestNesting) throw unsupportedYaml;
    if (this.#lines.isDash(this.#lines.at)) return this.#readList(depth);
    const end = this.#lines.keyEnd(this.#lines.at);
    if (end === -1) throw unsupportedYaml;
    return this.#readMap(end, depth);
  }

  #readList(depth: number): Json[] {
    const items: Json[] = [];
    const column = this.#lines.column;
    const recorded = depth === this.#itemsDepth;
    while (this.#lines.column === column && this.#lines.isDash(this.#lines.at)) {
      const start = this.#lines.at;
      items.push(this.#readItem(column, depth));
      if (recorded) this.#items.push({ start: start + 2, end: this.#lines.contentEnd() });
    }
    // What is indented more than the items, or less but not by a level above, is not for this reader; levels above check theirs.
    if (this.#lines.column > column) throw unsupportedYaml;
    return items;
  }

  #readItem(column: number, depth: number): Json {
    let at = this.#lines.at + 1;
    while (this.#lines.text.charCodeAt(at) === space && at < this.#lines.limit) at++;
    const code = at < this.#lines.limit ? this.#lines.text.charCodeAt(at) : lineBreak;
    if (code === lineBreak || code === hash) {
      this.#lines.endLine(at);
      return this.#lines.column > column ? this.#readBlockOrScalar(column, depth + 1) : null;
    }
    if (this.#lines.isDash(at)) {
      this.#lines.moveTo(at);
      return this.#readBlock(depth + 1);
    }
    const end = code === openBrace || code === openBracket ? -1 : this.#lines.keyEnd(at);
    if (end === -1) return this.#readScalar(at, column, depth);
    this.#lines.moveTo(at);
    if (depth + 1 > deepestNesting) throw unsupportedYaml;
    return this.#readMap(end, depth + 1);
  }

  /** Reads a map whose first key begins at the current place and ends at `firstEnd`. */
  #readMap(firstEnd: number, depth: number): JsonObject {
    const object: JsonObject = {};
    const column = this.#lines.column;
    let end = firstEnd;
    for (;;) {
      const name = this.#readKey(end);
      if (object[name] !== undefined && Object.hasOwn(object, name)) throw unsupportedYaml;
      if (depth === 0 && name === 'items') this.#itemsDepth = 1;
      object[name] = this.#readField(column, depth);
      if (depth === 0) this.#itemsDepth = -1;
      if (this.#lines.column !== column) break;
      end = this.#lines.isDash(this.#lines.at) ? -1 : this.#lines.keyEnd(this.#lines.at);
      if (end === -1) throw unsupportedYaml;
    }
    if (this.#lines.column > column) throw unsupportedYaml;
    return object;
  }

  /** Reads the key that ends at `end`, and goes to what follows its colon. */
  #readKey(end: number): string {
    const start = this.#lines.at;
    const first = this.#lines.text.charCodeAt(start);
    let at = end;
    while (this.#lines.text.charCodeAt(at) === space) at++;
    this.#lines.at = at + 1;
    let name: string;
    if (first === doubleQuote || first === singleQuote) {
      this.#flow.at = start;
      name = this.#flow.readQuoted();
    } else {
      const source = this.#lines.text.slice(start, end);
      const resolved = plainKeyName(source, this.#profile);
      if (!resolved.ok || source === '<<') throw unsupportedYaml;
      name = resolved.name;
    }
    if (name === '__proto__') throw unsupportedYaml;
    return name;
  }

  /** Reads the value of a field, from after the colon of its key. */
  #readField(column: number, depth: number): Json {
    let at = this.#lines.at;
    while (this.#lines.text.charCodeAt(at) === space && at < this.#lines.limit) at++;
    const code = at < this.#lines.limit ? this.#lines.text.charCodeAt(at) : lineBreak;
    if (code !== lineBreak && code !== hash) return this.#readScalar(at, column, depth);
    this.#lines.endLine(at);
    if (this.#lines.column > column) return this.#readBlockOrScalar(column, depth + 1);
    // A list may stand at the column of its key.
    if (this.#lines.column === column && this.#lines.isDash(this.#lines.at)) return this.#readBlock(depth + 1);
    return null;
  }

  /** Reads what begins on a line of its own, within something at `parent`. */
  #readBlockOrScalar(parent: number, depth: number): Json {
    const first = this.#lines.text.charCodeAt(this.#lines.at);
    if (first === openBrace || first === openBracket) return this.#readScalar(this.#lines.at, parent, depth - 1);
    if (this.#lines.isDash(this.#lines.at) || this.#lines.keyEnd(this.#lines.at) !== -1) return this.#readBlock(depth);
    // The library takes a comment in this place for the end of the node above.
    if (this.#lines.commented) throw unsupportedYaml;
    return this.#readScalar(this.#lines.at, parent, depth);
  }

  /** Reads a scalar or flow collection that begins at `at`, within something at column `parent`. */
  #readScalar(at: number, parent: number, depth: number): Json {
    const code = this.#lines.text.charCodeAt(at);
    if (code === doubleQuote || code === singleQuote) {
      this.#flow.at = at;
      const value = this.#flow.readQuoted();
      this.#lines.endLine(this.#flow.at);
      return value;
    }
    if (code === openBrace || code === openBracket) {
      this.#flow.at = at;
      const value = this.#flow.readCollection(depth + 1);
      this.#lines.endLine(this.#flow.at);
      return value;
    }
    if (code === 0x7c || code === 0x3e) {
      const { value, end } = readBlockScalar(this.#lines.text, at, this.#lines.limit, parent);
      this.#lines.nextLine(end);
      return value;
    }
    const value = resolvePlain(this.#readPlain(at, parent), this.#profile);
    if (value === notJson) throw unsupportedYaml;
    return value;
  }

  #readPlain(at: number, parent: number): string {
    const code = this.#lines.text.charCodeAt(at);
    if (notPlain.has(code) || this.#lines.isDash(at)) throw unsupportedYaml;
    let value = this.#lines.plainLine(at);
    // Lines indented more than the parent go on with the scalar.
    while (this.#lines.column > parent) {
      if (this.#lines.commented || this.#lines.isDash(this.#lines.at)) throw unsupportedYaml;
      const blank = this.#lines.blankLines;
      value += (blank === 0 ? ' ' : '\n'.repeat(blank)) + this.#lines.plainLine(this.#lines.at);
    }
    return value;
  }
}
