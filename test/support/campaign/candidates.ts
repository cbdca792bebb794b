import { type Json, type JsonObject, cloneJson, equalJson, field, isJsonObject } from '../../../src/core/json.ts';
import type { KubeObject } from '../../../src/core/kube/objectKey.ts';
import type { PathSegment } from '../../../src/core/location.ts';
import { childNode, valueAt } from '../../../src/core/schema/path.ts';
import { type ListShape, type SchemaNode, deducedNode } from '../../../src/core/schema/schemaNode.ts';
import { itemElement, segmentOf } from '../../../src/core/schema/pathElement.ts';

export type Change = 'changed' | 'added' | 'removed' | 'item added' | 'item removed' | 'reordered' | 'deleted';
export type PathType = 'scalar' | 'map' | 'keyed list' | 'set' | 'atomic' | 'object';

/** One possible edit of a live object. */
export interface Candidate {
  readonly change: Change;
  readonly type: PathType;
  /** Of what is edited; for an edit inside an atomic value, of that value as a whole. */
  readonly path: readonly PathSegment[];
  /** The container that holds what is edited, with fields and positions alone. */
  readonly place: readonly (string | number)[];
  /** The object as it shall be. */
  readonly after: KubeObject;
}

type Place = (string | number)[];

/** Kinds of which any other part does harm to other objects, or cannot be changed. */
const metadataOnly = new Set([
  'CustomResourceDefinition',
  'APIService',
  'Namespace',
  'PersistentVolumeClaim',
  'Job',
  'Pod',
]);

/** Parts that controllers or the server write, and that are never anybody's difference. */
const untouched = new Set(['apiVersion', 'kind', 'status']);

/** Metadata that people edit. */
const editedMetadata = new Set(['labels', 'annotations', 'finalizers']);

/** Every edit that can be thought of; whether the server takes it is for the server to say. */
export function* candidatesOf(live: KubeObject, desired: KubeObject, node: SchemaNode): Iterable<Candidate> {
  for (const key of Object.keys(live)) {
    if (untouched.has(key) || (key !== 'metadata' && metadataOnly.has(live.kind))) continue;
    yield* below(
      live,
      desired,
      live[key] ?? null,
      childNode(node, { field: key }) ?? deducedNode,
      [{ field: key }],
      [key],
    );
  }
}

function* below(
  live: KubeObject,
  desired: KubeObject,
  value: Json,
  node: SchemaNode,
  path: PathSegment[],
  place: Place,
): Iterable<Candidate> {
  const make = (
    change: Change,
    type: PathType,
    segments: PathSegment[],
    container: Place,
    edit: (slot: Json) => void,
  ): Candidate => {
    const after = cloneJson(live);
    edit(at(after, container));
    return { change, type, path: segments, place: container, after };
  };
  if (isJsonObject(value) && node.map !== undefined) {
    if (node.map.relationship === 'atomic') yield* inAtomic(value, path, place, make);
    else yield* inMap(live, desired, value, node, path, place, make);
  } else if (Array.isArray(value)) {
    const { list } = node;
    // Metrics of an autoscaler are compared without regard to order and repetition (semantics N-14).
    if (live.kind === 'HorizontalPodAutoscaler' && place.at(-1) === 'metrics') return;
    if (list === undefined || list.relationship === 'atomic') yield* inAtomic(value, path, place, make);
    else if (list.relationship === 'set') yield* inSet(desired, value, path, place, make);
    else yield* inKeyedList(live, desired, value, list, path, place, make);
  }
}

type Make = (
  change: Change,
  type: PathType,
  segments: PathSegment[],
  container: Place,
  edit: (slot: Json) => void,
) => Candidate;

function* inMap(
  live: KubeObject,
  desired: KubeObject,
  value: JsonObject,
  node: SchemaNode,
  path: PathSegment[],
  place: Place,
  make: Make,
): Iterable<Candidate> {
  const { fields } = node.map ?? {};
  const isStruct = fields !== undefined;
  const type = isStruct ? 'scalar' : 'map';
  const inMetadata = path.length === 1 && place[0] === 'metadata';
  for (const key of Object.keys(value)) {
    if (inMetadata && !editedMetadata.has(key)) continue;
    const here = [...path, { field: key }];
    const child = childNode(node, { field: key }) ?? deducedNode;
    const item = value[key] ?? null;
    const isDeclared = valueAt(desired, here) !== undefined;
    // What controllers keep in annotations is theirs, and they put it back.
    if (!isDeclared && /kubernetes\.io|kubectl/.test(key)) continue;
    if (typeof item !== 'object') {
      const other = otherValue(item, child, key, live.kind === 'Secret' && path.length === 1);
      if (other !== undefined)
        yield make('changed', type, here, place, (slot) => void ((slot as JsonObject)[key] = other));
    }
    const declared = valueAt(desired, here);
    const isZero =
      declared === undefined || declared === null || declared === false || declared === 0 || declared === '';
    const isEmpty = typeof declared === 'object' && declared !== null && Object.keys(declared).length === 0;
    if (!isZero && !isEmpty)
      yield make('removed', typeof item === 'object' ? 'map' : type, here, place, (slot) => {
        delete (slot as JsonObject)[key];
      });
    yield* below(live, desired, item, child, here, [...place, key]);
  }
  if (isStruct) {
    for (const [name, fieldType] of fields) {
      if (Object.hasOwn(value, name) || inMetadata) continue;
      const fresh = freshValue(fieldType);
      if (fresh !== undefined)
        yield make(
          'added',
          'scalar',
          [...path, { field: name }],
          place,
          (slot) => void ((slot as JsonObject)[name] = fresh),
        );
    }
  } else {
    const key = 'plumbline-test';
    const fresh = live.kind === 'Secret' ? 'cGx1bWI=' : freshValue(node.map?.values ?? deducedNode);
    if (fresh !== undefined)
      yield make('added', 'map', [...path, { field: key }], place, (slot) => void ((slot as JsonObject)[key] = fresh));
  }
}

function* inKeyedList(
  live: KubeObject,
  desired: KubeObject,
  items: Json[],
  shape: ListShape,
  path: PathSegment[],
  place: Place,
  make: Make,
): Iterable<Candidate> {
  let declared = 0;
  for (const [index, item] of items.entries()) {
    const element = itemElement(shape, item);
    if (typeof element !== 'string') return;
    const here = [...path, segmentOf(element)];
    const isDeclared =
      valueAt(desired, here, undefined) !== undefined || declaredItem(desired, path, shape, element) !== undefined;
    if (isDeclared) {
      declared++;
      yield make('item removed', 'keyed list', here, place, (slot) => void (slot as Json[]).splice(index, 1));
    }
    for (const candidate of below(live, desired, item, shape.items, here, [...place, index])) {
      // With another key it is another item, which is an edit of the list.
      const last = candidate.path.at(-1);
      const isKey = candidate.path.length === here.length + 1 && last !== undefined && 'field' in last;
      if (!isKey || !shape.keys.includes(last.field)) yield candidate;
    }
    const copy = withOtherKey(item, shape);
    const added = copy === undefined ? undefined : itemElement(shape, copy);
    if (index === 0 && copy !== undefined && typeof added === 'string') {
      yield make(
        'item added',
        'keyed list',
        [...path, segmentOf(added)],
        place,
        (slot) => void (slot as Json[]).push(copy),
      );
    }
  }
  if (declared === items.length && items.length > 1) {
    yield make('reordered', 'keyed list', path, place, (slot) => void (slot as Json[]).reverse());
  }
}

/** Items of Git may leave out key fields that have a default. */
function declaredItem(desired: KubeObject, path: PathSegment[], shape: ListShape, element: string): Json | undefined {
  const list = valueAt(desired, path);
  return Array.isArray(list) ? list.find((item) => itemElement(shape, item) === element) : undefined;
}

function* inSet(
  desired: KubeObject,
  items: Json[],
  path: PathSegment[],
  place: Place,
  make: Make,
): Iterable<Candidate> {
  const fresh = place.at(-1) === 'finalizers' ? 'plumbline.test/hold' : 'plumbline-test';
  yield make('item added', 'set', [...path, { value: fresh }], place, (slot) => void (slot as Json[]).push(fresh));
  const declared = valueAt(desired, path);
  for (const [index, value] of items.entries()) {
    if (!Array.isArray(declared) || !declared.includes(value)) continue;
    yield make('item removed', 'set', [...path, { value }], place, (slot) => void (slot as Json[]).splice(index, 1));
  }
  if (items.length > 1) yield make('reordered', 'set', path, place, (slot) => void (slot as Json[]).reverse());
}

function* inAtomic(value: JsonObject | Json[], path: PathSegment[], place: Place, make: Make): Iterable<Candidate> {
  if (Array.isArray(value)) {
    const [first] = value;
    if (first !== undefined) {
      const copy = typeof first === 'string' ? `${first}-more` : cloneJson(first);
      yield make('item added', 'atomic', path, place, (slot) => void (slot as Json[]).push(copy));
      yield make('item removed', 'atomic', path, place, (slot) => void (slot as Json[]).pop());
      if (typeof first === 'string')
        yield make('changed', 'atomic', path, place, (slot) => void ((slot as Json[])[0] = `${first}x`));
    }
    if (value.length > 1 && !equalJson(value.toReversed(), value))
      yield make('reordered', 'atomic', path, place, (slot) => void (slot as Json[]).reverse());
    for (const [index, item] of value.entries())
      if (isJsonObject(item)) yield* fieldsOfAtomic(item, path, [...place, index], make);
    return;
  }
  yield* fieldsOfAtomic(value, path, place, make);
}

function* fieldsOfAtomic(value: JsonObject, path: PathSegment[], place: Place, make: Make): Iterable<Candidate> {
  for (const key of Object.keys(value)) {
    const item = value[key] ?? null;
    const other = otherValue(item, deducedNode, key, false);
    if (other !== undefined)
      yield make('changed', 'atomic', path, place, (slot) => void ((slot as JsonObject)[key] = other));
    if (item !== null && item !== '' && item !== false && item !== 0)
      yield make('removed', 'atomic', path, place, (slot) => {
        delete (slot as JsonObject)[key];
      });
  }
  if (Object.values(value).every((item) => typeof item === 'string')) {
    yield make('added', 'atomic', path, place, (slot) => void ((slot as JsonObject)['plumbline-test'] = 'x'));
  }
}

function at(object: Json, place: Place): Json {
  return place.reduce<Json>((value, step) => (value as Record<string | number, Json>)[step] ?? null, object);
}

/** Another value of the same type that means something else. */
function otherValue(value: Json, node: SchemaNode, key: string, encoded: boolean): Json | undefined {
  if (encoded) return Buffer.from(`plumbline ${key}`).toString('base64');
  if (typeof value === 'number') return value + 1;
  if (typeof value === 'boolean') return !value;
  if (typeof value !== 'string') return undefined;
  if (node.format === 'quantity') return value === '37m' ? '38m' : '37m';
  if (node.enum !== undefined) return node.enum.find((one) => one !== value);
  const known = ['IfNotPresent', 'Always'].includes(value)
    ? value === 'Always'
      ? 'IfNotPresent'
      : 'Always'
    : undefined;
  if (known !== undefined) return known;
  if (/^\d+[smh]$/.test(value)) return `1${value}`;
  return `${value}x`;
}

function freshValue(node: SchemaNode): Json | undefined {
  if (node.enum !== undefined) return node.enum.find((one) => one !== '');
  if (node.list !== undefined || node.map !== undefined) return undefined;
  if (node.scalar === 'boolean') return true;
  if (node.scalar === 'numeric') return 7;
  return node.scalar === 'string' ? 'plumbline' : undefined;
}

function withOtherKey(item: Json, shape: ListShape): JsonObject | undefined {
  if (!isJsonObject(item)) return undefined;
  const copy = cloneJson(item);
  const key = shape.keys.find((name) => field(copy, name) !== undefined);
  if (key === undefined) return undefined;
  const value = copy[key];
  if (typeof value === 'number') copy[key] = value + 1000;
  else if (typeof value === 'string') copy[key] = key === 'mountPath' ? `${value}-more` : `${value.slice(0, 10)}-m`;
  if (key !== 'name' && typeof copy['name'] === 'string') copy['name'] = `${copy['name'].slice(0, 10)}-m`;
  return copy;
}
