import { elementOf, itemElement } from '../schema/pathElement.ts';
import { type Json, field } from '../json.ts';
import type { KubeObject } from '../kube/objectKey.ts';
import type { PathSegment } from '../location.ts';
import { childNode } from '../schema/path.ts';
import type { SchemaNode } from '../schema/schemaNode.ts';
import { equalValues } from './equalValues.ts';
import type { Difference } from './fieldWalk.ts';
import {
  type IgnoreRule,
  type JqPaths,
  type PlainPath,
  isPlainPrefix,
  parsePointer,
  withoutPath,
} from './ignoreRule.ts';
import { isTargeted } from './ignoreTarget.ts';

/** Decides of differences of one object whether a rule covers them. */
export class IgnoreFilter {
  readonly #rules: readonly IgnoreRule[];
  readonly #sides: readonly KubeObject[];
  readonly #jqPaths: JqPaths | undefined;
  /** Made when the first difference is asked about: most objects have none. */
  #objects: readonly { object: KubeObject; paths: readonly PlainPath[] }[] | undefined;
  readonly #managers: ReadonlySet<string>;
  readonly #node: SchemaNode;

  constructor(
    rules: readonly IgnoreRule[],
    objects: { desired: KubeObject; live: KubeObject },
    node: SchemaNode,
    jqPaths?: JqPaths,
  ) {
    this.#rules = rules.filter((rule) => isTargeted(rule, objects.desired) || isTargeted(rule, objects.live));
    this.#node = node;
    this.#managers = new Set(this.#rules.flatMap((rule) => rule.managedFieldsManagers ?? []));
    this.#sides = [objects.desired, objects.live];
    this.#jqPaths = jqPaths;
  }

  /**
   * A rule covers a difference at or below one of its paths, and one above where nothing is left once its paths are taken out of both
   * sides (semantics A-9, F-10); or where one of its managers owns the live field.
   */
  covers(difference: Difference): boolean {
    if (this.#rules.length === 0) return false;
    if (difference.owners.some(({ manager }) => this.#managers.has(manager.name))) return true;
    let [desired, live] = [difference.desired, difference.live];
    let isInside = false as boolean;
    this.#objects ??= this.#sides.map((object) => ({ object, paths: pathsOf(this.#rules, object, this.#jqPaths) }));
    this.#objects.forEach(({ object, paths }, side) => {
      const place = plainPath(object, difference.segments, this.#node);
      if (place === undefined) return;
      for (const path of paths) {
        if (isPlainPrefix(path, place)) isInside = true;
        else if (isPlainPrefix(place, path)) {
          const rest = path.slice(place.length);
          if (side === 0 && desired !== undefined) desired = withoutPath(desired, rest);
          if (side === 1 && live !== undefined) live = withoutPath(live, rest);
        }
      }
    });
    if (isInside) return true;
    const isCut = desired !== difference.desired || live !== difference.live;
    return isCut && equalValues(emptied(desired), emptied(live), difference.node);
  }
}

/** A container that the rule emptied counts like one that is not there. */
function emptied(value: Json | undefined): Json | undefined {
  const isEmpty = typeof value === 'object' && value !== null && Object.keys(value).length === 0;
  return isEmpty ? undefined : value;
}

function pathsOf(rules: readonly IgnoreRule[], object: KubeObject, jqPaths: JqPaths | undefined): PlainPath[] {
  const paths: PlainPath[] = [];
  for (const rule of rules) {
    for (const pointer of rule.jsonPointers ?? []) {
      const path = parsePointer(pointer);
      if (path !== undefined) paths.push(path);
    }
    for (const program of rule.jqPathExpressions ?? []) paths.push(...(jqPaths?.(program, object) ?? []));
  }
  return paths;
}

/** A path by keys and positions; where the object ends before the path does, the rest by keys as far as there are any. */
function plainPath(object: KubeObject, segments: readonly PathSegment[], node: SchemaNode): PlainPath | undefined {
  const path: (string | number)[] = [];
  let value: Json | undefined = object;
  let type: SchemaNode | undefined = node;
  for (const segment of segments) {
    if ('field' in segment) {
      path.push(segment.field);
      value = field(value, segment.field);
    } else {
      const index = Array.isArray(value) ? indexOf(value, segment, type) : -1;
      if (index === -1) return undefined;
      path.push(index);
      value = Array.isArray(value) ? value[index] : undefined;
    }
    type = childNode(type, segment);
  }
  return path;
}

function indexOf(items: readonly Json[], segment: PathSegment, node: SchemaNode | undefined): number {
  if ('index' in segment) return segment.index < items.length ? segment.index : -1;
  const shape = node?.list;
  if (shape === undefined) return -1;
  const element = elementOf(segment);
  return items.findIndex((item) => itemElement(shape, item) === element);
}
