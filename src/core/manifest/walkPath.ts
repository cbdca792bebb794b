import { type Node, type Pair, isAlias, isMap, isNode, isSeq } from 'yaml';
import type { Json } from '../json.ts';
import type { PathSegment } from '../location.ts';
import type { ComposedPiece } from './composePiece.ts';
import { itemIndex } from './jsonAt.ts';
import { isMergeKey, readKeyName, readNodes } from './nodeReader.ts';
import type { YamlProfile } from './scalars.ts';

/** One step of a path through the nodes of a document. */
export interface WalkStep {
  /** The map or list that was stepped into. */
  parent: Node;
  /** The pair, where the parent is a map. */
  pair?: Pair<Node, Node | null>;
  /** The position, where the parent is a list. */
  index?: number;
  /** The value arrived at, aliases followed. */
  value: Node | null;
}

export interface Walk {
  /** The steps that could be taken; all of them when it is as long as the path. */
  steps: WalkStep[];
  /** Where the walk ended: the value of the last step, or the start. */
  end: Node | null;
  /** Whether an alias or a merge key lies on the way, so that the place serves other paths too. */
  shared: boolean;
}

/** A document with what is needed to read its nodes. */
export interface ReadablePiece {
  text: string;
  piece: ComposedPiece;
  profile: YamlProfile;
}

/** Follows a path from a node as far as the document goes. Of keys that stand twice, the one that counts is taken (semantics Y-5). */
export function walkPath(document: ReadablePiece, from: Node | null, segments: readonly PathSegment[]): Walk {
  const walk: Walk = { steps: [], end: from, shared: false };
  follow(document, walk);
  for (const segment of segments) {
    const step =
      'field' in segment ? stepIntoMap(document, walk, segment.field) : stepIntoList(document, walk, segment);
    if (step === undefined) break;
    walk.steps.push(step);
    walk.end = step.value;
    follow(document, walk);
    step.value = walk.end;
  }
  return walk;
}

/** Follows an alias. The anchors of a document were bound in order, so an alias can only lead backwards. */
function follow(document: ReadablePiece, walk: Walk): void {
  if (!isAlias(walk.end)) return;
  walk.end = document.piece.targets.get(walk.end) ?? null;
  walk.shared = true;
}

function stepIntoMap(document: ReadablePiece, walk: Walk, name: string): WalkStep | undefined {
  const parent = walk.end;
  if (!isMap(parent)) return undefined;
  const found = findPair(document, parent, name, new Set());
  if (found === undefined) return undefined;
  walk.shared ||= found.merged;
  return { parent: found.owner, pair: found.pair, value: found.pair.value };
}

interface FoundPair {
  owner: Node;
  pair: Pair<Node, Node | null>;
  merged: boolean;
}

/** In `raw` the last of pairs and merges counts, in `kustomize` a pair before every merge (semantics Y-4). */
function findPair(document: ReadablePiece, map: Node, name: string, seen: Set<Node>): FoundPair | undefined {
  if (!isMap(map) || seen.has(map)) return undefined;
  seen.add(map);
  let merged: FoundPair | undefined;
  for (const pair of (map.items as Pair<Node, Node | null>[]).toReversed()) {
    if (!isMergeKey(pair.key)) {
      const key = readKeyName(document.text, document.piece, document.profile, pair.key);
      if (key.ok && key.name === name) return { owner: map, pair, merged: false };
      continue;
    }
    const found = findMerged(document, pair.value, name, seen);
    if (found !== undefined && document.profile === 'raw') return found;
    merged = found ?? merged;
  }
  return merged;
}

function findMerged(document: ReadablePiece, node: Node | null, name: string, seen: Set<Node>): FoundPair | undefined {
  const target = isAlias(node) ? document.piece.targets.get(node) : node;
  const sources: readonly unknown[] = isSeq(target) ? target.items : [target];
  for (const source of sources) {
    const map = isAlias(source) ? document.piece.targets.get(source) : source;
    const found = isNode(map) ? findPair(document, map, name, seen) : undefined;
    if (found !== undefined) return { ...found, merged: true };
  }
  return undefined;
}

function stepIntoList(
  document: ReadablePiece,
  walk: Walk,
  segment: Exclude<PathSegment, { field: string }>,
): WalkStep | undefined {
  const parent = walk.end;
  if (!isSeq(parent)) return undefined;
  const items = parent.items as (Node | null)[];
  const index =
    'index' in segment
      ? segment.index
      : itemIndex(
          items.map((item) => valueOf(document, item)),
          segment,
        );
  const value = items[index];
  return value === undefined ? undefined : { parent, index, value };
}

function valueOf(document: ReadablePiece, node: Node | null): Json | undefined {
  return readNodes(document.text, document.piece, document.profile, node).value;
}
