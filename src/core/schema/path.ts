import { type Json, equalJson, field, isJsonObject } from '../json.ts';
import { printJson } from '../jsonText.ts';
import type { PathSegment } from '../location.ts';
import { type SchemaNode, deducedNode } from './schemaNode.ts';

const plainName = /^[\p{L}_$][\p{L}\p{N}_$-]*$/u;
const plainValue = /^[^\s[\]"',=][^[\]"',=]*$/;

/**
 * A path as people read it: `spec.template.spec.containers[name=web].image`, with odd keys quoted:
 * `metadata.labels["app.kubernetes.io/name"]` (design §5). Empty for the whole object.
 */
export function formatPath(segments: readonly PathSegment[]): string {
  let text = '';
  for (const segment of segments) {
    if ('field' in segment) {
      if (!plainName.test(segment.field)) text += `[${JSON.stringify(segment.field)}]`;
      else text += text === '' ? segment.field : `.${segment.field}`;
    } else if ('key' in segment) {
      const parts = Object.keys(segment.key).map((name) => `${name}=${formatValue(segment.key[name] ?? null)}`);
      text += `[${parts.join(',')}]`;
    } else if ('value' in segment) {
      text += `[=${formatValue(segment.value)}]`;
    } else {
      text += `[${segment.index}]`;
    }
  }
  return text;
}

/** A path as the API server writes it in errors and conflicts: `.spec.ports[port=53,protocol="TCP"].targetPort`. */
export function formatServerPath(segments: readonly PathSegment[]): string {
  let text = '';
  for (const segment of segments) {
    if ('field' in segment) {
      text += `.${segment.field}`;
    } else if ('key' in segment) {
      const names = Object.keys(segment.key).sort();
      text += `[${names.map((name) => `${name}=${printJson(segment.key[name] ?? null)}`).join(',')}]`;
    } else if ('value' in segment) {
      text += `[=${printJson(segment.value)}]`;
    } else {
      text += `[${segment.index}]`;
    }
  }
  return text;
}

export function equalSegment(a: PathSegment, b: PathSegment): boolean {
  if ('field' in a) return 'field' in b && a.field === b.field;
  if ('key' in a) return 'key' in b && equalJson(a.key, b.key);
  if ('value' in a) return 'value' in b && equalJson(a.value, b.value);
  return 'index' in b && a.index === b.index;
}

/** Whether `path` is `prefix` or lies under it. */
export function isUnder(path: readonly PathSegment[], prefix: readonly PathSegment[]): boolean {
  return (
    prefix.length <= path.length && prefix.every((segment, index) => equalSegment(segment, path[index] as PathSegment))
  );
}

/**
 * The value at a path, or undefined where the object has none. A keyed item is the first whose key fields are equal; a key field
 * that the item lacks takes its default from `node`, the type of `object` (semantics M-5).
 */
export function valueAt(
  object: Json | undefined,
  segments: readonly PathSegment[],
  node: SchemaNode = deducedNode,
): Json | undefined {
  let found = object;
  let type: SchemaNode | undefined = node;
  for (const segment of segments) {
    if (found === undefined) return undefined;
    if ('field' in segment) {
      found = field(found, segment.field);
      type = childNode(type, segment);
      continue;
    }
    if (!Array.isArray(found)) return undefined;
    type = childNode(type, segment);
    if ('index' in segment) found = found[segment.index];
    else if ('value' in segment) found = found.find((item) => equalJson(item, segment.value));
    else found = findByKey(found, segment.key, type);
  }
  return found;
}

/** The type one step down; undefined where the schema knows none. */
export function childNode(node: SchemaNode | undefined, segment: PathSegment): SchemaNode | undefined {
  if (node === undefined) return undefined;
  if (!('field' in segment)) return node.list?.items;
  return node.map?.fields?.get(segment.field) ?? node.map?.values;
}

function findByKey(items: readonly Json[], key: Readonly<Record<string, Json>>, node?: SchemaNode): Json | undefined {
  const names = Object.keys(key);
  return items.find(
    (item) =>
      isJsonObject(item) &&
      names.every((name) => equalJson(field(item, name) ?? node?.map?.fields?.get(name)?.default, key[name])),
  );
}

function formatValue(value: Json): string {
  return typeof value === 'string' && plainValue.test(value) ? value : printJson(value);
}
