import { type RowNode, sameNode } from './rowNode.ts';

/** The row whose children, or whose own look, changed; `undefined` stands for the roots. */
export type TreeChange = string | undefined;

/**
 * The rows that the editor holds of a tree. Children are made when they are asked for, and when what they are made of changes only those
 * that were asked for are compared, so that 5,000 rows out of sight cost nothing.
 */
export class ShownTree<Node extends RowNode> {
  readonly #make: (id: string | undefined) => Node[];
  readonly #known = new Map<string, Node>();
  readonly #parents = new Map<string, string | undefined>();
  /** Children that the editor holds, by parent; the roots under undefined. */
  readonly #shown = new Map<string | undefined, Node[]>();

  /** `make` makes the rows below a row, or the roots, as things are when it is called. */
  constructor(make: (id: string | undefined) => Node[]) {
    this.#make = make;
  }

  node(id: string): Node | undefined {
    return this.#known.get(id);
  }

  parent(id: string): string | undefined {
    return this.#parents.get(id);
  }

  children(id: string | undefined): Node[] {
    const nodes = this.#make(id);
    this.#remember(id, nodes);
    return nodes;
  }

  /** Says which rows the editor must ask for again, outermost first. */
  update(): TreeChange[] {
    const changes: TreeChange[] = [];
    if (this.#shown.has(undefined)) this.#compare(undefined, changes);
    return changes;
  }

  #compare(id: string | undefined, changes: TreeChange[]): void {
    const before = this.#shown.get(id);
    if (before === undefined) return;
    const after = this.#make(id);
    const sameRows = before.length === after.length && before.every((node, index) => node.id === after[index]?.id);
    if (!sameRows) {
      this.#remember(id, after);
      changes.push(id);
      return;
    }
    for (const [index, node] of after.entries()) {
      const old = before[index];
      this.#known.set(node.id, node);
      if (old === undefined || !sameNode(old, node)) {
        // A row that is asked for again brings all below it.
        changes.push(node.id);
      } else {
        this.#compare(node.id, changes);
      }
    }
    this.#shown.set(id, after);
  }

  #remember(id: string | undefined, nodes: Node[]): void {
    const kept = new Set(nodes.map((node) => node.id));
    for (const old of this.#shown.get(id) ?? []) if (!kept.has(old.id)) this.#forget(old.id);
    this.#shown.set(id, nodes);
    for (const node of nodes) {
      this.#known.set(node.id, node);
      this.#parents.set(node.id, id);
    }
  }

  #forget(id: string): void {
    for (const child of this.#shown.get(id) ?? []) this.#forget(child.id);
    this.#shown.delete(id);
    this.#known.delete(id);
    this.#parents.delete(id);
  }
}
