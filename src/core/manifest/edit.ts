import { type Node, isMap, isSeq } from 'yaml';
import { type Json, equalJson, field, isJsonObject } from '../json.ts';
import type { PathSegment } from '../location.ts';
import type { TextEdit } from '../text/span.ts';
import { smallestEdit } from '../text/textEdits.ts';
import { composePiece } from './composePiece.ts';
import { DocumentEditor } from './documentEditor.ts';
import { readFast } from './fastReader.ts';
import { type JsonChange, jsonAt, withChange } from './jsonAt.ts';
import { readNodes } from './nodeReader.ts';
import type { YamlProfile } from './scalars.ts';
import { slotOf } from './slot.ts';
import { splitDocuments } from './splitDocuments.ts';
import { type Walk, walkPath } from './walkPath.ts';

export interface EditOptions {
  profile: YamlProfile;
  /** The item of a list of objects that paths start from. */
  itemIndex?: number;
}

/**
 * Why a text is not edited. `anchor`: the place is shared by an anchor, so other values would change with it; `missing-parent`: the
 * path leads through something that is neither map nor list; `not-found`: no such document, list or value; `unsupported`: a form of YAML
 * that cannot be edited safely.
 */
export type EditRefusalReason = 'anchor' | 'missing-parent' | 'not-found' | 'unsupported';
export interface EditRefusal {
  ok: false;
  reason: EditRefusalReason;
  message: string;
}
export type EditResult = { ok: true; edits: TextEdit[] } | EditRefusal;

/**
 * Sets the value at a path of one document and leaves every other byte as it is: comments, quotes, indentation, line ends. Missing maps on
 * the way, and a list item that the last segments name, are created. Of a map or list only what differs is written.
 */
export function setValue(
  text: string,
  documentIndex: number,
  segments: readonly PathSegment[],
  value: Json,
  options: EditOptions,
): EditResult {
  return edit(text, documentIndex, { segments, value }, options);
}

/** Removes the field or list item at a path; a parent that loses its last entry stays as `{}` or `[]`. */
export function removeValue(
  text: string,
  documentIndex: number,
  segments: readonly PathSegment[],
  options: EditOptions,
): EditResult {
  return edit(text, documentIndex, { segments, value: undefined }, options);
}

/** Adds an item to the list at a path, at its end unless `at` says before which; a missing list is created. */
export function insertItem(
  text: string,
  documentIndex: number,
  segments: readonly PathSegment[],
  item: Json,
  options: EditOptions & { at?: number },
): EditResult {
  const { at, ...rest } = options;
  const end = { index: Number.MAX_SAFE_INTEGER };
  const change = { segments: [...segments, end], value: item, ...(at === undefined ? {} : { insertAt: at }) };
  return edit(text, documentIndex, change, rest);
}

function edit(text: string, documentIndex: number, change: JsonChange, options: EditOptions): EditResult {
  const piece = splitDocuments(text)[documentIndex];
  if (piece === undefined) return refuse('not-found', `The file has no document ${documentIndex + 1}`);
  const prefix: PathSegment[] =
    options.itemIndex === undefined ? [] : [{ field: 'items' }, { index: options.itemIndex }];
  const rooted = { ...change, segments: [...prefix, ...change.segments] };
  const source = text.slice(piece.start, piece.end);
  const before = valueOf(source, options.profile);
  if (before === undefined) return refuse('unsupported', 'The document cannot be read');
  if (prefix.length > 0 && jsonAt(before, prefix) === undefined)
    return refuse('not-found', 'The list has no such item');
  if (change.value === undefined && jsonAt(before, rooted.segments) === undefined) {
    return refuse('not-found', 'The document has nothing at this path');
  }
  const expected = withChange(before, rooted);
  if (expected === undefined) {
    return refuse('missing-parent', 'The path leads through a value that is neither a map nor a list');
  }
  const changed = changeSource(source, rooted, options.profile);
  if (typeof changed !== 'string') return changed;
  // What was written is read again: an edit that would mean anything else is not made.
  const after = valueOf(changed, options.profile);
  if (after === undefined || !equalJson(after, expected)) {
    return refuse('unsupported', 'The value stands in a form of YAML that cannot be edited safely');
  }
  const edits = smallestEdit(source, changed).map(({ span, newText }) => ({
    span: { start: piece.start + span.start, end: piece.start + span.end },
    newText,
  }));
  return { ok: true, edits };
}

function valueOf(source: string, profile: YamlProfile): Json | undefined {
  const [piece] = splitDocuments(source);
  if (piece === undefined) return null;
  const fast = source.includes('\r') ? undefined : readFast(source, piece, profile);
  return fast === undefined ? readNodes(source, composePiece(source, piece), profile).value : fast.value;
}

function refuse(reason: EditRefusalReason, message: string): EditRefusal {
  return { ok: false, reason, message };
}

/** Makes one change, of which a map or list may need several steps; each reads the text again. */
function changeSource(source: string, change: JsonChange, profile: YamlProfile): string | EditRefusal {
  const place = find(source, change.segments, profile);
  if ('ok' in place) return place;
  const { walk, editor } = place;
  const last = walk.steps.at(-1);
  if (walk.steps.length < change.segments.length) return addMissing(editor, walk, change);
  if (change.value === undefined)
    return last === undefined ? unsupported() : removeStep(source, editor, walk, change, profile);
  const old = jsonAt(valueOf(source, profile) ?? null, change.segments);
  if (equalJson(old, change.value)) return source;
  const steps = stepsBetween(old, change.value, change.segments);
  if (steps === undefined) {
    const slot = last === undefined ? undefined : slotOf(last);
    return slot === undefined ? unsupported() : editor.replace(slot, change.value);
  }
  let text = source;
  for (const step of steps) {
    const next = changeSource(text, step, profile);
    if (typeof next !== 'string') return next;
    text = next;
  }
  return text;
}

function find(
  source: string,
  segments: readonly PathSegment[],
  profile: YamlProfile,
): { walk: Walk; editor: DocumentEditor } | EditRefusal {
  const [piece] = splitDocuments(source);
  const composed = piece === undefined ? undefined : composePiece(source, piece, true);
  if (composed === undefined || composed.contents === null || composed.offset !== 0) return unsupported();
  const walk = walkPath({ text: source, piece: composed, profile }, composed.contents, segments);
  const anchored = new Set(composed.targets.values());
  const shared =
    walk.shared ||
    walk.steps.some((step) => anchored.has(step.parent) || holds(anchored, step.value, step === walk.steps.at(-1)));
  if (shared) return refuse('anchor', 'The value is shared by an anchor, so other values would change with it');
  return { walk, editor: new DocumentEditor(source, composed.contents) };
}

/** Whether a node is one that aliases stand for or, at the end of the path, holds one. */
function holds(anchored: ReadonlySet<Node>, node: Node | null, deep: boolean): boolean {
  if (node === null || anchored.size === 0) return false;
  if (anchored.has(node)) return true;
  if (!deep) return false;
  if (isSeq(node)) return node.items.some((item) => holds(anchored, item as Node | null, true));
  return isMap(node) && node.items.some((pair) => holds(anchored, pair.value as Node | null, true));
}

function addMissing(editor: DocumentEditor, walk: Walk, change: JsonChange): string | EditRefusal {
  const missing = change.segments.slice(walk.steps.length);
  const [first] = missing;
  if (first === undefined) return unsupported();
  const parent = walk.end;
  if ((isMap(parent) || isSeq(parent)) && parent.items.length > 0) {
    const inner = withChange('field' in first || !('key' in first) ? null : { ...first.key }, {
      ...change,
      segments: missing.slice(1),
    });
    if (inner === undefined) return unsupported();
    if ('field' in first && isMap(parent)) return editor.addField(parent, first.field, inner) ?? unsupported();
    if (!('field' in first) && isSeq(parent)) {
      const at = missing.length === 1 ? change.insertAt : undefined;
      return editor.addItem(parent, Math.min(at ?? parent.items.length, parent.items.length), inner) ?? unsupported();
    }
  }
  // An empty value becomes the map or list that the rest of the path asks for.
  const last = walk.steps.at(-1);
  const slot = last === undefined ? undefined : slotOf(last);
  const whole = withChange(null, { ...change, segments: missing });
  if (slot === undefined || whole === undefined) return unsupported();
  return editor.replace(slot, whole);
}

function removeStep(
  source: string,
  editor: DocumentEditor,
  walk: Walk,
  change: JsonChange,
  profile: YamlProfile,
): string | EditRefusal {
  const last = walk.steps.at(-1);
  const parent = last?.parent;
  if (!isMap(parent) && !isSeq(parent)) return unsupported();
  if (parent.items.length === 1) {
    const rest = change.segments.slice(0, -1);
    return rest.length === 0 ? unsupported() : changeWhole(source, rest, isMap(parent) ? {} : [], profile);
  }
  const index = last?.pair === undefined ? last?.index : (parent.items as unknown[]).indexOf(last.pair);
  return index === undefined ? unsupported() : (editor.remove(parent, index) ?? unsupported());
}

function changeWhole(
  source: string,
  segments: readonly PathSegment[],
  value: Json,
  profile: YamlProfile,
): string | EditRefusal {
  const place = find(source, segments, profile);
  if ('ok' in place) return place;
  const last = place.walk.steps.at(-1);
  const slot = last === undefined ? undefined : slotOf(last);
  return slot === undefined ? unsupported() : place.editor.replace(slot, value);
}

/** The changes within a map or list that make it another; undefined where the value has to be written anew. */
function stepsBetween(old: Json | undefined, value: Json, segments: readonly PathSegment[]): JsonChange[] | undefined {
  if (isJsonObject(old) && isJsonObject(value)) {
    const kept = Object.keys(old).filter((name) => Object.hasOwn(value, name));
    if (kept.length === 0) return undefined;
    const step = (name: string): JsonChange => ({ segments: [...segments, { field: name }], value: value[name] });
    const written = Object.keys(value).filter((name) => !equalJson(field(old, name), value[name]));
    return [...written, ...Object.keys(old).filter((name) => !Object.hasOwn(value, name))].map(step);
  }
  if (!Array.isArray(old) || !Array.isArray(value) || old.length === 0 || value.length === 0) return undefined;
  return listSteps(old, value, segments);
}

/** Items that are equal at the start and at the end stay; between them items are set one by one, then added or removed. */
function listSteps(old: readonly Json[], value: readonly Json[], segments: readonly PathSegment[]): JsonChange[] {
  const shorter = Math.min(old.length, value.length);
  let start = 0;
  while (start < shorter && equalJson(old[start], value[start])) start++;
  let tail = 0;
  while (tail < shorter - start && equalJson(old[old.length - 1 - tail], value[value.length - 1 - tail])) tail++;
  const at = (index: number): PathSegment[] => [...segments, { index }];
  const steps: JsonChange[] = [];
  const common = shorter - tail;
  for (let index = start; index < common; index++) steps.push({ segments: at(index), value: value[index] ?? null });
  for (let index = common; index < value.length - tail; index++) {
    steps.push({ segments: at(Number.MAX_SAFE_INTEGER), value: value[index] ?? null, insertAt: index });
  }
  for (let index = old.length - tail - 1; index >= common; index--)
    steps.push({ segments: at(index), value: undefined });
  return steps;
}

function unsupported(): EditRefusal {
  return refuse('unsupported', 'The value stands in a form of YAML that cannot be edited safely');
}
