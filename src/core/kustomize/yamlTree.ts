import {
  type Document,
  type Node,
  type Pair,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  parseAllDocuments,
} from 'yaml';
import { yamlMessage } from '../manifest/yamlMessage.ts';
import type { Span } from '../text/span.ts';

/** Steps from the top of a document: keys of maps, positions in lists. */
export type YamlPath = readonly (string | number)[];

export type YamlNode = Node;

interface YamlIssue {
  message: string;
  span: Span;
  duplicateKey: boolean;
}

/** A text as YAML documents with their nodes' places, good or broken. JSON is read as the YAML that it is. */
export interface YamlTree {
  documents: readonly Document.Parsed[];
  issues: readonly YamlIssue[];
}

// A document that nests this deep is an attack on the parser's stack, not configuration.
const maxNesting = 200;

/**
 * Parses for places, not for values: scalars are those of YAML 1.2's core schema. What kustomize makes of them (semantics Y-1)
 * is for the build to say. Never throws for bad input.
 */
export function parseYamlTree(text: string): YamlTree {
  if (nestsTooDeep(text)) {
    const issue = {
      message: `nested deeper than ${maxNesting} levels`,
      span: { start: 0, end: 0 },
      duplicateKey: false,
    };
    return { documents: [], issues: [issue] };
  }
  const parsed = parseAllDocuments(text, { merge: true, uniqueKeys: true, logLevel: 'silent', prettyErrors: false });
  const documents = Array.isArray(parsed) ? parsed : [];
  const issues = documents.flatMap((document) =>
    document.errors.map((error) => ({
      message: yamlMessage(error),
      span: { start: error.pos[0], end: error.pos[1] },
      duplicateKey: error.code === 'DUPLICATE_KEY',
    })),
  );
  return { documents: documents.filter((document) => document.contents !== null), issues };
}

function nestsTooDeep(text: string): boolean {
  let open = 0;
  for (const character of text) {
    if (character === '[' || character === '{') {
      open += 1;
      if (open > maxNesting) return true;
    } else if (character === ']' || character === '}') open = Math.max(0, open - 1);
  }
  return /^(\s*- ){201}/m.test(text) || /^ {2000}\S/m.test(text);
}

/** The pair of a map for a key, merged maps (`<<`) left out. */
export function pairOf(map: YamlNode | null | undefined, key: string): Pair<Node, Node | null> | undefined {
  if (!isMap(map)) return undefined;
  for (const pair of map.items) {
    if (isPair(pair) && keyOfPair(pair) === key) return pair as Pair<Node, Node | null>;
  }
  return undefined;
}

/** The value of a key, with an alias followed to its anchor. */
export function childOf(
  node: YamlNode | null | undefined,
  step: string | number,
  document: Document.Parsed,
): YamlNode | undefined {
  const owner = resolved(node, document);
  if (typeof step === 'number') {
    const item = isSeq(owner) ? owner.items[step] : undefined;
    return isNode(item) ? resolved(item, document) : undefined;
  }
  const value = pairOf(owner, step)?.value;
  return isNode(value) ? resolved(value, document) : undefined;
}

export function resolved(node: YamlNode | null | undefined, document: Document.Parsed): YamlNode | undefined {
  if (isAlias(node)) return node.resolve(document);
  return node ?? undefined;
}

/** The text of a scalar key as kustomize compares it. */
export function keyOfPair(pair: { key: unknown }): string | undefined {
  const key = pair.key;
  if (isScalar(key)) return key.source ?? String(key.value);
  return typeof key === 'string' ? key : undefined;
}

export function stringOf(node: YamlNode | null | undefined): string | undefined {
  return isScalar(node) && typeof node.value === 'string' ? node.value : undefined;
}

/** The nodes of a list; of anything else none. */
export function itemsOf(node: YamlNode | null | undefined): YamlNode[] {
  return isSeq(node) ? node.items.filter(isNode) : [];
}

/** Where a node's value stands. A node without a place (made, not read) is nowhere. */
export function spanOf(node: YamlNode): Span | undefined {
  return node.range ? { start: node.range[0], end: node.range[1] } : undefined;
}

/** A scalar itself; of a map its first entry, of a list its first item: what stands on the line where the node begins. */
export function firstLine(node: YamlNode): Span | undefined {
  if (isMap(node)) {
    const [first] = node.items;
    if (isPair(first)) return pairSpan(first as { key: Node; value: Node | null });
  }
  if (isSeq(node)) {
    const [first] = itemsOf(node);
    if (first) return firstLine(first);
  }
  return spanOf(node);
}

/** From a key to its value, where that is a scalar; else the key. */
export function pairSpan(pair: { key: Node; value: Node | null }): Span | undefined {
  const key = spanOf(pair.key);
  const value = isScalar(pair.value) ? spanOf(pair.value) : undefined;
  return key && { start: key.start, end: value?.end ?? key.end };
}
