import { type Alias, type Node, type Pair, Scalar, type YAMLMap, isAlias, isMap, isPair, isScalar, isSeq } from 'yaml';
import type { Json, JsonObject } from '../json.ts';
import type { Span } from '../text/span.ts';
import { AliasBudget } from './aliasBudget.ts';
import { type ComposedPiece, tooDeep } from './composePiece.ts';
import { decodeQuoted } from './quotedScalar.ts';
import { type KeyName, type YamlProfile, notJson, plainKeyName, resolvePlain } from './scalars.ts';
import { readTagged } from './taggedScalar.ts';
import { type TextProblem, textError } from './textProblem.ts';

/** Deeper than any manifest, and shallow enough for every recursion over what was read. */
export const deepestNesting = 500;

/**
 * Thrown within this file only, to leave the recursion: the document yields no value.
 */
class Unreadable extends Error {
  readonly problem: TextProblem;

  constructor(problem: TextProblem) {
    super(problem.message);
    this.problem = problem;
  }
}

/** Turns the nodes of one document into JSON by the rules of a profile. Undefined, with an error, where Go refuses. Never throws. */
export function readNodes(
  text: string,
  piece: ComposedPiece,
  profile: YamlProfile,
  node: Node | null = piece.contents,
): { value: Json | undefined; problems: TextProblem[] } {
  const reader = new NodeReader(text, piece, profile);
  try {
    return { value: reader.read(node, 0), problems: reader.problems };
  } catch (ex) {
    if (!(ex instanceof Unreadable)) throw ex;
    return { value: undefined, problems: [...reader.problems, ex.problem] };
  }
}

/** The name that the node of a key has in JSON. */
export function readKeyName(text: string, piece: ComposedPiece, profile: YamlProfile, key: Node): KeyName {
  const reader = new NodeReader(text, piece, profile);
  try {
    return reader.keyName(key);
  } catch (ex) {
    if (!(ex instanceof Unreadable)) throw ex;
    return { ok: false, message: ex.problem.message };
  }
}

class NodeReader {
  readonly problems: TextProblem[] = [];
  readonly #text: string;
  readonly #piece: ComposedPiece;
  readonly #profile: YamlProfile;
  readonly #open = new Set<Node>();
  readonly #budget = new AliasBudget();

  constructor(text: string, piece: ComposedPiece, profile: YamlProfile) {
    this.#text = text;
    this.#piece = piece;
    this.#profile = profile;
  }

  read(node: Node | null, depth: number): Json {
    if (node === null) return null;
    if (depth > deepestNesting) throw new Unreadable(tooDeep(this.#spanOf(node)));
    if (!this.#budget.spend()) {
      throw this.#fail(
        'alias-bomb',
        'The aliases of this document expand to far more than it holds',
        node,
        'Write the repeated parts out.',
      );
    }
    if (isAlias(node)) return this.#readAlias(node, (target) => this.read(target, depth + 1));
    if (isScalar(node)) return this.#readScalar(node);
    this.#open.add(node);
    const value = isSeq(node)
      ? node.items.map((item) => this.read(itemNode(item), depth + 1))
      : this.#readMap(node, depth);
    this.#open.delete(node);
    return value;
  }

  #readAlias<T>(alias: Alias, read: (target: Node) => T): T {
    const target = this.#targetOf(alias);
    if (this.#open.has(target)) throw this.#fail('invalid-yaml', `The anchor ${alias.source} holds itself`, alias);
    this.#budget.enterAlias();
    const value = read(target);
    this.#budget.leaveAlias();
    return value;
  }

  #targetOf(alias: Alias): Node {
    const target = this.#piece.targets.get(alias);
    if (target === undefined) {
      // What begins with a star may be the value of a Secret without its quotes, so it is not named.
      throw this.#fail('invalid-yaml', 'The anchor of this alias does not stand before it', alias);
    }
    return target;
  }

  #readMap(map: YAMLMap, depth: number): JsonObject {
    const object: JsonObject = {};
    const written = new Set<string>();
    const merges: JsonObject[] = [];
    for (const pair of map.items as Pair<Node | null, Node | null>[]) {
      if (isMergeKey(pair.key)) {
        const merged = this.#readMerge(pair.value, map, depth);
        // go-yaml v2 lets a merge overwrite what stands before it, v3 never what the map spells out (semantics Y-4).
        if (this.#profile === 'raw') Object.assign(object, merged);
        else merges.push(merged);
        continue;
      }
      const name = this.#readKey(pair.key, map);
      const value = this.read(pair.value, depth + 1);
      if (written.has(name)) this.#reportDuplicate(name, pair.key ?? map);
      written.add(name);
      if (name === '__proto__') this.#reportUnsafe(pair.key ?? map);
      else object[name] = value;
    }
    for (const merged of merges) {
      for (const name of Object.keys(merged)) if (!Object.hasOwn(object, name)) object[name] = merged[name] ?? null;
    }
    return object;
  }

  /** The maps that a merge key brings, as one: of several, an earlier one wins. */
  #readMerge(node: Node | null, owner: YAMLMap, depth: number): JsonObject {
    const target = isAlias(node) ? this.#targetOf(node) : node;
    const sources: readonly unknown[] = isSeq(target) ? target.items : [node];
    const merged: JsonObject = {};
    for (const source of sources.toReversed()) {
      const map = isAlias(source) ? this.#targetOf(source) : source;
      if (!isMap(map)) {
        throw this.#fail('invalid-yaml', 'A merge key needs a map, or a list of maps, as its value', node ?? owner);
      }
      Object.assign(merged, this.read(source as Node, depth + 1));
    }
    return merged;
  }

  #readKey(key: Node | null, map: YAMLMap): string {
    const name = this.keyName(key);
    if (name.ok) return name.name;
    const message = `The document cannot become JSON: ${name.message}`;
    throw this.#fail('invalid-yaml', message, key ?? map, 'Put the key in quotes.');
  }

  keyName(key: Node | null): KeyName {
    const node = isAlias(key) ? this.#targetOf(key) : key;
    if (node === null) return plainKeyName('', this.#profile);
    if (!isScalar(node)) return { ok: false, message: 'a list or map cannot be a key' };
    if (node.type === Scalar.PLAIN && node.tag === undefined) return plainKeyName(this.#sourceOf(node), this.#profile);
    const value = this.#readScalar(node);
    if (typeof value === 'string') return { ok: true, name: value };
    return plainKeyName(String(node.value), this.#profile);
  }

  #readScalar(node: Scalar): Json {
    const plain = node.type === Scalar.PLAIN;
    const source = this.#sourceOf(node);
    if (node.tag !== undefined && node.tag !== '!') {
      const tagged = readTagged(node.tag, source, this.#profile);
      if (tagged.ok) return tagged.value;
      throw this.#fail('invalid-yaml', tagged.message, node);
    }
    if (!plain) return this.#endsTextWithoutBreak(node) ? source.replace(/\n$/, '') : source;
    if (node.tag === '!' && this.#profile === 'raw') return source;
    const value = resolvePlain(source, this.#profile);
    if (value !== notJson) return value;
    throw this.#fail('invalid-yaml', `${source} has no spelling in JSON`, node, 'Put it in quotes if it is a text.');
  }

  /** A build keeps a block scalar as it stands; kubectl ends every file with a line break before it reads it. */
  #endsTextWithoutBreak(node: Scalar): boolean {
    if (this.#profile === 'raw' || (node.type !== Scalar.BLOCK_LITERAL && node.type !== Scalar.BLOCK_FOLDED))
      return false;
    return this.#spanOf(node).end >= this.#text.length && !this.#text.endsWith('\n');
  }

  #sourceOf(node: Scalar): string {
    const read = String(node.value);
    if (!this.#piece.masked) return read;
    const { start, end } = this.#spanOf(node);
    const source = this.#text.slice(start, end);
    if (node.type === Scalar.PLAIN) return foldPlain(source);
    const quoted = node.type === Scalar.QUOTE_DOUBLE || node.type === Scalar.QUOTE_SINGLE;
    return (quoted ? decodeQuoted(source) : undefined) ?? read;
  }

  #reportDuplicate(name: string, node: Node): void {
    if (this.#profile === 'kustomize') {
      throw this.#fail(
        'duplicate-key',
        `The key ${name} stands twice in one map, on which a kustomize build fails`,
        node,
        'Remove one of the two.',
      );
    }
    this.problems.push({
      code: 'duplicate-key',
      severity: 'warning',
      message: `The key ${name} stands twice in one map; the last one counts`,
      remedy: 'Remove one of the two.',
      span: this.#spanOf(node),
    });
  }

  #reportUnsafe(node: Node): void {
    const message = 'The key __proto__ is not read, because programs mistake it for a part of themselves';
    this.problems.push(textError('unsafe-key', message, this.#spanOf(node), 'Rename the key.'));
  }

  #fail(code: TextProblem['code'], message: string, node: Node, remedy?: string): Unreadable {
    return new Unreadable(textError(code, message, this.#spanOf(node), remedy));
  }

  #spanOf(node: Node): Span {
    const [start, end] = node.range ?? [0, 0];
    return { start: this.#piece.offset + start, end: this.#piece.offset + end };
  }
}

/** Whether a key is `<<`, which brings the fields of other maps (semantics Y-4). */
export function isMergeKey(key: Node | null): boolean {
  return isScalar(key) && key.value === '<<' && (key.type === Scalar.PLAIN || key.tag === 'tag:yaml.org,2002:merge');
}

/** A list item that is a map of one pair (`[a: b]`) comes as a map already; a bare pair only from hand-made nodes. */
function itemNode(item: unknown): Node | null {
  return isPair(item) ? null : (item as Node | null);
}

/** A plain scalar of several lines as one text: a line break is a space, and of more in a row all but the first are kept. */
function foldPlain(source: string): string {
  return source.replace(/[ \t]*(\r?\n)((?:[ \t]*\r?\n)*)[ \t]*/g, (_all, _first, more: string) =>
    more === '' ? ' ' : more.replace(/[^\n]/g, ''),
  );
}
