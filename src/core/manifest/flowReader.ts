import type { Json, JsonObject } from '../json.ts';
import type { Span } from '../text/span.ts';
import { decodeQuoted, endOfQuoted } from './quotedScalar.ts';
import { type YamlProfile, notJson, plainKeyName, resolvePlain } from './scalars.ts';
import { unsupportedYaml } from './unsupportedYaml.ts';

const lineBreak = 0x0a;
const space = 0x20;
const comma = 0x2c;
const colon = 0x3a;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

const codes = (characters: string): ReadonlySet<number> =>
  new Set(Array.from(characters, (character) => character.charCodeAt(0)));
/** What may not begin a plain scalar here, and what ends one. */
const notFirst = codes(' \t\r\n,[]{}:#\'"&*!|>%@`?-\uFEFF');
const flowIndicators = codes(',[]{}');

/** Reads flow collections, and so JSON; `at` is where reading goes on. Throws `unsupportedYaml` for what it does not know. */
export class FlowReader {
  at = 0;
  /** Filled with the places of the items of a list at this depth. */
  readonly items: Span[] = [];
  itemsDepth = -1;
  readonly #text: string;
  readonly #limit: number;
  readonly #profile: YamlProfile;
  readonly #deepest: number;
  /** JSON may use tabs between its tokens. */
  readonly #tabs: boolean;

  constructor(text: string, limit: number, options: { profile: YamlProfile; deepest: number; tabs: boolean }) {
    this.#text = text;
    this.#limit = limit;
    this.#profile = options.profile;
    this.#deepest = options.deepest;
    this.#tabs = options.tabs;
  }

  /** Reads the collection that begins at `at`. */
  readCollection(depth: number): Json {
    if (depth > this.#deepest) throw unsupportedYaml;
    return this.#text.charCodeAt(this.at) === openBrace ? this.#readMap(depth) : this.#readList(depth);
  }

  /** Reads the quoted scalar that begins at `at`. */
  readQuoted(): string {
    const end = endOfQuoted(this.#text, this.at, this.#limit);
    const value = end === undefined ? undefined : decodeQuoted(this.#text.slice(this.at, end));
    if (value === undefined || end === undefined) throw unsupportedYaml;
    this.at = end;
    return value;
  }

  #readList(depth: number): Json[] {
    const items: Json[] = [];
    this.at++;
    this.#skip();
    while (this.#code() !== closeBracket) {
      const start = this.at;
      items.push(this.#readValue(depth));
      if (depth === this.itemsDepth) this.items.push({ start, end: this.at });
      this.#skip();
      // One item that is a map without braces (`[a: b]`) ends here too.
      this.#expectSeparator(closeBracket);
    }
    this.at++;
    return items;
  }

  #readMap(depth: number): JsonObject {
    const object: JsonObject = {};
    this.at++;
    this.#skip();
    while (this.#code() !== closeBrace) {
      const name = this.#readKey();
      if (name === '__proto__' || Object.hasOwn(object, name)) throw unsupportedYaml;
      if (depth === 0 && name === 'items') this.itemsDepth = 1;
      object[name] = this.#readValue(depth);
      this.itemsDepth = depth === 0 ? -1 : this.itemsDepth;
      this.#skip();
      this.#expectSeparator(closeBrace);
    }
    this.at++;
    return object;
  }

  /** Reads a key and its colon. */
  #readKey(): string {
    const code = this.#code();
    const quoted = code === 0x22 || code === 0x27;
    const start = this.at;
    const name = quoted ? this.readQuoted() : this.#keyName(this.#readPlain());
    // A key must stand on one line, and within the 1024 characters that YAML allows.
    if (this.at - start > 1000 || this.#text.slice(start, this.at).includes('\n')) throw unsupportedYaml;
    while (this.#code() === space) this.at++;
    if (this.#code() !== colon) throw unsupportedYaml;
    this.at++;
    const next = this.#code();
    if (!quoted && next !== space && next !== lineBreak) throw unsupportedYaml;
    this.#skip();
    return name;
  }

  #keyName(source: string): string {
    const name = plainKeyName(source, this.#profile);
    if (!name.ok || source === '<<') throw unsupportedYaml;
    return name.name;
  }

  #readValue(depth: number): Json {
    const code = this.#code();
    if (code === 0x22 || code === 0x27) return this.readQuoted();
    if (code === openBrace || code === openBracket) return this.readCollection(depth + 1);
    const value = resolvePlain(this.#readPlain(), this.#profile);
    if (value === notJson) throw unsupportedYaml;
    return value;
  }

  /** Reads a plain scalar on one line that every reader of YAML understands alike. */
  #readPlain(): string {
    const start = this.at;
    const first = this.#code();
    const dashed = first === 0x2d && !notFirst.has(this.#codeAt(start + 1));
    if (first === -1 || (notFirst.has(first) && !dashed)) throw unsupportedYaml;
    let end = start;
    for (; end < this.#limit; end++) {
      const code = this.#text.charCodeAt(end);
      if (code === lineBreak || flowIndicators.has(code)) break;
      if (code === colon && this.#endsKey(end + 1)) break;
      if (code === 0x09 || code === 0x0d || (code === 0x23 && this.#text.charCodeAt(end - 1) === space)) {
        throw unsupportedYaml;
      }
    }
    while (this.#text.charCodeAt(end - 1) === space) end--;
    this.at = end;
    return this.#text.slice(start, end);
  }

  #endsKey(at: number): boolean {
    const code = this.#codeAt(at);
    return code === -1 || code === space || code === lineBreak || code === 0x09 || flowIndicators.has(code);
  }

  #expectSeparator(close: number): void {
    const code = this.#code();
    if (code === close) return;
    if (code !== comma) throw unsupportedYaml;
    this.at++;
    this.#skip();
    // What a trailing comma means differs between YAML and JSON.
    if (this.#code() === close) throw unsupportedYaml;
  }

  #skip(): void {
    for (; this.at < this.#limit; this.at++) {
      const code = this.#code();
      if (code !== space && code !== lineBreak && !(this.#tabs && (code === 0x09 || code === 0x0d))) return;
    }
  }

  #code(): number {
    return this.#codeAt(this.at);
  }

  #codeAt(at: number): number {
    return at < this.#limit ? this.#text.charCodeAt(at) : -1;
  }
}
