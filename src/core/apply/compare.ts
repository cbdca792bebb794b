import { type Json, type JsonObject, equalJson } from '../json.ts';
import type { ListShape, MapShape, SchemaNode } from '../schema/schemaNode.ts';
import { type ValueShape, filledList, filledMap, shapeFor, typeOfKey } from '../schema/valueShape.ts';
import { type FieldSet, FieldSetBuilder, leafFieldSet } from './fieldSet.ts';
import { everyPathOf } from './fieldSetOf.ts';
import { type PathElement, fieldElement, itemElement } from '../schema/pathElement.ts';

/** What differs between two objects, as three sets that share no path (semantics M-19). The order of list items does not count. */
export interface Comparison {
  added: FieldSet;
  modified: FieldSet;
  removed: FieldSet;
}

/** Compares an object before and after; undefined stands for no object. Parts that are the same JavaScript value cost nothing. */
export function compareObjects(before: Json | undefined, after: Json | undefined, node: SchemaNode): Comparison {
  const walk = new Walk();
  walk.compare(before, after, node);
  return { added: walk.added.build(), modified: walk.modified.build(), removed: walk.removed.build() };
}

class Walk {
  readonly added = new FieldSetBuilder();
  readonly modified = new FieldSetBuilder();
  readonly removed = new FieldSetBuilder();
  readonly #path: PathElement[] = [];

  compare(before: Json | undefined, after: Json | undefined, node: SchemaNode): void {
    if (before === after) return;
    if (before === undefined) {
      this.#insertAll(this.added, after as Json, node);
    } else if (after === undefined) {
      this.#insertAll(this.removed, before, node);
    } else {
      // A value that changed its kind is looked at as both: what the old one held is removed, what the new one holds is added.
      const shape = shapeFor(node, after);
      const shapeBefore = shapeFor(node, before);
      if (shapeBefore !== shape) this.#compareAs(shapeBefore, before, after, node);
      this.#compareAs(shape, before, after, node);
    }
  }

  #insertAll(set: FieldSetBuilder, value: Json, node: SchemaNode): void {
    const paths = everyPathOf(value, node);
    if (this.#path.length > 0) {
      set.insert(this.#path, paths);
    } else {
      for (const [element, child] of paths.children ?? []) set.insert([element], child);
    }
  }

  #compareAs(shape: ValueShape, before: Json, after: Json, node: SchemaNode): void {
    if (shape === 'map' && node.map !== undefined) this.#compareMaps(before, after, node.map);
    else if (shape === 'list' && node.list !== undefined) this.#compareLists(before, after, node.list);
    else this.#compareLeaves(before, after);
  }

  #compareLeaves(before: Json, after: Json): void {
    if (!equalJson(before, after)) this.modified.insert(this.#path);
  }

  #compareMaps(before: Json, after: Json, shape: MapShape): void {
    const [left, right] = [filledMap(before), filledMap(after)];
    if (shape.relationship === 'atomic' || (left === undefined && right === undefined)) {
      this.#compareLeaves(before, after);
      return;
    }
    for (const key of Object.keys(left ?? {})) {
      this.#descend(fieldElement(key), own(left, key), own(right, key), typeOfKey(shape, key));
    }
    for (const key of Object.keys(right ?? {})) {
      if (own(left, key) === undefined) {
        this.#descend(fieldElement(key), undefined, own(right, key), typeOfKey(shape, key));
      }
    }
  }

  #compareLists(before: Json, after: Json, shape: ListShape): void {
    const [left, right] = [filledList(before), filledList(after)];
    if (shape.relationship === 'atomic' || (left === undefined && right === undefined)) {
      this.#compareLeaves(before, after);
      return;
    }
    const leftItems = itemsByElement(left ?? [], shape);
    const rightItems = itemsByElement(right ?? [], shape);
    for (const [element, items] of leftItems) {
      this.#compareItems(element, items, rightItems.get(element) ?? [], shape.items);
    }
    for (const [element, items] of rightItems) {
      if (!leftItems.has(element)) this.#compareItems(element, [], items, shape.items);
    }
  }

  /** Items that share a key are one unit (semantics M-6): they are compared as a whole, and appear and vanish as a whole. */
  #compareItems(element: PathElement, left: readonly Json[], right: readonly Json[], node: SchemaNode): void {
    if (left.length <= 1 && right.length <= 1) {
      this.#descend(element, left[0], right[0], node);
    } else if (left.length > 1 && right.length > 1) {
      if (!equalJson([...left], [...right])) this.#insert(this.modified, element);
    } else if (left.length > 1) {
      if (right.length > 0) this.#descend(element, undefined, right[0], node);
      this.#insert(this.removed, element);
    } else {
      if (left.length > 0) this.#descend(element, left[0], undefined, node);
      this.#insert(this.added, element);
    }
  }

  #insert(set: FieldSetBuilder, element: PathElement): void {
    this.#path.push(element);
    set.insert(this.#path, leafFieldSet);
    this.#path.pop();
  }

  #descend(element: PathElement, before: Json | undefined, after: Json | undefined, node: SchemaNode): void {
    if (before === after) return;
    this.#path.push(element);
    this.compare(before, after, node);
    this.#path.pop();
  }
}

function own(map: JsonObject | undefined, key: string): Json | undefined {
  return map !== undefined && Object.hasOwn(map, key) ? map[key] : undefined;
}

function itemsByElement(items: readonly Json[], shape: ListShape): Map<PathElement, Json[]> {
  const found = new Map<PathElement, Json[]>();
  for (const item of items) {
    const element = itemElement(shape, item);
    if (typeof element !== 'string') continue;
    const same = found.get(element);
    if (same === undefined) found.set(element, [item]);
    else same.push(item);
  }
  return found;
}
