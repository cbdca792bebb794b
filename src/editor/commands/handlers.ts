import * as vscode from 'vscode';
import type { Location } from '../../core/location.ts';
import type { ClusterProvider } from '../../ports/cluster.ts';
import { commitsHandlers, openStepLine } from '../commits/commitsCommands.ts';
import type { ApplicationTarget, CommitsController } from '../commits/commitsController.ts';
import type { CommitsViewProvider } from '../commits/commitsView.ts';
import { commandIds, viewId } from '../contributions.ts';
import type { ManifestDocuments } from '../documents/manifestDocuments.ts';
import { fileUri, rangeOf } from '../languageFeatures/fileFindings.ts';
import type { FileFindings } from '../languageFeatures/fileFindings.ts';
import type { DriftController } from '../sessions/driftController.ts';
import { type ObjectRef, parseRef } from '../sessions/objectRef.ts';
import type { SandboxHost } from '../sessions/sandboxHost.ts';
import type { DriftViewProvider } from '../views/driftView.ts';
import type { DriftNode } from '../views/model/driftNode.ts';
import { type RowTarget, actionHandlers } from '../actions/actionCommands.ts';
import type { ActionParts } from '../actions/actionParts.ts';
import type { Handler } from './commandRunner.ts';
import { pickApplications } from './pickApplications.ts';
import { pickContext } from './pickContext.ts';
import { pickObject } from './pickObject.ts';

export interface HandlerParts {
  controller: DriftController;
  clusters: ClusterProvider;
  view: DriftViewProvider;
  documents: ManifestDocuments;
  commits: CommitsController;
  commitsView: CommitsViewProvider;
  sandbox: SandboxHost;
  output: vscode.LogOutputChannel;
  actions: ActionParts;
  readonly findings: () => FileFindings;
  readonly choose: (context: string) => Promise<void>;
  /** What is remembered of files and commits may be old. */
  readonly forget: () => void;
  /** A command needs findings although no view shows them. */
  readonly wake: () => void;
}

/** What each command does. Every command of package.json stands here; the type sees to it. */
export function commandHandlers(parts: HandlerParts): Record<(typeof commandIds)[keyof typeof commandIds], Handler> {
  const { controller, clusters, view, documents, commits, commitsView, sandbox, output } = parts;
  /** The finding that an argument, the selected row or the cursor names. */
  const refOf = (argument: unknown): ObjectRef | undefined =>
    parseRef(argument) ?? view.nodeOf(argument)?.ref ?? (argument === undefined ? refAtCursor(parts) : undefined);

  return {
    ...actionHandlers({
      actions: parts.actions,
      requireTrust,
      rowOf: (argument) => commitsView.nodeOf(argument)?.target ?? rowTarget(view.nodeOf(argument)),
      current: () => refAtCursor(parts),
      wake: parts.wake,
    }),
    ...commitsHandlers({
      commits,
      view: commitsView,
      documents,
      requireTrust,
      applicationOf: (argument) =>
        commitsView.nodeOf(argument)?.target ??
        rowTarget(view.nodeOf(argument)) ??
        parseTarget(argument) ??
        (argument === undefined ? refAtCursor(parts) : undefined),
      wake: parts.wake,
    }),
    [commandIds.selectCluster]: async () => {
      requireTrust();
      const context = await pickContext(clusters, controller.context, sandbox.running?.context);
      if (context !== undefined) await parts.choose(context);
    },
    [commandIds.refresh]: async () => {
      requireTrust();
      parts.wake();
      parts.forget();
      clusters.reset();
      await controller.restart();
      await commits.refresh();
    },
    [commandIds.selectApplications]: async () => {
      requireTrust();
      await pickApplications(await controller.applications());
    },
    [commandIds.startSandbox]: async () => {
      requireTrust();
      const location = { viewId };
      const running = await vscode.window.withProgress({ location }, () => sandbox.start());
      await parts.choose(running.context);
    },
    [commandIds.openLiveManifest]: async (argument) => {
      requireTrust();
      parts.wake();
      const ref = refOf(argument) ?? (await pickObject(controller.views));
      if (ref !== undefined) await documents.openLive(ref);
    },
    [commandIds.openDiff]: async (argument) => {
      parts.wake();
      const ref = refOf(argument);
      if (ref !== undefined) await documents.openDiff(ref);
    },
    [commandIds.openDecidingLine]: async (argument) => {
      const step = commitsView.nodeOf(argument)?.target;
      if (step !== undefined) {
        await openStepLine(commits, step, openLocation);
        return;
      }
      const node = view.nodeOf(argument) ?? view.selected;
      if (node?.location !== undefined && node.root !== undefined) await openLocation(node.root, node.location);
    },
    [commandIds.copyPath]: async (argument) => {
      const ref = refOf(argument);
      if (ref !== undefined) await vscode.env.clipboard.writeText(ref.path ?? ref.key.name);
    },
    [commandIds.showFindingsOnly]: () => view.showFindingsOnly(true),
    [commandIds.showEverything]: () => view.showFindingsOnly(false),
    [commandIds.showDrift]: () => vscode.commands.executeCommand(`${viewId}.focus`),
    [commandIds.showMenu]: () => showMenu(),
    [commandIds.showLog]: () => output.show(true),
  };
}

/** The application of a row, with the object that it stands for. */
function rowTarget(node: DriftNode | undefined): RowTarget | undefined {
  return node?.ref ?? node?.target;
}

/** An application that another command or extension names. */
function parseTarget(argument: unknown): ApplicationTarget | undefined {
  if (typeof argument !== 'object' || argument === null) return undefined;
  const { root, context, application } = argument as Record<string, unknown>;
  if (typeof root !== 'string' || typeof context !== 'string' || typeof application !== 'string') return undefined;
  return { root, context, application };
}

/** What the status bar offers. */
async function showMenu(): Promise<void> {
  const items = [
    { label: `$(server-environment) ${vscode.l10n.t('Select Cluster')}`, command: commandIds.selectCluster },
    { label: `$(refresh) ${vscode.l10n.t('Refresh')}`, command: commandIds.refresh },
    { label: `$(list-tree) ${vscode.l10n.t('Show Drift')}`, command: commandIds.showDrift },
    { label: `$(output) ${vscode.l10n.t('Show Log')}`, command: commandIds.showLog },
  ];
  const picked = await vscode.window.showQuickPick(items, { title: 'Plumbline' });
  if (picked !== undefined) await vscode.commands.executeCommand(picked.command);
}

async function openLocation(root: string, location: Location): Promise<void> {
  const { file } = location;
  const absolute = /^([a-z]:)?[\\/]/i.test(file);
  const uri = absolute ? vscode.Uri.file(file) : fileUri(root, file);
  const range = rangeOf(location);
  // The cursor goes to the start; the whole line is not to be typed over by mistake.
  await vscode.window.showTextDocument(uri, { selection: new vscode.Range(range.start, range.start), preview: true });
}

function refAtCursor({ findings, view }: HandlerParts): ObjectRef | undefined {
  const editor = vscode.window.activeTextEditor;
  const found = editor === undefined ? [] : findings().at(editor.document.uri, editor.selection);
  return found[0]?.ref ?? (editor === undefined ? view.selected?.ref : undefined);
}

/** Buttons and palette are hidden in Restricted Mode; a keybinding is not. */
function requireTrust(): void {
  if (vscode.workspace.isTrusted) return;
  throw new Error(vscode.l10n.t('Rendering and clusters stay off until you trust this workspace.'));
}
