import { type Node, isMap, isNode, isPair, isScalar, isSeq } from 'yaml';
import type { Json } from '../json.ts';
import type { Span } from '../text/span.ts';
import { type YamlPath, firstLine, keyOfPair, spanOf } from './yamlTree.ts';

/** The places passed on the way to a leaf, from its own key upwards. */
export interface Trail {
  /** Of a key; of a list's item its first line. */
  span: Span | undefined;
  up: Trail | undefined;
}

export interface YamlLeaf {
  path: YamlPath;
  node: Node;
  value: Json;
  trail: Trail | undefined;
}

/** All scalars, empty maps and empty lists below a node. An alias is not entered: what its anchor holds decides. */
export function leavesOf(node: Node | null | undefined, path: YamlPath = []): YamlLeaf[] {
  const found: YamlLeaf[] = [];
  collect(node, path, undefined, found);
  return found;
}

function collect(node: unknown, path: YamlPath, trail: Trail | undefined, found: YamlLeaf[]): void {
  if (isScalar(node)) {
    found.push({ path, node, value: scalarValue(node.value), trail });
  } else if (isMap(node)) {
    if (node.items.length === 0) found.push({ path, node, value: {}, trail });
    for (const pair of node.items) {
      const key = isPair(pair) ? keyOfPair(pair) : undefined;
      // What is merged in (`<<`) stands inside of the map that is merged into.
      if (key === '<<' && isMap(pair.value)) collect(pair.value, path, trail, found);
      else if (key !== undefined && pair.value !== null) {
        const span = isScalar(pair.key) ? spanOf(pair.key) : undefined;
        collect(pair.value, [...path, key], { span, up: trail }, found);
      }
    }
  } else if (isSeq(node)) {
    if (node.items.length === 0) found.push({ path, node, value: [], trail });
    node.items.forEach((item, index) => {
      const span = isNode(item) ? firstLine(item) : undefined;
      collect(item, [...path, index], { span, up: trail }, found);
    });
  }
}

function scalarValue(value: unknown): Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' || typeof value === 'bigint') return value;
  // A timestamp, which core resolves as text already; nothing else is left.
  return value instanceof Date ? value.toISOString() : null;
}

export interface ValueLeaf {
  path: YamlPath;
  value: Json;
}

/** All scalars, empty maps and empty lists of a value. */
export function valueLeaves(value: Json, path: YamlPath = []): ValueLeaf[] {
  if (typeof value !== 'object' || value === null) return [{ path, value }];
  const entries: [string | number, Json][] = Array.isArray(value)
    ? value.map((item, index) => [index, item])
    : Object.entries(value);
  if (entries.length === 0) return [{ path, value }];
  return entries.flatMap(([step, item]) => valueLeaves(item, [...path, step]));
}

/** Field names of a way, positions left out. */
export function fieldsOf(path: YamlPath): string[] {
  return path.filter((step) => typeof step === 'string');
}

export function valueAtPath(value: Json | undefined, path: YamlPath): Json | undefined {
  let found = value;
  for (const step of path) {
    if (typeof found !== 'object' || found === null) return undefined;
    if (Array.isArray(found)) found = typeof step === 'number' ? found[step] : undefined;
    else found = Object.hasOwn(found, step) ? found[step] : undefined;
  }
  return found;
}
