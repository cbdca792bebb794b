import { type Document, isScalar } from 'yaml';
import type { Json } from '../json.ts';
import { equalJson, isJsonObject } from '../json.ts';
import type { PathSegment } from '../location.ts';
import type { Span } from '../text/span.ts';
import {
  type YamlNode,
  type YamlPath,
  childOf,
  firstLine,
  itemsOf,
  pairOf,
  pairSpan,
  resolved,
  spanOf,
} from './yamlTree.ts';

/** The way of a field in an object, with positions, as far as it is there. */
export function resolveSegments(object: Json, segments: readonly PathSegment[]): { path: YamlPath; complete: boolean } {
  const path: (string | number)[] = [];
  let value: Json | undefined = object;
  for (const segment of segments) {
    const step = stepOf(value, segment);
    if (step === undefined) return { path, complete: false };
    path.push(step);
    value = Array.isArray(value) ? value[step as number] : isJsonObject(value) ? value[step] : undefined;
  }
  return { path, complete: true };
}

function stepOf(value: Json | undefined, segment: PathSegment): string | number | undefined {
  if ('field' in segment) return isJsonObject(value) && Object.hasOwn(value, segment.field) ? segment.field : undefined;
  if (!Array.isArray(value)) return undefined;
  if ('index' in segment) return segment.index < value.length ? segment.index : undefined;
  const index = value.findIndex((item) =>
    'value' in segment ? equalJson(item, segment.value) : hasKey(item, segment.key),
  );
  return index === -1 ? undefined : index;
}

/** A key field that the item leaves out has its default, which the key spells out (`protocol: TCP`). */
function hasKey(item: Json, key: Record<string, Json>): boolean {
  if (!isJsonObject(item)) return false;
  let equal = 0;
  for (const [name, value] of Object.entries(key)) {
    if (!Object.hasOwn(item, name)) continue;
    if (!equalJson(item[name], value)) return false;
    equal += 1;
  }
  return equal > 0;
}

/**
 * Where a declared object has a field, or the nearest field above that it has. `depth` says how many segments were found. The
 * place is that of the key, or of the list item's first line.
 */
export function placeInDocument(
  document: Document.Parsed,
  top: YamlNode,
  segments: readonly PathSegment[],
): { span: Span; depth: number } | undefined {
  let place = topPlace(top, document);
  let depth = 0;
  let node: YamlNode | undefined = top;
  for (const segment of segments) {
    const found = enter(node, segment, document);
    if (found === undefined) break;
    place = found.span ?? place;
    node = found.node;
    depth += 1;
  }
  return place && { span: place, depth };
}

/** Where an object stands: at its kind, else at its first line. */
export function topPlace(top: YamlNode, document: Document.Parsed): Span | undefined {
  const kind = pairOf(resolved(top, document), 'kind');
  return (kind && pairSpan(kind)) ?? firstLine(top);
}

function enter(
  node: YamlNode | undefined,
  segment: PathSegment,
  document: Document.Parsed,
): { node: YamlNode | undefined; span: Span | undefined } | undefined {
  if ('field' in segment) {
    const pair = pairOf(node, segment.field);
    return pair && { node: resolved(pair.value, document), span: spanOf(pair.key) };
  }
  const items = itemsOf(node);
  const item =
    'index' in segment
      ? items[segment.index]
      : items.find((candidate) => {
          const own = resolved(candidate, document);
          if ('value' in segment) return isScalar(own) && equalJson(own.value as Json, segment.value);
          return hasKeyNodes(own, segment.key, document);
        });
  return item && { node: resolved(item, document), span: firstLine(item) };
}

function hasKeyNodes(item: YamlNode | undefined, key: Record<string, Json>, document: Document.Parsed): boolean {
  const plain: Record<string, Json> = {};
  for (const name of Object.keys(key)) {
    const node = childOf(item, name, document);
    if (isScalar(node)) plain[name] = node.value as Json;
  }
  return hasKey(plain, key);
}
