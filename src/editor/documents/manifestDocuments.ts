import * as vscode from 'vscode';
import type { Disposable } from '../../core/emitter.ts';
import { type KubeObject, type ObjectKey, describeKey } from '../../core/kube/objectKey.ts';
import { locate } from '../../core/manifest/locate.ts';
import { printYaml } from '../../core/manifest/printYaml.ts';
import { LineIndex } from '../../core/text/lineIndex.ts';
import type { ObjectSides } from '../../services/drift/driftSession.ts';
import type { CommitsController } from '../commits/commitsController.ts';
import type { RevisionTarget } from '../commits/model/commitNode.ts';
import { documentScheme } from '../contributions.ts';
import { Disposables } from '../disposables.ts';
import type { DriftController } from '../sessions/driftController.ts';
import type { ObjectRef } from '../sessions/objectRef.ts';
import { shownChanges } from '../../core/explain/findings.ts';
import { changeAt, shownLive, shownSides } from './comparedSides.ts';
import { type ManifestSide, type PlannedRevision, addressOf, parseAddress } from './manifestUri.ts';
import { plannedSides } from './plannedSides.ts';

/** Read-only documents of live and declared objects, Secret values masked, as they are at the moment; never a file on disk. */
export class ManifestDocuments implements vscode.TextDocumentContentProvider, Disposable {
  readonly #controller: DriftController;
  readonly #commits: Pick<CommitsController, 'planned'>;
  readonly #owned = new Disposables();
  readonly #didChange = this.#owned.add(new vscode.EventEmitter<vscode.Uri>());
  readonly #texts = new Map<string, string>();
  readonly onDidChange = this.#didChange.event;

  constructor(controller: DriftController, commits: Pick<CommitsController, 'planned'>) {
    this.#controller = controller;
    this.#commits = commits;
    this.#owned.add(vscode.workspace.registerTextDocumentContentProvider(documentScheme, this));
    this.#owned.add(
      vscode.workspace.onDidCloseTextDocument((document) => void this.#texts.delete(document.uri.toString())),
    );
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    const text = this.#textOf(uri) ?? this.#texts.get(uri.toString()) ?? '';
    this.#texts.set(uri.toString(), text);
    return text;
  }

  /** Documents that are open follow the cluster and the files. */
  update(): void {
    for (const [id, text] of this.#texts) {
      const uri = vscode.Uri.parse(id);
      const now = this.#textOf(uri);
      // What is no longer known keeps its last text: an editor must not go blank when watching pauses.
      if (now !== undefined && now !== text) this.#didChange.fire(uri);
    }
  }

  /** The live object in an editor. */
  async openLive(ref: ObjectRef): Promise<void> {
    await this.#controller.answered(ref);
    const { live } = this.#controller.objects(ref);
    if (live === undefined) {
      throw new Error(vscode.l10n.t('{0} is not in {1}.', describeKey(ref.key), ref.context));
    }
    const document = await vscode.workspace.openTextDocument(uriOf('live', ref));
    await vscode.window.showTextDocument(document, { preview: true });
  }

  /** Live against Git in a diff editor, at the field that the ref names. */
  async openDiff(ref: ObjectRef): Promise<void> {
    await this.#controller.answered(ref);
    const found = this.#controller.find(ref);
    const { live, desired } = this.#controller.objects(ref);
    if (found === undefined || (live === undefined && desired === undefined)) {
      throw new Error(vscode.l10n.t('{0} is not known any more. Refresh and try again.', describeKey(ref.key)));
    }
    const left = uriOf('live-compared', ref);
    const right = uriOf('git', ref);
    const title = vscode.l10n.t('{0} (live {1} ↔ Git)', describeKey(ref.key), ref.context);
    const segments = changeAt(shownChanges(found.object), ref.path)?.segments;
    const line = segments === undefined ? undefined : lineOf(this.provideTextDocumentContent(right), segments);
    const selection = line === undefined ? {} : { selection: new vscode.Range(line, 0, line, 0) };
    await vscode.commands.executeCommand('vscode.diff', left, right, title, { preview: true, ...selection });
  }

  /** One object of a plan in a diff editor: as it is before, and as the plan will leave it. */
  async openPlannedDiff(target: RevisionTarget, key: ObjectKey): Promise<void> {
    const sides = this.#plannedSides(target, key);
    if (sides === undefined) {
      throw new Error(vscode.l10n.t('The plan of {0} is not known any more. Try again.', describeKey(key)));
    }
    const title = sides.afterOthers
      ? vscode.l10n.t('{0} (before ↔ after {1})', describeKey(key), revisionText(target.revision))
      : vscode.l10n.t('{0} (live {1} ↔ after {2})', describeKey(key), target.context, revisionText(target.revision));
    await vscode.commands.executeCommand('vscode.diff', sides.before, sides.after, title, { preview: true });
  }

  /** All objects that a plan changes, in one editor of many diffs. */
  async openPlannedChanges(target: RevisionTarget, keys: readonly ObjectKey[], name: string): Promise<void> {
    const changes = keys.flatMap((key): [vscode.Uri, vscode.Uri | undefined, vscode.Uri | undefined][] => {
      const sides = this.#plannedSides(target, key);
      if (sides === undefined) return [];
      return [[sides.after, sides.has.before ? sides.before : undefined, sides.has.after ? sides.after : undefined]];
    });
    const title = vscode.l10n.t('{0} on {1}: {2}', name, target.context, revisionText(target.revision));
    await vscode.commands.executeCommand('vscode.changes', title, changes);
  }

  dispose(): void {
    this.#texts.clear();
    this.#owned.dispose();
  }

  /** Undefined where nothing is known of the object at the moment. */
  #textOf(uri: vscode.Uri): string | undefined {
    const address = parseAddress(uri.query);
    if (address === undefined) return undefined;
    if (address.revision !== undefined) return this.#plannedText(address.side, address.ref, address.revision);
    const objects = this.#controller.objects(address.ref);
    if (objects.live === undefined && objects.desired === undefined) return undefined;
    const shown = this.#shown(address.side, objects, address.ref);
    return shown === undefined ? '' : print(shown);
  }

  #shown(side: ManifestSide, objects: ObjectSides, ref: ObjectRef): KubeObject | undefined {
    if (side === 'live') return shownLive(objects);
    const { live, git } = shownSides(objects, shownChangesOf(this.#controller, ref));
    return side === 'live-compared' ? live : side === 'git' ? git : undefined;
  }

  #plannedSides(
    { root, context, application, revision }: RevisionTarget,
    key: ObjectKey,
  ):
    | { afterOthers: boolean; before: vscode.Uri; after: vscode.Uri; has: { before: boolean; after: boolean } }
    | undefined {
    const ref: ObjectRef = { root, context, application, key };
    const found = this.#commits.planned({ ...ref, revision }, key);
    if (found === undefined) return undefined;
    const planned = { revision };
    const { before, after } = found.object;
    return {
      afterOthers: found.afterOthers,
      before: uriOf('before', ref, planned),
      after: uriOf('after', ref, planned),
      has: { before: before !== undefined, after: after !== undefined },
    };
  }

  #plannedText(side: ManifestSide, ref: ObjectRef, revision: string): string | undefined {
    const found = this.#commits.planned({ ...ref, revision }, ref.key);
    if (found === undefined) return undefined;
    const { before, after } = plannedSides(found.object);
    const shown = side === 'before' ? before : after;
    return shown === undefined ? '' : print(shown);
  }
}

function shownChangesOf(controller: DriftController, ref: ObjectRef): ReturnType<typeof shownChanges> {
  const found = controller.find(ref);
  return found === undefined ? [] : shownChanges(found.object);
}

function print(object: KubeObject): string {
  return printYaml(object);
}

function uriOf(side: ManifestSide, ref: ObjectRef, planned?: PlannedRevision): vscode.Uri {
  return vscode.Uri.from({ scheme: documentScheme, ...addressOf(side, ref, planned) });
}

function revisionText(revision: string): string {
  return revision === 'worktree' ? vscode.l10n.t('working tree') : revision.slice(0, 7);
}

/** Line, from 0, of a field in a printed object, or of the nearest field above it that is there. */
function lineOf(text: string, segments: Parameters<typeof locate>[2]): number | undefined {
  const place = locate(text, 0, segments, { profile: 'raw' });
  if (place === undefined) return undefined;
  return new LineIndex(text).positionAt((place.key ?? place.deepest).start).line - 1;
}
