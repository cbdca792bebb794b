import type { Application } from '../../core/delivery/application.ts';
import { type KubeObject, type ObjectKey, describeKey, keyOf, keyText } from '../../core/kube/objectKey.ts';
import type { Location, PathSegment, Via } from '../../core/location.ts';
import { isBelow } from '../../core/repositoryPath.ts';
import type { FieldChange } from '../../core/report.ts';
import type { TextEdit } from '../../core/text/span.ts';
import { smallestEdit } from '../../core/text/textEdits.ts';
import type { FileTree } from '../../ports/fileTree.ts';
import type { PreparedApplication } from '../drift/prepareComparison.ts';
import type { DeclaredTarget } from '../drift/target.ts';
import { type Refusal, notRead } from '../sync/syncRefusal.ts';
import type { ActionScope } from './actionScope.ts';
import { compareOne } from './describeRestore.ts';
import { editedTree } from './editedTree.ts';
import { type Wanted, proposeTexts } from './proposeTexts.ts';
import { differences, named, proveEdit } from './proveEdit.ts';

/** An edit by which Git declares what the cluster has: proved by rendering, not written yet. */
export interface LiveValueEdit {
  result: 'possible';
  /** From the repository's root. */
  file: string;
  location: Location;
  /** Offsets in the text that the tree of the scope has now. */
  edits: TextEdit[];
  newText: string;
  change: FieldChange;
  /** What comes with it, in sentences. */
  notes: string[];
}

/** Places whose value is not simply the field's. */
const unwritable: Partial<Record<Via, string>> = {
  label: 'the line sets a label on every object',
  namespace: 'the line sets the namespace of every object',
  substitution: 'the value is put together by substitution',
  template: 'a template of the chart spells it out',
};

/**
 * Finds the edit by which the deciding line says what the cluster has, and proves it: with it, the value is the live one, and nothing else
 * changes in the render of any application that reads the file. Writes nothing. The scope holds all applications, so that others that
 * read the file are seen; its tree has unsaved edits where they count.
 */
export async function liveValueEdit(
  scope: ActionScope,
  applicationId: string,
  key: ObjectKey,
  segments: readonly PathSegment[],
  signal?: AbortSignal,
): Promise<LiveValueEdit | Refusal> {
  const prepared = scope.find(applicationId);
  const target = prepared?.targets.find((item) => keyText(item.key) === keyText(key));
  const unread = prepared === undefined || target !== undefined ? undefined : notRead(prepared);
  if (unread !== undefined) return unread;
  if (prepared === undefined || target === undefined) return refused(`Git does not declare ${describeKey(key)}`);
  if (key.group === '' && key.kind === 'Secret') {
    return refused('values of Secrets are not written into Git', 'Encrypt it and write it by hand, or restore it.');
  }
  const { changes } = await compareOne(scope, prepared, target, signal);
  const change = changes.find((item) => JSON.stringify(item.segments) === JSON.stringify(segments));
  if (change === undefined) return refused('it no longer differs');
  if (change.masked === true) return refused('its value is or may be secret, so it is not written into Git');
  if (change.status === 'pending') {
    return refused(
      'Git has moved ahead here, and the live value is the former one',
      'Sync to bring it to the cluster.',
    );
  }
  const location = await locate(scope, prepared, target, segments, signal);
  if (location === undefined) return refused('no file of the repository decides it');
  const why = unwritable[location.via];
  if (why !== undefined) return refused(`${why} (${placeText(location)})`, 'Change it by hand.');
  const bytes = await scope.options.tree.read(location.file, signal);
  if (bytes === undefined) return refused(`${location.file} is not in the working tree`);
  const text = decoded(bytes);
  if (text === undefined) return refused(`${location.file} is not UTF-8 text`);
  const wanted = { segments, desired: change.desired, live: change.live };
  if (scope.flux.get(applicationId)?.delivery.kustomization.substitutes === true && hasVariable(text, location)) {
    return refused(`${unwritable.substitution ?? ''} (${placeText(location)})`, 'Change it by hand.');
  }
  const profile = prepared.application.source.kind === 'kustomize' ? 'kustomize' : 'raw';
  const { texts, refusal } = proposeTexts(text, location, wanted, profile);
  if (refusal !== undefined) return refused(`${refusal} (${placeText(location)})`, 'Change it by hand.');
  const unknown = scope.prepared.find(
    ({ application, rendered }) => !rendered && isBelow(location.file, application.source.path),
  );
  if (unknown !== undefined) {
    const why = unknown.application.notCompared ?? 'it cannot be rendered';
    return refused(
      `what ${unknown.application.name} makes of ${location.file} is not known: ${why}`,
      'Change it by hand.',
    );
  }
  const readers = await readersOf(scope, prepared, location.file);
  const object = readers.find(({ isOwner }) => isOwner)?.objects.find((item) => isRenderOf(item, key));
  if (object === undefined)
    return refused(`${location.file} decides it, and ${prepared.application.name} does not read it`);
  let failure = `the value cannot be written at ${placeText(location)} alone`;
  for (const newText of texts) {
    signal?.throwIfAborted();
    const proof = await prove(scope, readers, { file: location.file, newText, object, wanted });
    if (typeof proof === 'string') {
      failure = `${proof} (${placeText(location)})`;
      continue;
    }
    return {
      result: 'possible',
      file: location.file,
      location,
      edits: smallestEdit(text, newText),
      newText,
      change,
      notes: proof,
    };
  }
  return refused(failure, 'Change it by hand.');
}

/** Whether the lines of a place name a variable that Flux replaces: a literal in its place would take it from all who set it. */
function hasVariable(text: string, { line = 1, endLine = line }: Location): boolean {
  return text
    .split('\n')
    .slice(line - 1, endLine)
    .some((written) => written.includes('${'));
}

async function locate(
  scope: ActionScope,
  { application }: PreparedApplication,
  target: DeclaredTarget,
  segments: readonly PathSegment[],
  signal: AbortSignal | undefined,
): Promise<Location | undefined> {
  const renderer = scope.options.renderers[application.source.kind];
  const options = { ...(await scope.buildOptions(application)), ...(signal === undefined ? {} : { signal }) };
  const questions = [{ object: target.rendered, fields: [segments] }];
  const [answer] = await renderer.locate(scope.options.tree, application.source.path, questions, options);
  return answer?.fields[0] ?? answer?.object;
}

interface Reader {
  application: Application;
  objects: readonly KubeObject[];
  /** The one whose object it is about. */
  isOwner: boolean;
}

/** All applications that read a file, with what they render now: also those that the cluster of the scope does not hold. */
async function readersOf(scope: ActionScope, owner: PreparedApplication, file: string): Promise<Reader[]> {
  const known = scope.prepared.filter(({ rendered }) => rendered).map(({ application }) => application);
  const isKnown = (other: Application): boolean =>
    known.some(({ id, source }) => id === other.id || (source.path !== '' && isBelow(other.source.path, source.path)));
  const all = [...known, ...scope.derived.filter((application) => !isKnown(application))];
  const readers: Reader[] = [];
  for (const application of all) {
    const { files, objects } = await scope.render(application, scope.options.tree);
    if (!files.includes(file)) continue;
    const isOwner = application.id === owner.application.id;
    readers.push({ application, objects: objects.map((item) => item.object), isOwner });
  }
  return readers;
}

/** Notes where the edit holds; otherwise why it does not. */
async function prove(
  scope: ActionScope,
  readers: readonly Reader[],
  edit: { file: string; newText: string; object: KubeObject; wanted: Wanted },
): Promise<string[] | string> {
  const tree: FileTree = editedTree(scope.options.tree, new Map([[edit.file, new TextEncoder().encode(edit.newText)]]));
  const notes: string[] = [];
  for (const reader of readers.toSorted((a, b) => Number(b.isOwner) - Number(a.isOwner))) {
    const { objects, problems } = await scope.render(reader.application, tree);
    const failed = problems.find(({ severity }) => severity === 'error');
    if (failed !== undefined) return `it could not be rendered with it: ${failed.message}`;
    const after = objects.map((item) => item.object);
    if (!reader.isOwner) {
      const differing = differences(reader.objects, after);
      if (differing.length > 0) return `it would change ${reader.application.name} as well: ${named(differing)}`;
      continue;
    }
    const proof = proveEdit(reader.objects, after, edit.object, edit.wanted);
    if (!proof.holds) return proof.text;
    if (proof.renamed !== undefined) {
      notes.push(`${describeKey(keyOf(edit.object))} becomes ${proof.renamed}, and what refers to it follows.`);
    }
  }
  return notes;
}

/** As it comes out of the source: without the namespace that the cluster gives an object which names none. */
function isRenderOf(object: KubeObject, key: ObjectKey): boolean {
  const own = keyOf(object);
  return keyText({ ...own, namespace: own.namespace === '' ? key.namespace : own.namespace }) === keyText(key);
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function placeText({ file, line }: Location): string {
  return line === undefined ? file : `${file}:${String(line)}`;
}

function refused(reason: string, remedy?: string): Refusal {
  return { result: 'refused', reason, ...(remedy === undefined ? {} : { remedy }) };
}
