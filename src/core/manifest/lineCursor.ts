import { endOfQuoted } from './quotedScalar.ts';
import { unsupportedYaml } from './unsupportedYaml.ts';

const tab = 0x09;
const lineBreak = 0x0a;
const space = 0x20;
const doubleQuote = 0x22;
const hash = 0x23;
const singleQuote = 0x27;
const dash = 0x2d;
const colon = 0x3a;

/** What may not begin a plain scalar here: indicators, and what only looks like the start of one. */
export const notPlain = new Set(Array.from('&*!|>%@`,[]{}?#\t\uFEFF', (character) => character.charCodeAt(0)));
/** YAML limits keys to 1024 characters; the library decides about those near the limit. */
const longestKey = 1000;

/** Goes through the lines of a document in block style. Throws `unsupportedYaml` for what the fast reader leaves to the library. */
export class LineCursor {
  readonly text: string;
  /** The end of the document. */
  readonly limit: number;
  /** The first character of what is read next, and its column; the column is -1 at the end of the document. */
  at: number;
  column = 0;
  /** How many blank lines, and whether a comment, stood between what was read last and the current place. */
  blankLines = 0;
  commented = false;

  constructor(text: string, start: number, limit: number) {
    this.text = text;
    this.limit = limit;
    this.at = start;
  }

  /** The text of a plain scalar on one line, from `at`; then goes to the next line. */
  plainLine(at: number): string {
    const text = this.text;
    let end = at;
    let commented = false;
    for (; end < this.limit; end++) {
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
    this.endLine(end);
    this.commented ||= commented;
    return text.slice(at, last);
  }

  /** Where a key that begins at `at` ends, when what is there is a key with its colon, all on one line; else -1. */
  keyEnd(at: number): number {
    const text = this.text;
    const first = text.charCodeAt(at);
    if (first === doubleQuote || first === singleQuote) {
      const lineEnd = text.indexOf('\n', at);
      const end = endOfQuoted(text, at, lineEnd === -1 ? this.limit : lineEnd) ?? -1;
      let next = end;
      while (text.charCodeAt(next) === space) next++;
      return end !== -1 && text.charCodeAt(next) === colon && this.#isBlank(next + 1) ? this.#limited(at, end) : -1;
    }
    if (notPlain.has(first)) return -1;
    for (let end = at; end < this.limit; end++) {
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
  endLine(at: number): void {
    const text = this.text;
    let end = at;
    while (end < this.limit && text.charCodeAt(end) === space) end++;
    if (end >= this.limit) {
      this.nextLine(this.limit);
      return;
    }
    const code = text.charCodeAt(end);
    if (code === hash) {
      if (end === at && text.charCodeAt(end - 1) !== space) throw unsupportedYaml;
      end = text.indexOf('\n', end);
    } else if (code !== lineBreak) throw unsupportedYaml;
    this.nextLine(end === -1 ? this.limit : end + 1);
  }

  /** Goes to the first line with content from `line` on. */
  nextLine(line: number): void {
    const text = this.text;
    const limit = this.limit;
    this.blankLines = 0;
    this.commented = false;
    let at = line;
    while (at < limit) {
      const start = at;
      while (text.charCodeAt(at) === space) at++;
      if (at >= limit) break;
      const code = text.charCodeAt(at);
      if (code === lineBreak) {
        this.blankLines++;
        at++;
      } else if (code === hash) {
        this.commented = true;
        const end = text.indexOf('\n', at);
        at = end === -1 ? limit : end + 1;
      } else {
        if (code === tab) throw unsupportedYaml;
        this.at = at;
        this.column = at - start;
        return;
      }
    }
    this.at = limit;
    this.column = -1;
  }

  moveTo(at: number): void {
    this.column += at - this.at;
    this.at = at;
  }

  isDash(at: number): boolean {
    return this.text.charCodeAt(at) === dash && this.#isBlank(at + 1);
  }

  #isBlank(at: number): boolean {
    if (at >= this.limit) return true;
    const code = this.text.charCodeAt(at);
    if (code === tab) throw unsupportedYaml;
    return code === space || code === lineBreak;
  }

  /** The end of what was read last: the current place without the blanks before it. */
  contentEnd(): number {
    let end = this.at;
    while (this.text.charCodeAt(end - 1) <= space) end--;
    return end;
  }
}
