import { type Node, isMap, isPair, isScalar, isSeq } from 'yaml';
import type { Json } from '../json.ts';
import { type YamlPath, keyOfPair } from './yamlTree.ts';

export interface YamlLeaf {
  path: YamlPath;
  node: Node;
  value: Json;
}

/** All scalars, empty maps and empty lists below a node. An alias is not entered: what its anchor holds decides. */
export function leavesOf(node: Node | null | undefined, path: YamlPath = []): YamlLeaf[] {
  const found: YamlLeaf[] = [];
  collect(node, path, found);
  return found;
}

function collect(node: unknown, path: YamlPath, found: YamlLeaf[]): void {
  if (isScalar(node)) {
    found.push({ path, node, value: scalarValue(node.value) });
  } else if (isMap(node)) {
    if (node.items.length === 0) found.push({ path, node, value: {} });
    for (const pair of node.items) {
      const key = isPair(pair) ? keyOfPair(pair) : undefined;
      // What is merged in (`<<`) stands inside of the map that is merged into.
      if (key === '<<' && isMap(pair.value)) collect(pair.value, path, found);
      else if (key !== undefined && pair.value !== null) collect(pair.value, [...path, key], found);
    }
  } else if (isSeq(node)) {
    if (node.items.length === 0) found.push({ path, node, value: [] });
    node.items.forEach((item, index) => collect(item, [...path, index], found));
  }
}

function scalarValue(value: unknown): Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  return typeof value === 'number' || typeof value === 'bigint' ? value : String(value);
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
