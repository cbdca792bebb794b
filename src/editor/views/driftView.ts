import * as vscode from 'vscode';
import type { Disposable } from '../../core/emitter.ts';
import { commandIds, contextKeys, documentScheme, viewId } from '../contributions.ts';
import { Disposables } from '../disposables.ts';
import type { DriftController } from '../sessions/driftController.ts';
import type { DriftNode } from './model/driftNode.ts';
import { DriftTree, type TreeInput } from './model/driftTree.ts';
import { type Row, Rows, isRow, treeItemOf, withTooltip } from './rowItems.ts';
import { badge, headerText, messageText } from './model/viewHeader.ts';
import type { Wording } from '../../core/explain/wording.ts';

/** The Drift view: rows of the model as tree items, and what stands around them. */
export class DriftViewProvider implements vscode.TreeDataProvider<Row>, Disposable {
  readonly #controller: DriftController;
  readonly #wording: () => Wording;
  readonly #tree: DriftTree;
  readonly #rows = new Rows();
  readonly #didChange = new vscode.EventEmitter<Row | Row[] | undefined>();
  readonly #owned = new Disposables();
  readonly #view: vscode.TreeView<Row>;
  #findingsOnly = false;
  #progress: string | undefined;

  readonly onDidChangeTreeData = this.#didChange.event;

  constructor(controller: DriftController, wording: () => Wording) {
    this.#controller = controller;
    this.#wording = wording;
    this.#tree = new DriftTree(this.#input());
    this.#view = this.#owned.add(
      vscode.window.createTreeView(viewId, { treeDataProvider: this, showCollapseAll: true, canSelectMany: false }),
    );
    this.#owned.add(this.#didChange);
    this.#owned.add(controller.onDidStart((work) => void withViewProgress(work)));
  }

  get visible(): boolean {
    return this.#view.visible;
  }

  get onDidChangeVisibility(): vscode.Event<vscode.TreeViewVisibilityChangeEvent> {
    return this.#view.onDidChangeVisibility;
  }

  /** Calls back with the application of each row that is selected. */
  onDidSelectApplication(listener: (target: NonNullable<DriftNode['target']>) => void): Disposable {
    return this.#view.onDidChangeSelection(({ selection: [row] }) => {
      const node = row === undefined ? undefined : this.#tree.node(row.id);
      const target = node?.ref ?? node?.target;
      if (target !== undefined) listener(target);
    });
  }

  /** The row that the keyboard is on. */
  get selected(): DriftNode | undefined {
    const [row] = this.#view.selection;
    return row === undefined ? undefined : this.#tree.node(row.id);
  }

  /** Leaves out, or shows again, what is in sync. */
  showFindingsOnly(only: boolean): void {
    this.#findingsOnly = only;
    void vscode.commands.executeCommand('setContext', contextKeys.filter, only ? 'findings' : 'all');
    this.update();
  }

  /** What an action is doing stands above the rows while it goes on; undefined when it has ended. */
  showProgress(text: string | undefined): void {
    this.#progress = text;
    this.update();
  }

  /** Takes the controller's findings and asks the editor for the rows that changed, not for all. */
  update(): void {
    this.#rows.tell(this.#tree.update(this.#input()), this.#didChange);
    const { views, state } = this.#controller;
    const wording = this.#wording();
    this.#view.description = headerText(views, wording);
    // An empty message, unlike a text, leaves room for the welcome text.
    this.#view.message = this.#progress ?? messageText(state, views, wording) ?? '';
    const number = badge(views, wording.t);
    // Undefined takes the number away; the type of it says otherwise.
    if (number?.value !== this.#view.badge?.value || number?.tooltip !== this.#view.badge?.tooltip) {
      this.#view.badge = number;
    }
  }

  /** The model's row behind a row that the editor hands to a command. */
  nodeOf(row: unknown): DriftNode | undefined {
    return isRow(row) ? this.#tree.node(row.id) : undefined;
  }

  getChildren(row?: Row): Row[] {
    return this.#tree.children(row?.id).map((node) => this.#rows.of(node.id));
  }

  getParent(row: Row): Row | undefined {
    const parent = this.#tree.parent(row.id);
    return parent === undefined ? undefined : this.#rows.of(parent);
  }

  getTreeItem(row: Row): vscode.TreeItem {
    const node = this.#tree.node(row.id);
    return node === undefined ? new vscode.TreeItem('') : treeItem(node);
  }

  /** Tooltips are made when the pointer rests on a row. */
  resolveTreeItem(item: vscode.TreeItem, row: Row): vscode.TreeItem {
    return withTooltip(item, this.#tree.node(row.id));
  }

  dispose(): void {
    this.#owned.dispose();
  }

  #input(): TreeInput {
    const { views, problems, state } = this.#controller;
    const shown = state === 'ready' || state === 'loading';
    return {
      views: shown ? views : [],
      // Without any context the welcome text says what is missing; a broken file among several needs a row.
      problems: shown || state === 'noCluster' ? problems.filter((problem) => problem.severity === 'error') : [],
      options: { findingsOnly: this.#findingsOnly },
      wording: this.#wording(),
    };
  }
}

function treeItem(node: DriftNode): vscode.TreeItem {
  const item = treeItemOf(node);
  // Objects alone are coloured: with applications and fields as well a view of drift would be all yellow.
  if (node.kind === 'object' && node.status !== undefined) item.resourceUri = decorationUri(node.status, node.id);
  const command = commandOf(node);
  if (command !== undefined) item.command = command;
  return item;
}

/** What a click, or Enter, does: what has a line opens that, an object and a field without one its diff. */
function commandOf(node: DriftNode): vscode.Command | undefined {
  if (node.kind === 'field' && node.ref !== undefined) {
    return node.location === undefined
      ? { command: commandIds.openDiff, title: vscode.l10n.t('Open diff'), arguments: [node.ref] }
      : { command: commandIds.openDecidingLine, title: vscode.l10n.t('Open file'), arguments: [{ id: node.id }] };
  }
  if (node.kind === 'problem' && node.flags.includes('+choice')) {
    return { command: commandIds.selectApplications, title: vscode.l10n.t('Select Applications') };
  }
  if ((node.kind === 'application' || node.kind === 'problem') && node.location !== undefined) {
    return { command: commandIds.openDecidingLine, title: vscode.l10n.t('Open file'), arguments: [{ id: node.id }] };
  }
  if (
    node.kind === 'object' &&
    node.ref !== undefined &&
    node.flags.includes('comparable') &&
    node.status !== 'synced'
  ) {
    return { command: commandIds.openDiff, title: vscode.l10n.t('Open diff'), arguments: [node.ref] };
  }
  return undefined;
}

/** The address under which a row is decorated; the status is all that counts of it. */
function decorationUri(status: string, id: string): vscode.Uri {
  return vscode.Uri.from({ scheme: `${documentScheme}-row`, path: `/${status}`, query: id });
}

async function withViewProgress(work: Promise<void>): Promise<void> {
  await vscode.window.withProgress({ location: { viewId } }, () => work);
}
