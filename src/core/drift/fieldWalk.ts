import { type PathElement, fieldElement, indexElement, itemElement, segmentOf } from '../schema/pathElement.ts';
import { type Json, type JsonObject, field, isJsonObject } from '../json.ts';
import type { PathSegment } from '../location.ts';
import { childNode } from '../schema/path.ts';
import { type ListShape, type SchemaNode, deducedNode } from '../schema/schemaNode.ts';
import { leavesCaBundleOpen } from './caBundle.ts';
import { equalValues } from './equalValues.ts';
import { holdsAll } from './holdsAll.ts';
import { isDeduced } from './isDeduced.ts';
import { liveOnlyFields } from './liveOnly.ts';
import { type Owners, ownersBelow } from './ownership.ts';
import { isKnownDefault, isNeverEmpty, isZero, meansAbsent } from './zeroValues.ts';

/** The same place in the four objects; undefined where an object has nothing there, or is not known. */
interface Place {
  desired: Json | undefined;
  applied: Json | undefined;
  /** In the render of the last attempted revision. */
  alternative: Json | undefined;
  live: Json | undefined;
}

/** A place where desired and live differ, before anyone judges it. */
export interface Difference extends Place {
  segments: readonly PathSegment[];
  /**
   * `declared`: Git declares the field, or did when it was applied. `live-only`: neither ever did. `order`: the items are equal, their
   * order is not; the values are then the items' keys.
   */
  kind: 'declared' | 'live-only' | 'order';
  node: SchemaNode | undefined;
  /** Who owns the live value, or parts of it. */
  owners: Owners;
}

export interface WalkOptions {
  /** The kind is built into the API server, which drops zero values (semantics N-11). */
  builtIn: boolean;
  /** There is an applied object to compare with. */
  appliedKnown: boolean;
  /** Live says who owns its fields. */
  hasOwners: boolean;
  /** Whether all owners wrote as the applier, so that additions inside atomic values are defaults or admission's work. */
  writtenByApplier(owners: Owners): boolean;
  /** The owners that are Apply entries of the applier: what they hold and live lacks, the server dropped when it was applied. */
  declaredByApplier(owners: Owners): Owners;
}

export interface WalkResult {
  differences: Difference[];
  /** Declared fields that the schema does not know and live does not hold: the server drops or refuses them (semantics N-12). */
  unknownFields: PathSegment[][];
}

const quantityNode: SchemaNode = { scalar: 'untyped', format: 'quantity' };
const amountMaps: ReadonlySet<string> = new Set(['f:limits', 'f:requests', 'f:capacity', 'f:hard']);

/** Not part of any comparison: what identifies the object (semantics M-15). */
const identity: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'name', 'namespace', 'generateName']);

/** Compares normalised objects by the rules of merging: what an apply of desired would change, and what only live has. */
export function walkFields(objects: Place, node: SchemaNode, owners: Owners, options: WalkOptions): WalkResult {
  const walk = new FieldWalk(options);
  walk.compare(objects, node, owners, false);
  return walk.result;
}

class FieldWalk {
  readonly result: WalkResult = { differences: [], unknownFields: [] };
  readonly #options: WalkOptions;
  /** Where the walk stands; turned into segments only when a difference is found. */
  readonly #path: PathElement[] = [];

  constructor(options: WalkOptions) {
    this.#options = options;
  }

  compare(place: Place, node: SchemaNode | undefined, owners: Owners, atomic: boolean): void {
    const { desired, live } = place;
    if (desired === undefined || desired === null) {
      if (live !== undefined && live !== null) this.#undeclared(place, node, owners, atomic);
      return;
    }
    if (live === undefined || live === null) {
      // Each label and annotation is a thing of its own, also where the last one is gone.
      if (isJsonObject(desired) && this.#isNames()) this.#maps(place, desired, {}, node, owners, atomic);
      else this.#absent(place, node, owners);
    } else if (isJsonObject(desired) && isJsonObject(live)) {
      this.#maps(place, desired, live, node, owners, atomic || node?.map?.relationship === 'atomic');
    } else if (Array.isArray(desired) && Array.isArray(live)) this.#lists(place, desired, live, node, owners, atomic);
    else this.#leaves(place, desired, live, node, owners);
  }

  #leaves(place: Place, desired: Json, live: Json, node: SchemaNode | undefined, owners: Owners): void {
    if (equalValues(desired, live, this.#isAmount() ? quantityNode : node)) return;
    if (leavesCaBundleOpen(this.#fieldName(), desired) || this.#leavesOpen(place, owners)) return;
    this.#found('declared', place, node, owners);
  }

  /** A declared nothing that the server filled in by itself, as `clusterIP: ""`: applying it again would change nothing. */
  #leavesOpen({ desired, applied, alternative }: Place, owners: Owners): boolean {
    const isEmpty = (value: Json): boolean => meansAbsent(value, this.#fieldName(), this.#options.builtIn);
    if (!isEmpty(desired ?? null) || !this.#options.writtenByApplier(owners)) return false;
    const once = applied ?? alternative;
    // Without owners nothing tells filling in from an edit, and without the applied value nothing tells it from what Git emptied.
    if (once === undefined || !this.#options.hasOwners) return isNeverEmpty(this.#fieldName());
    return isEmpty(once);
  }

  #maps(
    place: Place,
    desired: JsonObject,
    live: JsonObject,
    node: SchemaNode | undefined,
    owners: Owners,
    atomic: boolean,
  ): void {
    const isIdentified = this.#path.length === 0 || (this.#path.length === 1 && this.#path[0] === 'f:metadata');
    for (const key in desired) {
      const wanted = desired[key];
      if ((isIdentified && identity.has(key)) || wanted === null) continue;
      // Nothing is to be found in equal scalars, which most fields are.
      if (wanted === live[key] && typeof wanted !== 'object') continue;
      this.#step(place, key, node, owners, atomic);
    }
    for (const key in live) {
      if ((isIdentified && identity.has(key)) || Object.hasOwn(desired, key)) continue;
      this.#step(place, key, node, owners, atomic);
    }
  }

  #step(place: Place, key: string, node: SchemaNode | undefined, owners: Owners, atomic: boolean): void {
    const element = fieldElement(key);
    this.#path.push(element);
    this.compare(
      {
        desired: field(place.desired, key),
        applied: field(place.applied, key),
        alternative: field(place.alternative, key),
        live: field(place.live, key),
      },
      childNode(node, { field: key }),
      ownersBelow(owners, element, atomic ? 'atomic' : isDeduced(node) ? 'deduced' : 'granular'),
      atomic,
    );
    this.#path.pop();
  }

  #lists(
    place: Place,
    desired: Json[],
    live: Json[],
    node: SchemaNode | undefined,
    owners: Owners,
    atomic: boolean,
  ): void {
    const shape = node?.list;
    const keyed = atomic || shape === undefined || shape.relationship === 'atomic' ? undefined : shape;
    const desiredItems = keyed && itemsByElement(keyed, desired);
    const liveItems = keyed && itemsByElement(keyed, live);
    if (keyed !== undefined && desiredItems !== undefined && liveItems !== undefined) {
      this.#keyedItems(place, desiredItems, liveItems, node, keyed, owners);
    } else this.#positions(place, desired, live, node, owners);
  }

  #keyedItems(
    place: Place,
    desired: ReadonlyMap<PathElement, Json>,
    live: ReadonlyMap<PathElement, Json>,
    node: SchemaNode | undefined,
    shape: ListShape,
    owners: Owners,
  ): void {
    const applied = itemsOf(shape, place.applied);
    const alternative = itemsOf(shape, place.alternative);
    const visit = (element: PathElement): void => {
      this.#path.push(element);
      const item = {
        desired: desired.get(element),
        applied: applied?.get(element),
        alternative: alternative?.get(element),
        live: live.get(element),
      };
      this.compare(item, shape.items, ownersBelow(owners, element, 'granular'), false);
      this.#path.pop();
    };
    for (const element of desired.keys()) visit(element);
    for (const element of live.keys()) if (!desired.has(element)) visit(element);
    // The order of a set means nothing; that of a keyed list is a change of the object (semantics M-19).
    if (shape.relationship !== 'map' || desired.size < 2) return;
    const wanted = [...desired.keys()].filter((element) => live.has(element));
    const actual = [...live.keys()].filter((element) => desired.has(element));
    if (wanted.every((element, index) => element === actual[index])) return;
    const among = (items: ReadonlyMap<PathElement, Json> | undefined): Json | undefined =>
      items && [...items.keys()].filter((element) => live.has(element) && desired.has(element)).map(keyText);
    this.#found(
      'order',
      {
        desired: wanted.map(keyText),
        live: actual.map(keyText),
        applied: among(applied),
        alternative: among(alternative),
      },
      node,
      owners,
    );
  }

  /** An atomic list: item by item where the lengths are equal, so that the one changed line is named, else as a whole. */
  #positions(place: Place, desired: Json[], live: Json[], node: SchemaNode | undefined, owners: Owners): void {
    const { applied, alternative } = place;
    const sameLength = (list: Json | undefined): boolean => !Array.isArray(list) || list.length === live.length;
    if (desired.length !== live.length || !sameLength(applied) || !sameLength(alternative)) {
      this.#leaves(place, desired, live, node, owners);
      return;
    }
    const at = (list: Json | undefined, index: number): Json | undefined =>
      Array.isArray(list) ? list[index] : undefined;
    desired.forEach((item, index) => {
      this.#path.push(indexElement(index));
      const found = {
        desired: item,
        applied: at(applied, index),
        alternative: at(alternative, index),
        live: live[index],
      };
      this.compare(found, node?.list?.items, owners, true);
      this.#path.pop();
    });
  }

  /** Git declares it, live lacks it. */
  #absent(place: Place, node: SchemaNode | undefined, owners: Owners): void {
    if (meansAbsent(place.desired ?? null, this.#fieldName(), this.#options.builtIn)) return;
    if (node === undefined && this.#path.length > 0) {
      this.result.unknownFields.push(this.#path.map(segmentOf));
      return;
    }
    if (
      isZero(place.desired ?? null) &&
      holdsAll(this.#options.declaredByApplier(owners), place.desired ?? null, node, this.#options.builtIn)
    )
      return;
    this.#found('declared', place, node, owners);
  }

  /** Live has it, Git does not declare it. */
  #undeclared(place: Place, node: SchemaNode | undefined, owners: Owners, atomic: boolean): void {
    const { applied, alternative, live } = place;
    const once = applied ?? alternative;
    if (once !== undefined && !meansAbsent(once, this.#fieldName(), this.#options.builtIn)) {
      this.#dropped(place, node, owners, atomic);
      return;
    }
    if (atomic) {
      if (isKnownDefault(this.#fieldName(), live ?? null) || equalValues(live, node?.default, node)) return;
      // Beside a known applied value, additions of the applier's own are defaults; without one they may be what Git dropped, where a
      // schema says that the value is atomic; where it is only deduced to be, nothing can be told.
      const isTold = this.#options.appliedKnown || isDeduced(node);
      if (isTold && this.#options.writtenByApplier(owners)) return;
      if (owners.length === 0) return;
      this.#found('declared', place, node, owners);
      return;
    }
    for (const extra of liveOnlyFields(live ?? null, node ?? deducedNode, owners, this.#path)) {
      this.result.differences.push({
        kind: 'live-only',
        segments: extra.path.map(segmentOf),
        desired: undefined,
        applied: undefined,
        alternative: undefined,
        live: extra.value,
        node: extra.node,
        owners: extra.owners,
      });
    }
  }

  /** Git declared it once and no more. What it never declared of it is judged apart. */
  #dropped(place: Place, node: SchemaNode | undefined, owners: Owners, atomic: boolean): void {
    const { applied, alternative, live } = place;
    const asApplied = equalValues(applied, live, node) || equalValues(alternative, live, node);
    const granular = !atomic && node?.map?.relationship !== 'atomic';
    const once = applied ?? alternative;
    if (!asApplied && granular && isJsonObject(once) && isJsonObject(live)) {
      const before = this.result.differences.length;
      for (const key of Object.keys(live)) this.#step(place, key, node, owners, false);
      this.#joinDropped(before, place, node, owners);
      return;
    }
    const shape = node?.list;
    if (!asApplied && !atomic && shape !== undefined && shape.relationship !== 'atomic' && Array.isArray(live)) {
      const items = itemsByElement(shape, live);
      if (items !== undefined) {
        this.#keyedItems(place, new Map(), items, node, shape, owners);
        return;
      }
    }
    this.#found('declared', place, node, owners);
  }

  /** What Git dropped whole, and the server had only completed with defaults, is one difference, not one per field. */
  #joinDropped(before: number, place: Place, node: SchemaNode | undefined, owners: Owners): void {
    // Labels and other maps of names stay apart.
    if (this.#path.length < 2 || (node?.map?.fields === undefined && !isDeduced(node))) return;
    const declared = this.result.differences
      .slice(before)
      .filter((part) => part.kind !== 'live-only' || !this.#options.writtenByApplier(part.owners));
    const asApplied = declared.every(
      (part) =>
        part.kind === 'declared' &&
        (equalValues(part.applied, part.live, part.node) || equalValues(part.alternative, part.live, part.node)),
    );
    if (declared.length === 0 || !asApplied) return;
    this.result.differences.length = before;
    this.#found('declared', { ...place, applied: place.live }, node, owners);
  }

  #found(kind: Difference['kind'], place: Place, node: SchemaNode | undefined, owners: Owners): void {
    this.result.differences.push({ kind, segments: this.#path.map(segmentOf), ...place, node, owners });
  }

  /** An amount of a resource by its place, where no schema says so: in custom kinds, and where a cluster shows no schema (N-6). */
  #isAmount(): boolean {
    const above = this.#path.at(-2) ?? '';
    return amountMaps.has(above) || this.#path.at(-1) === 'f:sizeLimit';
  }

  #isNames(): boolean {
    const last = this.#path.at(-1);
    return this.#path.at(-2) === 'f:metadata' && (last === 'f:labels' || last === 'f:annotations');
  }

  #fieldName(): string {
    const last = this.#path.at(-1) ?? '';
    return last.startsWith('f:') ? last.slice(2) : '';
  }
}

/** Items by their key in the order of the list; undefined where the list has no keys to go by (semantics M-5, M-6). */
function itemsByElement(shape: ListShape, items: readonly Json[]): Map<PathElement, Json> | undefined {
  const found = new Map<PathElement, Json>();
  for (const item of items) {
    const element = itemElement(shape, item);
    if (typeof element !== 'string' || found.has(element)) return undefined;
    found.set(element, item);
  }
  return found;
}

function itemsOf(shape: ListShape, items: Json | undefined): Map<PathElement, Json> | undefined {
  return Array.isArray(items) ? itemsByElement(shape, items) : undefined;
}

/** The key of an item as one value: `web`, or `{port, protocol}` where it has more than one. */
function keyText(element: PathElement): Json {
  const segment = segmentOf(element);
  if ('value' in segment) return segment.value;
  if (!('key' in segment)) return element;
  const [name, ...others] = Object.keys(segment.key);
  return name !== undefined && others.length === 0 ? (segment.key[name] ?? null) : segment.key;
}
