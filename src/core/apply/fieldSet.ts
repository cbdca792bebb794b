import type { PathSegment } from '../location.ts';
import { type PathElement, elementOf, segmentOf } from '../schema/pathElement.ts';

/**
 * A set of field paths, kept as a trie. A node says whether the path to it is a member, and holds the nodes below it; a set is the
 * root node, whose own membership means nothing. Sets are immutable and share their nodes; all leaves are one object.
 */
export class FieldSet {
  readonly member: boolean;
  readonly children: ReadonlyMap<PathElement, FieldSet> | undefined;

  constructor(member: boolean, children?: ReadonlyMap<PathElement, FieldSet>) {
    this.member = member;
    this.children = children;
  }

  /** No path lies under this node. The membership of the node itself is its parent's business. */
  get isEmpty(): boolean {
    return this.children === undefined;
  }

  child(element: PathElement): FieldSet | undefined {
    return this.children?.get(element);
  }

  /** The node at a path; undefined where nothing lies at or under it. */
  at(segments: readonly PathSegment[]): FieldSet | undefined {
    const [first, ...rest] = segments;
    return first === undefined ? this : this.child(elementOf(first))?.at(rest);
  }

  /** Whether the very path is a member. */
  has(segments: readonly PathSegment[]): boolean {
    return this.at(segments)?.member ?? false;
  }

  /** Whether the path is a member, or lies in one that is owned as a whole: an atomic value. */
  covers(segments: readonly PathSegment[]): boolean {
    // A member with children is a container that is owned beside them, not instead of them.
    if (segments.length === 0 || (this.member && this.isEmpty)) return this.member;
    const [first, ...rest] = segments;
    return (first !== undefined && this.child(elementOf(first))?.covers(rest)) ?? false;
  }

  union(other: FieldSet): FieldSet {
    return unite(this, other);
  }

  /** The members that `other` has not. A member of `other` takes away itself, not what lies under it. */
  difference(other: FieldSet): FieldSet {
    return subtract(this, other, false) ?? emptyFieldSet;
  }

  /** As `difference`, but a member of `other` takes away all that lies under it as well. */
  differenceWithChildren(other: FieldSet): FieldSet {
    return subtract(this, other, true) ?? emptyFieldSet;
  }

  intersection(other: FieldSet): FieldSet {
    return intersect(this, other) ?? emptyFieldSet;
  }

  equals(other: FieldSet): boolean {
    return this.isEmpty === other.isEmpty && equalChildren(this, other);
  }

  /** Whether every member of this set is one of `other`. */
  isSubsetOf(other: FieldSet): boolean {
    if (this === other || this.children === undefined) return true;
    for (const [element, child] of this.children) {
      const match = other.child(element);
      if (match === undefined || (child.member && !match.member) || !child.isSubsetOf(match)) return false;
    }
    return true;
  }

  /** All member paths, parents before what lies under them. Order among siblings is that of insertion. */
  *paths(): Generator<PathSegment[]> {
    yield* walk(this, []);
  }
}

export const emptyFieldSet = new FieldSet(false);
/** A member with nothing under it. */
export const leafFieldSet = new FieldSet(true);

export function fieldSetOfPaths(paths: Iterable<readonly PathSegment[]>): FieldSet {
  const builder = new FieldSetBuilder();
  for (const path of paths) builder.insert(path.map(elementOf));
  return builder.build();
}

/** A set node from its parts, leaves shared. */
export function fieldSetNode(member: boolean, children: Map<PathElement, FieldSet>): FieldSet {
  if (children.size > 0) return new FieldSet(member, children);
  return member ? leafFieldSet : emptyFieldSet;
}

interface BuilderNode {
  member: boolean;
  children: Map<PathElement, BuilderNode | FieldSet> | undefined;
}

/** Collects paths that are met one by one. */
export class FieldSetBuilder {
  readonly #root: BuilderNode = { member: false, children: undefined };

  /** Adds a path, and with `below` all that it holds under that path. */
  insert(path: readonly PathElement[], below: FieldSet = leafFieldSet): void {
    let node = this.#root;
    const last = path.length - 1;
    if (last < 0) return;
    for (let depth = 0; depth < last; depth++) {
      node.children ??= new Map();
      const element = path[depth] as PathElement;
      const found = node.children.get(element);
      const next: BuilderNode =
        found instanceof FieldSet
          ? { member: found.member, children: found.children === undefined ? undefined : new Map(found.children) }
          : (found ?? { member: false, children: undefined });
      if (next !== found) node.children.set(element, next);
      node = next;
    }
    node.children ??= new Map();
    const element = path[last] as PathElement;
    const found = node.children.get(element);
    node.children.set(element, found === undefined ? below : unite(frozen(found), below));
  }

  build(): FieldSet {
    return frozen(this.#root);
  }
}

function frozen(node: BuilderNode | FieldSet): FieldSet {
  if (node instanceof FieldSet) return node;
  const children = new Map<PathElement, FieldSet>();
  for (const [element, child] of node.children ?? []) children.set(element, frozen(child));
  return fieldSetNode(node.member, children);
}

function unite(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b) return a;
  if (b.children === undefined && (a.member || !b.member)) return a;
  if (a.children === undefined && (b.member || !a.member)) return b;
  const children = new Map(a.children);
  for (const [element, child] of b.children ?? []) {
    const match = children.get(element);
    children.set(element, match === undefined ? child : unite(match, child));
  }
  return fieldSetNode(a.member || b.member, children);
}

/** Undefined where nothing is left. */
function subtract(a: FieldSet, b: FieldSet, withChildren: boolean): FieldSet | undefined {
  if (a.children === undefined || b.children === undefined) return a.children === undefined ? undefined : a;
  let changed = false;
  const children = new Map<PathElement, FieldSet>();
  for (const [element, child] of a.children) {
    const taken = b.children.get(element);
    const left = taken === undefined ? child : without(child, taken, withChildren);
    if (left !== undefined) children.set(element, left);
    changed ||= left !== child;
  }
  if (!changed) return a;
  return children.size === 0 ? undefined : new FieldSet(a.member, children);
}

function without(child: FieldSet, taken: FieldSet, withChildren: boolean): FieldSet | undefined {
  const below = withChildren && taken.member ? undefined : subtract(child, taken, withChildren);
  const member = child.member && !taken.member;
  if (below === undefined) return member ? leafFieldSet : undefined;
  return below === child && member === child.member ? child : new FieldSet(member, below.children);
}

function intersect(a: FieldSet, b: FieldSet): FieldSet | undefined {
  if (a === b) return a.isEmpty ? undefined : a;
  if (a.children === undefined || b.children === undefined) return undefined;
  const children = new Map<PathElement, FieldSet>();
  for (const [element, child] of a.children) {
    const match = b.children.get(element);
    if (match === undefined) continue;
    const below = intersect(child, match);
    const member = child.member && match.member;
    if (below === undefined) {
      if (member) children.set(element, leafFieldSet);
    } else {
      children.set(element, below.member === member ? below : new FieldSet(member, below.children));
    }
  }
  return children.size === 0 ? undefined : new FieldSet(a.member && b.member, children);
}

function equalChildren(a: FieldSet, b: FieldSet): boolean {
  if (a.children === b.children) return true;
  if (a.children === undefined || b.children === undefined || a.children.size !== b.children.size) return false;
  for (const [element, child] of a.children) {
    const match = b.children.get(element);
    if (match === undefined || child.member !== match.member || !equalChildren(child, match)) return false;
  }
  return true;
}

function* walk(node: FieldSet, above: readonly PathSegment[]): Generator<PathSegment[]> {
  for (const [element, child] of node.children ?? []) {
    const path = [...above, segmentOf(element)];
    if (child.member) yield path;
    yield* walk(child, path);
  }
}
