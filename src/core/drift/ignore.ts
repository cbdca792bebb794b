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
  parseArgoPointer,
  parsePointer,
  placesOf,
  withoutPath,
} from './ignoreRule.ts';
import { isTargeted } from './ignoreTarget.ts';

/** Decides of differences of one object whether a rule covers them. */
export class IgnoreFilter {
  readonly #rules: readonly IgnoreRule[];
  readonly #sides: readonly KubeObject[];
  readonly #jqPaths: JqPaths | undefined;
  /** Made when the first difference is asked about: most objects have none. */
  #places: readonly (readonly RulePlace[])[] | undefined;
  readonly #node: SchemaNode;

  constructor(
    rules: readonly IgnoreRule[],
    objects: { desired: KubeObject; live: KubeObject },
    node: SchemaNode,
    jqPaths?: JqPaths,
  ) {
    this.#rules = rules.filter((rule) => isTargeted(rule, objects.desired) || isTargeted(rule, objects.live));
    this.#node = node;
    this.#sides = [objects.desired, objects.live];
    this.#jqPaths = jqPaths;
  }

  /**
   * A rule covers a difference at or below one of its paths, and one above where nothing is left once its paths are taken out of both
   * sides (semantics A-9, F-10); or where one of its managers owns the live field. Argo CD takes each side's own paths out of it: what
   * an expression finds in the cluster alone leaves Git's value to be applied.
   */
  covers(difference: Difference): boolean {
    if (this.#rules.length === 0) return false;
    if (this.#isLeftToManager(difference)) return true;
    this.#places ??= this.#sides.map((object) => placesIn(this.#rules, object, this.#jqPaths));
    const [desired = whole, live = whole] = this.#places.map((places, side) =>
      this.#cut(places, side, side === 0 ? difference.desired : difference.live, difference.segments),
    );
    if (desired.isGone || live.isGone) return true;
    const byArgo = difference.desired === undefined ? live.isGoneForArgo : desired.isGoneForArgo;
    if (byArgo || !(desired.isCut || live.isCut)) return byArgo;
    return equalValues(emptied(desired.rest), emptied(live.rest), difference.node);
  }

  /** Argo CD asks managers only about values that both sides have. */
  #isLeftToManager({ owners, kind, desired, live }: Difference): boolean {
    const isInBoth = kind === 'declared' && desired !== undefined && live !== undefined;
    return this.#rules.some(
      ({ source, managedFieldsManagers = [] }) =>
        (source !== 'argocd' || isInBoth) && owners.some(({ manager }) => managedFieldsManagers.includes(manager.name)),
    );
  }

  /** What the rules leave of one side of a difference. */
  #cut(places: readonly RulePlace[], side: number, value: Json | undefined, segments: readonly PathSegment[]): Remains {
    const object = this.#sides[side];
    const at = object && plainPath(object, segments, this.#node);
    if (at === undefined) return { ...whole, rest: value };
    const isGone = (ofArgo: boolean): boolean =>
      places.some((place) => place.ofArgo === ofArgo && isPlainPrefix(place.path, at));
    const isGoneForArgo = isGone(true);
    let rest = isGoneForArgo ? undefined : value;
    for (const { path } of places) {
      if (rest !== undefined && isPlainPrefix(at, path)) rest = withoutPath(rest, path.slice(at.length));
    }
    return { rest, isGone: isGone(false), isGoneForArgo, isCut: rest !== value };
  }
}

/** A place in one side that a rule names. */
interface RulePlace {
  path: PlainPath;
  ofArgo: boolean;
}

interface Remains {
  rest: Json | undefined;
  /** A rule of Flux or of the settings names the place or one above it. */
  isGone: boolean;
  isGoneForArgo: boolean;
  isCut: boolean;
}

const whole: Remains = { rest: undefined, isGone: false, isGoneForArgo: false, isCut: false };

/** A container that the rule emptied counts like one that is not there. */
function emptied(value: Json | undefined): Json | undefined {
  const isEmpty = typeof value === 'object' && value !== null && Object.keys(value).length === 0;
  return isEmpty ? undefined : value;
}

function placesIn(rules: readonly IgnoreRule[], object: KubeObject, jqPaths: JqPaths | undefined): RulePlace[] {
  const places: RulePlace[] = [];
  for (const { source, jsonPointers = [], jqPathExpressions = [] } of rules) {
    const ofArgo = source === 'argocd';
    const paths = ofArgo
      ? [
          ...jsonPointers.map(parseArgoPointer),
          ...jqPathExpressions.flatMap((program) => jqPaths?.(program, object) ?? []),
        ]
          .filter((path) => path.length > 0)
          .flatMap((path) => placesOf(path, object))
      : jsonPointers.map(parsePointer).filter((path) => path !== undefined);
    for (const path of paths) places.push({ path, ofArgo });
  }
  return places;
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
