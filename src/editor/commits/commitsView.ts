import * as vscode from 'vscode';
import type { Wording } from '../../core/explain/wording.ts';
import type { Disposable } from '../../core/emitter.ts';
import { commandIds, commitsViewId } from '../contributions.ts';
import { Disposables } from '../disposables.ts';
import { type Row, Rows, isRow, treeItemOf, withTooltip } from '../views/rowItems.ts';
import type { CommitsController } from './commitsController.ts';
import type { CommitNode, CommitsInput } from './model/commitNode.ts';
import type { CommitsTree } from './model/commitsTree.ts';

/** The Commits view: rows of the model as tree items, and the answer above them. */
export class CommitsViewProvider implements vscode.TreeDataProvider<Row>, Disposable {
  readonly #controller: CommitsController;
  readonly #wording: () => Wording;
  #loaded: CommitsTree | undefined;
  readonly #rows = new Rows();
  readonly #didChange = new vscode.EventEmitter<Row | Row[] | undefined>();
  readonly #owned = new Disposables();
  readonly #view: vscode.TreeView<Row>;

  readonly onDidChangeTreeData = this.#didChange.event;

  constructor(controller: CommitsController, wording: () => Wording) {
    this.#controller = controller;
    this.#wording = wording;
    this.#view = this.#owned.add(
      vscode.window.createTreeView(commitsViewId, { treeDataProvider: this, showCollapseAll: true }),
    );
    this.#owned.add(this.#didChange);
    this.#owned.add(controller.onDidStart((work) => void withViewProgress(work)));
    this.#owned.add(this.#view.onDidChangeVisibility(() => controller.setVisible(this.#view.visible)));
    this.#owned.add(this.#view.onDidExpandElement(({ element }) => this.#expanded(element)));
    controller.setVisible(this.#view.visible);
  }

  get visible(): boolean {
    return this.#view.visible;
  }

  get onDidChangeVisibility(): vscode.Event<vscode.TreeViewVisibilityChangeEvent> {
    return this.#view.onDidChangeVisibility;
  }

  /** The row that the keyboard is on. */
  get selected(): CommitNode | undefined {
    const [row] = this.#view.selection;
    return row === undefined ? undefined : this.#tree?.node(row.id);
  }

  /** Takes what is known and asks the editor for the rows that changed, not for all. */
  update(): void {
    const input = this.#input();
    // What the editor was told before the rows could be made was nothing.
    const isFirst = this.#loaded === undefined && this.#tree !== undefined;
    const changes = this.#tree?.update(input) ?? [];
    this.#rows.tell(isFirst ? [undefined] : changes, this.#didChange);
    this.#view.description =
      input === undefined ? '' : vscode.l10n.t('{0} on {1}', input.snapshot.application.name, input.context);
    // An empty message, unlike a text, leaves room for the welcome text.
    this.#view.message = input === undefined ? '' : (this.#controller.bundle?.answerText(input) ?? '');
  }

  /** The model's row behind a row that the editor hands to a command. */
  nodeOf(row: unknown): CommitNode | undefined {
    return isRow(row) ? this.#tree?.node(row.id) : undefined;
  }

  /** Shows the view, and the row of a revision of the application in view, unfolded. */
  async reveal(revision: string | undefined): Promise<void> {
    await vscode.commands.executeCommand(`${commitsViewId}.focus`);
    this.update();
    const input = this.#input();
    const tree = this.#tree;
    const id =
      input === undefined || revision === undefined ? undefined : this.#controller.bundle?.rowOf(input, revision);
    if (tree === undefined || id === undefined) return;
    // The editor asks for the roots some time after the view is shown, and a row is known from then on.
    tree.children(undefined);
    for (const parent of tree.children(undefined)) if (parent.children === 'expanded') tree.children(parent.id);
    if (tree.node(id) === undefined) return;
    await this.#view.reveal(this.#rows.of(id), { select: true, focus: true, expand: true });
  }

  getChildren(row?: Row): Row[] {
    return (this.#tree?.children(row?.id) ?? []).map((node) => this.#rows.of(node.id));
  }

  getParent(row: Row): Row | undefined {
    const parent = this.#tree?.parent(row.id);
    return parent === undefined ? undefined : this.#rows.of(parent);
  }

  getTreeItem(row: Row): vscode.TreeItem {
    const node = this.#tree?.node(row.id);
    if (node === undefined) return new vscode.TreeItem('');
    const item = treeItemOf(node);
    const command = commandOf(node);
    if (command !== undefined) item.command = command;
    return item;
  }

  /** Tooltips are made when the pointer rests on a row. */
  resolveTreeItem(item: vscode.TreeItem, row: Row): vscode.TreeItem {
    return withTooltip(item, this.#tree?.node(row.id));
  }

  dispose(): void {
    this.#owned.dispose();
  }

  /** What is shown folded is planned or read only when it is unfolded. */
  #expanded(row: Row): void {
    const node = this.#tree?.node(row.id);
    const input = this.#input();
    if (node === undefined || input === undefined) return;
    // As a command, so that what goes wrong is told.
    if (row.id === this.#controller.bundle?.olderId(input))
      void vscode.commands.executeCommand(commandIds.showOlderCommits);
    else if (node.kind === 'commit' && node.target !== undefined) this.#controller.want(node.target.revision);
  }

  get #tree(): CommitsTree | undefined {
    this.#loaded ??= this.#controller.bundle?.createTree();
    return this.#loaded;
  }

  #input(): CommitsInput | undefined {
    const { target, snapshot, report, error } = this.#controller;
    if (target === undefined || snapshot === undefined) return undefined;
    return { root: target.root, context: target.context, snapshot, report, error, wording: this.#wording() };
  }
}

/** What a click, or Enter, does: a step opens its diff; of what is blocked there is none, so its line is opened. */
function commandOf(node: CommitNode): vscode.Command | undefined {
  const row = { id: node.id };
  if (node.kind === 'more') {
    return { command: commandIds.showOlderCommits, title: vscode.l10n.t('Show more commits') };
  }
  if (node.kind !== 'step') return undefined;
  return node.flags.includes('+comparable')
    ? { command: commandIds.openStepDiff, title: vscode.l10n.t('Open diff'), arguments: [row] }
    : { command: commandIds.openDecidingLine, title: vscode.l10n.t('Open file'), arguments: [row] };
}

async function withViewProgress(work: Promise<void>): Promise<void> {
  await vscode.window.withProgress({ location: { viewId: commitsViewId } }, () => work);
}
