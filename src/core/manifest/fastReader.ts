import type { Json, JsonObject } from '../json.ts';
import type { Span } from '../text/span.ts';
import { readBlockScalar } from './blockScalar.ts';
import { FlowReader } from './flowReader.ts';
import { deepestNesting } from './nodeReader.ts';
import { endOfQuoted } from './quotedScalar.ts';
import { type YamlProfile, notJson, plainKeyName, resolvePlain } from './scalars.ts';
import type { DocumentPiece } from './splitDocuments.ts';
import { unsupportedYaml } from './unsupportedYaml.ts';

const tab = 0x09;
const lineBreak = 0x0a;
const space = 0x20;
const doubleQuote = 0x22;
const hash = 0x23;
const singleQuote = 0x27;
const dash = 0x2d;
const colon = 0x3a;
const openBracket = 0x5b;
const openBrace = 0x7b;

/** What may not begin a plain scalar here: indicators, and what only looks like the start of one. */
const notPlain = new Set(Array.from('&*!|>%@`,[]{}?#\t\uFEFF', (character) => character.charCodeAt(0)));
/** YAML limits keys to 1024 characters; the library decides about those near the limit. */
const longestKey = 1000;

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
  readonly #text: string;
  readonly #limit: number;
  readonly #profile: YamlProfile;
  readonly #flow: FlowReader;
  /** The first character of what is read next, and its column; the column is -1 at the end of the document. */
  #at: number;
  #column = 0;
  /** How many blank lines, and whether a comment, stood between what was read last and the current place. */
  #blankLines = 0;
  #commented = false;
  readonly #items: Span[] = [];
  #itemsDepth = -1;

  constructor(text: string, piece: DocumentPiece, profile: YamlProfile) {
    this.#text = text;
    this.#limit = piece.end;
    this.#profile = profile;
    this.#at = piece.start;
    const tabs = /^\s*[{[]/.test(text.slice(piece.start, piece.start + 100));
    this.#flow = new FlowReader(text, piece.end, { profile, deepest: deepestNesting, tabs });
  }

  read(): { value: Json; items: Span[] } {
    const start = this.#at;
    if (this.#text.startsWith('---', start) && !/[^\s]/.test(this.#text.charAt(start + 3))) this.#endLine(start + 3);
    else this.#nextLine(start);
    if (this.#column === -1) return { value: null, items: [] };
    const first = this.#text.charCodeAt(this.#at);
    if (first === openBrace || first === openBracket) return this.#readDocumentInFlow();
    const value = this.#readBlock(0);
    if (this.#column !== -1) throw unsupportedYaml;
    return { value, items: this.#items };
  }

  #readDocumentInFlow(): { value: Json; items: Span[] } {
    this.#flow.at = this.#at;
    const value = this.#flow.readCollection(0);
    this.#endLine(this.#flow.at);
    if (this.#column !== -1) throw unsupportedYaml;
    return { value, items: this.#flow.items };
  }

  /** Reads the map or list that begins at the current column. */
  #readBlock(depth: number): Json {
    if (depth > deepestNesting) throw unsupportedYaml;
    if (this.#isDash(this.#at)) return this.#readList(depth);
    const end = this.#keyEnd(this.#at);
    if (end === -1) throw unsupportedYaml;
    return this.#readMap(end, depth);
  }

  #readList(depth: number): Json[] {
    const items: Json[] = [];
    const column = this.#column;
    const recorded = depth === this.#itemsDepth;
    while (this.#column === column && this.#isDash(this.#at)) {
      const start = this.#at;
      items.push(this.#readItem(column, depth));
      if (recorded) this.#items.push({ start: start + 2, end: this.#contentEnd() });
    }
    // What is indented more than the items, or less but not by a level above, is not for this reader; levels above check theirs.
    if (this.#column > column) throw unsupportedYaml;
    return items;
  }

  #readItem(column: number, depth: number): Json {
    let at = this.#at + 1;
    while (this.#text.charCodeAt(at) === space && at < this.#limit) at++;
    const code = at < this.#limit ? this.#text.charCodeAt(at) : lineBreak;
    if (code === lineBreak || code === hash) {
      this.#endLine(at);
      return this.#column > column ? this.#readBlockOrScalar(column, depth + 1) : null;
    }
    if (this.#isDash(at)) {
      this.#moveTo(at);
      return this.#readBlock(depth + 1);
    }
    const end = code === openBrace || code === openBracket ? -1 : this.#keyEnd(at);
    if (end === -1) return this.#readScalar(at, column, depth);
    this.#moveTo(at);
    if (depth + 1 > deepestNesting) throw unsupportedYaml;
    return this.#readMap(end, depth + 1);
  }

  /** Reads a map whose first key begins at the current place and ends at `firstEnd`. */
  #readMap(firstEnd: number, depth: number): JsonObject {
    const object: JsonObject = {};
    const column = this.#column;
    let end = firstEnd;
    for (;;) {
      const name = this.#readKey(end);
      if (object[name] !== undefined && Object.hasOwn(object, name)) throw unsupportedYaml;
      if (depth === 0 && name === 'items') this.#itemsDepth = 1;
      object[name] = this.#readField(column, depth);
      if (depth === 0) this.#itemsDepth = -1;
      if (this.#column !== column) break;
      end = this.#isDash(this.#at) ? -1 : this.#keyEnd(this.#at);
      if (end === -1) throw unsupportedYaml;
    }
    if (this.#column > column) throw unsupportedYaml;
    return object;
  }

  /** Reads the key that ends at `end`, and goes to what follows its colon. */
  #readKey(end: number): string {
    const start = this.#at;
    const first = this.#text.charCodeAt(start);
    let at = end;
    while (this.#text.charCodeAt(at) === space) at++;
    this.#at = at + 1;
    let name: string;
    if (first === doubleQuote || first === singleQuote) {
      this.#flow.at = start;
      name = this.#flow.readQuoted();
    } else {
      const source = this.#text.slice(start, end);
      const resolved = plainKeyName(source, this.#profile);
      if (!resolved.ok || source === '<<') throw unsupportedYaml;
      name = resolved.name;
    }
    if (name === '__proto__') throw unsupportedYaml;
    return name;
  }

  /** Reads the value of a field, from after the colon of its key. */
  #readField(column: number, depth: number): Json {
    let at = this.#at;
    while (this.#text.charCodeAt(at) === space && at < this.#limit) at++;
    const code = at < this.#limit ? this.#text.charCodeAt(at) : lineBreak;
    if (code !== lineBreak && code !== hash) return this.#readScalar(at, column, depth);
    this.#endLine(at);
    if (this.#column > column) return this.#readBlockOrScalar(column, depth + 1);
    // A list may stand at the column of its key.
    if (this.#column === column && this.#isDash(this.#at)) return this.#readBlock(depth + 1);
    return null;
  }

  /** Reads what begins on a line of its own, within something at `parent`. */
  #readBlockOrScalar(parent: number, depth: number): Json {
    const first = this.#text.charCodeAt(this.#at);
    if (first === openBrace || first === openBracket) return this.#readScalar(this.#at, parent, depth - 1);
    if (this.#isDash(this.#at) || this.#keyEnd(this.#at) !== -1) return this.#readBlock(depth);
    // The library takes a comment in this place for the end of the node above.
    if (this.#commented) throw unsupportedYaml;
    return this.#readScalar(this.#at, parent, depth);
  }

  /** Reads a scalar or flow collection that begins at `at`, within something at column `parent`. */
  #readScalar(at: number, parent: number, depth: number): Json {
    const code = this.#text.charCodeAt(at);
    if (code === doubleQuote || code === singleQuote) {
      this.#flow.at = at;
      const value = this.#flow.readQuoted();
      this.#endLine(this.#flow.at);
      return value;
    }
    if (code === openBrace || code === openBracket) {
      this.#flow.at = at;
      const value = this.#flow.readCollection(depth + 1);
      this.#endLine(this.#flow.at);
      return value;
    }
    if (code === 0x7c || code === 0x3e) {
      const { value, end } = readBlockScalar(this.#text, at, this.#limit, parent);
      this.#nextLine(end);
      return value;
    }
    const value = resolvePlain(this.#readPlain(at, parent), this.#profile);
    if (value === notJson) throw unsupportedYaml;
    return value;
  }

  #readPlain(at: number, parent: number): string {
    const code = this.#text.charCodeAt(at);
    if (notPlain.has(code) || this.#isDash(at)) throw unsupportedYaml;
    let value = this.#plainLine(at);
    // Lines indented more than the parent go on with the scalar.
    while (this.#column > parent) {
      if (this.#commented || this.#isDash(this.#at)) throw unsupportedYaml;
      const blank = this.#blankLines;
      value += (blank === 0 ? ' ' : '\n'.repeat(blank)) + this.#plainLine(this.#at);
    }
    return value;
  }

  /** The text of a plain scalar on one line, from `at`; then goes to the next line. */
  #plainLine(at: number): string {
    const text = this.#text;
    let end = at;
    let commented = false;
    for (; end < this.#limit; end++) {
      const code = text.charCodeAt(end);
      if (code === lineBreak) break;
      if (code === tab) throw unsupportedYaml;
      // A colon before a blank would make it a key, on which a reader has to fail here.
      if (code === colon && this.#isBlank(end + 1)) throw unsupportedYaml;
      if (code === hash && text.charCodeAt(end - 1) === space) {
        commented = true;
        break;
      }
    }
    let last = end;
    while (last > at && text.charCodeAt(last - 1) === space) last--;
    this.#endLine(end);
    this.#commented ||= commented;
    return text.slice(at, last);
  }

  /** Where a key that begins at `at` ends, when what is there is a key with its colon, all on one line; else -1. */
  #keyEnd(at: number): number {
    const text = this.#text;
    const first = text.charCodeAt(at);
    if (first === doubleQuote || first === singleQuote) {
      const lineEnd = text.indexOf('\n', at);
      const end = endOfQuoted(text, at, lineEnd === -1 ? this.#limit : lineEnd) ?? -1;
      let next = end;
      while (text.charCodeAt(next) === space) next++;
      return end !== -1 && text.charCodeAt(next) === colon && this.#isBlank(next + 1) ? this.#limited(at, end) : -1;
    }
    if (notPlain.has(first)) return -1;
    for (let end = at; end < this.#limit; end++) {
      const code = text.charCodeAt(end);
      if (code === colon && this.#isBlank(end + 1)) {
        let last = end;
        while (last > at && text.charCodeAt(last - 1) === space) last--;
        return this.#limited(at, last);
      }
      if (code === lineBreak || (code === hash && text.charCodeAt(end - 1) === space)) return -1;
      if (code === tab) throw unsupportedYaml;
    }
    return -1;
  }

  #limited(start: number, end: number): number {
    if (end - start > longestKey || end === start) throw unsupportedYaml;
    return end;
  }

  /** Ends the line at `at`, where nothing but a comment may follow, and goes to the next one with content. */
  #endLine(at: number): void {
    const text = this.#text;
    let end = at;
    while (end < this.#limit && text.charCodeAt(end) === space) end++;
    if (end >= this.#limit) {
      this.#nextLine(this.#limit);
      return;
    }
    const code = text.charCodeAt(end);
    if (code === hash) {
      if (end === at && text.charCodeAt(end - 1) !== space) throw unsupportedYaml;
      end = text.indexOf('\n', end);
    } else if (code !== lineBreak) throw unsupportedYaml;
    this.#nextLine(end === -1 ? this.#limit : end + 1);
  }

  /** Goes to the first line with content from `line` on. */
  #nextLine(line: number): void {
    const text = this.#text;
    const limit = this.#limit;
    this.#blankLines = 0;
    this.#commented = false;
    let at = line;
    while (at < limit) {
      const start = at;
      while (text.charCodeAt(at) === space) at++;
      if (at >= limit) break;
      const code = text.charCodeAt(at);
      if (code === lineBreak) {
        this.#blankLines++;
        at++;
      } else if (code === hash) {
        this.#commented = true;
        const end = text.indexOf('\n', at);
        at = end === -1 ? limit : end + 1;
      } else {
        if (code === tab) throw unsupportedYaml;
        this.#at = at;
        this.#column = at - start;
        return;
      }
    }
    this.#at = limit;
    this.#column = -1;
  }

  #moveTo(at: number): void {
    this.#column += at - this.#at;
    this.#at = at;
  }

  #isDash(at: number): boolean {
    return this.#text.charCodeAt(at) === dash && this.#isBlank(at + 1);
  }

  #isBlank(at: number): boolean {
    if (at >= this.#limit) return true;
    const code = this.#text.charCodeAt(at);
    if (code === tab) throw unsupportedYaml;
    return code === space || code === lineBreak;
  }

  /** The end of what was read last: the current place without the blanks before it. */
  #contentEnd(): number {
    let end = this.#at;
    while (this.#text.charCodeAt(end - 1) <= space) end--;
    return end;
  }
}
