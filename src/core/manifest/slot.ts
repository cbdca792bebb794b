import { type Node, type Pair, Scalar, type YAMLMap, type YAMLSeq, isCollection, isMap, isScalar, isSeq } from 'yaml';
import type { WalkStep } from './walkPath.ts';

/** The place of a value in a document: after the colon of a key or the dash of an item, or between commas. Offsets are the document's. */
export interface Slot {
  kind: 'field' | 'item';
  /** Where the key or the dash begins; in a flow list, where the value begins. */
  start: number;
  /** After the colon or the dash; in a flow list, where the value begins. */
  headEnd: number;
  value: Node | null;
  /** Whether it is inside `{}` or `[]`. */
  flow: boolean;
}

/** The slot of a step, or undefined for forms that edits leave alone: explicit keys (`? a`). */
export function slotOf(step: Pick<WalkStep, 'parent' | 'pair' | 'index' | 'value'>): Slot | undefined {
  if (step.pair !== undefined) return fieldSlot(step.parent as YAMLMap, step.pair);
  return isSeq(step.parent) && step.index !== undefined ? itemSlot(step.parent, step.index) : undefined;
}

export function fieldSlot(map: YAMLMap, pair: Pair<Node, Node | null>): Slot | undefined {
  const token = pair.srcToken;
  const colon = token?.sep?.find((part) => part.type === 'map-value-ind');
  const explicit = token?.start.some((part) => part.type === 'explicit-key-ind') === true;
  const start = pair.key.range?.[0];
  if (explicit || start === undefined) return undefined;
  // A key of a flow map may stand without colon and value.
  const headEnd = colon === undefined ? pair.key.range?.[1] : colon.offset + 1;
  if (headEnd === undefined || colon === undefined) return undefined;
  return { kind: 'field', start, headEnd, value: presentValue(pair.value), flow: map.flow === true };
}

export function itemSlot(list: YAMLSeq, index: number): Slot | undefined {
  const value = (list.items[index] ?? null) as Node | null;
  if (list.flow === true) {
    const start = value?.range?.[0];
    return start === undefined ? undefined : { kind: 'item', start, headEnd: start, value, flow: true };
  }
  const token = list.srcToken?.type === 'block-seq' ? list.srcToken.items[index] : undefined;
  const dash = token?.start.find((part) => part.type === 'seq-item-ind');
  if (dash === undefined) return undefined;
  return { kind: 'item', start: dash.offset, headEnd: dash.offset + 1, value: presentValue(value), flow: false };
}

/** A value that stands in the text; the library has nodes of no length for values that were left out. */
function presentValue(value: Node | null): Node | null {
  if (!isScalar(value) || value.range === undefined || value.range === null) return value;
  return value.range[0] === value.range[1] ? null : value;
}

/** The end of what a slot holds, line breaks and comments after it left out; but a `|+` scalar keeps the empty lines that it means. */
export function contentEnd(slot: Slot, source: string): number {
  const { value } = slot;
  if (value === null) return slot.headEnd;
  if (isCollection(value) && value.flow !== true) {
    const last = value.items.length - 1;
    const inner = isMap(value) ? fieldSlot(value, value.items[last] as Pair<Node, Node | null>) : itemSlot(value, last);
    return inner === undefined ? trimmedEnd(value, source) : contentEnd(inner, source);
  }
  if (isScalar(value) && keepsBreaks(value, source)) return value.range?.[1] ?? slot.headEnd;
  return trimmedEnd(value, source);
}

export function isBlockScalar(node: Node | null): node is Scalar {
  return isScalar(node) && (node.type === Scalar.BLOCK_LITERAL || node.type === Scalar.BLOCK_FOLDED);
}

function keepsBreaks(node: Scalar, source: string): boolean {
  if (!isBlockScalar(node)) return false;
  const start = node.range?.[0] ?? 0;
  return /^[|>]\d?\+/.test(source.slice(start, start + 3));
}

function trimmedEnd(node: Node, source: string): number {
  const [start, valueEnd] = node.range ?? [0, 0];
  let end = valueEnd;
  while (end > start && ' \t\r\n'.includes(source.charAt(end - 1))) end--;
  return end;
}
