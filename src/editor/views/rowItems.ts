import * as vscode from 'vscode';
import type { RowNode } from './model/rowNode.ts';

/** A row as the editor holds it. The same object stands for the same id, because the editor knows rows by identity. */
export interface Row {
  readonly id: string;
}

export function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && 'id' in value && typeof value.id === 'string';
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
