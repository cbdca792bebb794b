import * as vscode from 'vscode';
import type { RowNode } from './model/rowNode.ts';
import type { TreeChange } from './model/shownTree.ts';

/** A row as the editor holds it. The same object stands for the same id, because the editor knows rows by identity. */
export interface Row {
  readonly id: string;
}

export function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && 'id' in value && typeof value.id === 'string';
}

/** The rows of one view. */
export class Rows {
  readonly #known = new Map<string, Row>();

  of(id: string): Row {
    let row = this.#known.get(id);
    if (row === undefined) {
      row = { id };
      this.#known.set(id, row);
    }
    return row;
  }

  /** Tells the editor which rows to ask for again, and of none where nothing changed. */
  tell(changes: readonly TreeChange[], didChange: vscode.EventEmitter<Row | Row[] | undefined>): void {
    if (changes.includes(undefined)) didChange.fire(undefined);
    // The editor cannot ask again for what it never asked for.
    else if (changes.length > 0) didChange.fire(changes.flatMap((id) => this.#known.get(id ?? '') ?? []));
  }
}

/** The tooltip of a row, made when the pointer rests on it. */
export function withTooltip(item: vscode.TreeItem, node: RowNode | undefined): vscode.TreeItem {
  const tooltip = node?.tooltip() ?? '';
  if (tooltip !== '') item.tooltip = new vscode.MarkdownString(tooltip);
  return item;
}

const states = {
  none: vscode.TreeItemCollapsibleState.None,
  collapsed: vscode.TreeItemCollapsibleState.Collapsed,
  expanded: vscode.TreeItemCollapsibleState.Expanded,
};

/** The look of a row; what it does is its view's to say. */
export function treeItemOf(node: RowNode): vscode.TreeItem {
  const item = new vscode.TreeItem(node.label, states[node.children]);
  item.id = node.id;
  item.description = node.description;
  item.contextValue = node.flags;
  item.accessibilityInformation = { label: node.spoken };
  const { id, color } = node.icon;
  item.iconPath =
    color === undefined ? new vscode.ThemeIcon(id) : new vscode.ThemeIcon(id, new vscode.ThemeColor(color));
  return item;
}
