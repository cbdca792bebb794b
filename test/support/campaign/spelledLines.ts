import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LineCounter, type Node, type Pair, isMap, isScalar, isSeq, parseAllDocuments } from 'yaml';
import { type Json, equalJson } from '../../../src/core/json.ts';
import type { PathSegment } from '../../../src/core/location.ts';

/** Lines on which a file spells out one value. */
export interface SpelledAt {
  readonly file: string;
  /** The line of its key, and the line on which the value begins. */
  readonly lines: readonly number[];
}

interface SpelledObject {
  file: string;
  root: Node;
  counter: LineCounter;
}

/**
 * Where plain YAML files spell out the fields of objects, found by reading them with a YAML library and nothing of the engine: the
 * truth that reported lines are held against.
 */
export class SpelledLines {
  readonly #objects = new Map<string, SpelledObject[]>();

  /** Reads all YAML files below a folder of a repository. */
  static async read(root: string, below: string): Promise<SpelledLines> {
    const lines = new SpelledLines();
    for (const entry of await readdir(join(root, below), { recursive: true })) {
      if (!/\.ya?ml$/.test(entry) || entry.startsWith('.git')) continue;
      lines.#read(below === '' ? entry : `${below}/${entry}`, await readFile(join(root, below, entry), 'utf8'));
    }
    return lines;
  }

  #read(file: string, text: string): void {
    const counter = new LineCounter();
    for (const document of parseAllDocuments(text, { lineCounter: counter })) {
      if (document.errors.length > 0 || !isMap(document.contents)) continue;
      const items = document.contents.get('items');
      const roots: unknown[] = isSeq(items) ? items.items : [document.contents];
      for (const root of roots) {
        if (!isMap(root)) continue;
        const id = `${String(root.get('kind'))}/${String(root.getIn(['metadata', 'name']))}`;
        this.#objects.set(id, [...(this.#objects.get(id) ?? []), { file, root, counter }]);
      }
    }
  }

  /**
   * The places that spell out the path. Undefined where no file does, and where several give it different values, as then only a
   * build can tell which one decides.
   */
  find(
    object: { kind: string; name: string },
    path: readonly PathSegment[],
    value: Json | undefined,
  ): SpelledAt[] | undefined {
    const found: SpelledAt[] = [];
    for (const { file, root, counter } of this.#objects.get(`${object.kind}/${object.name}`) ?? []) {
      const place = follow(root, path);
      if (place === undefined) continue;
      const spelled = place.value === null ? null : (place.value as { toJSON(): Json }).toJSON();
      if (value === undefined || typeof spelled === 'object' || equalJson(spelled, value)) {
        found.push({ file, lines: place.offsets.map((offset) => counter.linePos(offset).line) });
      }
    }
    return found.length === 0 ? undefined : found;
  }
}

function follow(root: Node, path: readonly PathSegment[]): { value: Node | null; offsets: number[] } | undefined {
  let node: Node | null = root;
  let offsets: number[] = [];
  for (const segment of path) {
    if ('field' in segment) {
      if (!isMap(node)) return undefined;
      const pair: Pair | undefined = node.items.find(
        (item) => isScalar(item.key) && String(item.key.value) === segment.field,
      );
      if (pair === undefined) return undefined;
      node = (pair.value as Node | null) ?? null;
      offsets = [startOf(pair.key as Node), startOf(node)].filter((offset) => offset !== undefined);
    } else {
      if (!isSeq(node)) return undefined;
      const item: unknown =
        'index' in segment ? node.items[segment.index] : node.items.find((one) => isItem(one as Node, segment));
      if (item === undefined) return undefined;
      node = item as Node;
      offsets = [startOf(node)].filter((offset) => offset !== undefined);
    }
  }
  return { value: node, offsets };
}

function startOf(node: Node | null): number | undefined {
  return node?.range?.[0];
}

function isItem(item: Node, segment: { key: Record<string, Json> } | { value: Json }): boolean {
  if ('value' in segment) return isScalar(item) && equalJson(item.value as Json, segment.value);
  if (!isMap(item)) return false;
  return Object.entries(segment.key).every(([name, value]) => {
    const own = item.get(name) as Json | undefined;
    return own === undefined ? name === 'protocol' : equalJson(own, value);
  });
}
