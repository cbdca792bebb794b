import { type Node, type Pair, Scalar, type YAMLMap, type YAMLSeq, isCollection, isMap, isScalar, isSeq } from 'yaml';
import type { Json } from '../json.ts';
import { endOfLine, isFirstOnLine, nextLine, startOfLine } from '../text/lines.ts';
import {
  type BlockStyle,
  blockLines,
  fieldLines,
  flowText,
  indentLines,
  inlineText,
  isEmptyOrScalar,
  jsonLines,
} from './renderValue.ts';
import { doubleQuoted, isPlain, literalLines, singleQuoted } from './scalarText.ts';
import { type Slot, contentEnd, fieldSlot, isBlockScalar, itemSlot } from './slot.ts';

/**
 * Changes the text of one document at one place, everything else left as it stands. Offsets are the document's own. Each method gives
 * the new text, or undefined for a form that it does not edit.
 */
export class DocumentEditor {
  readonly #source: string;
  readonly #style: BlockStyle;
  readonly #json: boolean;
  readonly #lineBreak: string;

  constructor(source: string, root: Node) {
    this.#source = source;
    this.#json = /^\s*[{[]/.test(source);
    this.#lineBreak = source.includes('\r\n') ? '\r\n' : '\n';
    this.#style = styleOf(source, root);
  }

  /** Puts another value into a slot. */
  replace(slot: Slot, value: Json): string {
    if (slot.flow || this.#json) return this.#replaceInFlow(slot, value);
    if (!isEmptyOrScalar(value)) return this.#replaceByLines(slot, value);
    // A text that was written between quotes stays between quotes.
    const block = typeof value === 'string' && !isQuoted(slot.value) ? literalLines(value, false) : undefined;
    if (block !== undefined) return this.#replaceByBlockScalar(slot, block);
    return this.#replaceInline(slot, this.#scalarLike(slot.value, value, false));
  }

  /** Adds a field at the end of a map. */
  addField(map: YAMLMap, key: string, value: Json): string | undefined {
    if (map.flow === true) return this.#addToFlow(map, (json) => `${flowText(key, json)}: `, value);
    const last = fieldSlot(map, map.items.at(-1) as Pair<Node, Node | null>);
    const first = fieldSlot(map, map.items[0] as Pair<Node, Node | null>);
    if (last === undefined || first === undefined) return undefined;
    const column = first.start - startOfLine(this.#source, first.start);
    return this.#insertLines(this.#afterSlot(last), fieldLines(key, value, column, this.#style));
  }

  /** Adds an item to a list, before the item that now has the index. */
  addItem(list: YAMLSeq, index: number, value: Json): string | undefined {
    if (list.flow === true) {
      return index === list.items.length
        ? this.#addToFlow(list, () => '', value)
        : this.#insertIntoFlow(list, index, value);
    }
    const first = itemSlot(list, 0);
    const neighbour = itemSlot(list, Math.min(index, list.items.length - 1));
    if (first === undefined || neighbour === undefined) return undefined;
    const column = first.start - startOfLine(this.#source, first.start);
    const lines = blockLines([value], column, this.#style);
    if (index >= list.items.length) return this.#insertLines(this.#afterSlot(neighbour), lines);
    if (isFirstOnLine(this.#source, neighbour.start)) {
      const line = startOfLine(this.#source, neighbour.start);
      const before = index === 0 ? undefined : itemSlot(list, index - 1);
      const at = before === undefined ? line : this.#aboveComments(line, this.#afterSlot(before));
      return this.#splice(at, 0, lines.map((text) => text + this.#lineBreak).join(''));
    }
    // The list begins on the line of the dash or key before it.
    const head = (lines[0] ?? '').slice(column);
    const rest = [head, ...lines.slice(1), ' '.repeat(column)].join(this.#lineBreak);
    return this.#splice(neighbour.start, 0, rest);
  }

  /** Removes an entry of a map or list that has others. */
  remove(parent: YAMLMap | YAMLSeq, index: number): string | undefined {
    const slot = slotAt(parent, index);
    if (slot === undefined) return undefined;
    if (parent.flow === true) return this.#removeFromFlow(parent, index, slot);
    const end = contentEnd(slot, this.#source);
    const lineAfter = this.#isAtLineStart(end) ? end : nextLine(this.#source, end);
    if (isFirstOnLine(this.#source, slot.start)) {
      const start = startOfLine(this.#source, slot.start);
      const before = index === 0 ? undefined : slotAt(parent, index - 1);
      // A `|+` scalar right above would take the empty lines after what goes for its own.
      const takesMore = before !== undefined && contentEnd(before, this.#source) === start;
      const until = takesMore ? this.#afterEmptyLines(lineAfter) : lineAfter;
      return this.#splice(start, until - start, '');
    }
    // The first entry stands on the line of the dash before it, where the next one takes its place.
    const next = slotAt(parent, index + 1);
    if (next === undefined) return undefined;
    const between = this.#source.slice(lineAfter, next.start);
    const until = between.trim() === '' ? next.start : lineAfter;
    return this.#splice(slot.start, until - slot.start, until === next.start ? '' : this.#lineBreak);
  }

  #afterEmptyLines(line: number): number {
    return line + (/^(?:[ \t]*\r?\n)*/.exec(this.#source.slice(line))?.[0].length ?? 0);
  }

  /**
   * The first of the comment lines right above a line, which are about it; the line itself where there are none. Not further up than
   * `floor`: the last lines of a block scalar may look like comments.
   */
  #aboveComments(line: number, floor: number): number {
    let at = line;
    while (at > floor) {
      const above = startOfLine(this.#source, at - 1);
      if (above < floor || !/^[ \t]*#/.test(this.#source.slice(above, at))) break;
      at = above;
    }
    return at;
  }

  #replaceInline(slot: Slot, text: string): string {
    const { value } = slot;
    const end = contentEnd(slot, this.#source);
    if (value === null) return this.#splice(slot.headEnd, 0, ` ${text}`);
    const start = value.range?.[0] ?? slot.headEnd;
    if (isCollection(value) && value.flow !== true) {
      // The comment after the key stays, the lines of the collection go with theirs.
      const after = this.#isAtLineStart(end) ? end : endOfLine(this.#source, end);
      const headLineEnd = endOfLine(this.#source, slot.headEnd);
      let kept = start > headLineEnd ? this.#source.slice(slot.headEnd, headLineEnd) : '';
      if (end <= headLineEnd) kept = this.#source.slice(end, headLineEnd);
      if (after === end && this.#isAtLineStart(end)) kept += this.#lineBreak;
      return this.#splice(slot.headEnd, after - slot.headEnd, ` ${text}${kept}`);
    }
    if (!isBlockScalar(value)) return this.#splice(start, end - start, text);
    const header = this.#source.slice(start, endOfLine(this.#source, start));
    const comment = /\s+#.*$/.exec(header)?.[0] ?? '';
    const ending = this.#isAtLineStart(end) ? this.#lineBreak : '';
    return this.#splice(start, end - start, text + comment + ending);
  }

  #replaceByBlockScalar(slot: Slot, [header = '', ...body]: string[]): string {
    const column = slot.start - startOfLine(this.#source, slot.start);
    const lines = indentLines(body, column + (slot.kind === 'item' ? 2 : this.#style.step));
    return this.#replaceWithLinesBelow(slot, ` ${header}`, lines);
  }

  #replaceByLines(slot: Slot, value: Exclude<Json, null | boolean | number | bigint | string>): string {
    const column = slot.start - startOfLine(this.#source, slot.start);
    if (slot.kind === 'item') {
      const lines = blockLines(value, column + 2, this.#style);
      return this.#replaceWithLinesBelow(slot, ` ${(lines[0] ?? '').slice(column + 2)}`, lines.slice(1));
    }
    const indent = column + (Array.isArray(value) ? this.#style.listIndent : this.#style.step);
    return this.#replaceWithLinesBelow(slot, '', blockLines(value, indent, this.#style));
  }

  /** Puts `head` after the colon or dash, keeps the comment that stood on that line, and puts lines below it. */
  #replaceWithLinesBelow(slot: Slot, head: string, lines: readonly string[]): string {
    const end = contentEnd(slot, this.#source);
    const headLineEnd = endOfLine(this.#source, slot.headEnd);
    const start = slot.value?.range?.[0] ?? slot.headEnd;
    const onHeadLine = start <= headLineEnd;
    let kept = onHeadLine && end <= headLineEnd ? this.#source.slice(end, headLineEnd) : '';
    if (!onHeadLine) kept = this.#source.slice(slot.headEnd, headLineEnd);
    else if (isBlockScalar(slot.value)) kept = /\s+#.*$/.exec(this.#source.slice(start, headLineEnd))?.[0] ?? '';
    const atLineStart = this.#isAtLineStart(end);
    const after = atLineStart ? end : endOfLine(this.#source, end);
    const text = [head + kept.trimEnd(), ...lines].join(this.#lineBreak);
    const ending = atLineStart || after === this.#source.length ? this.#lineBreak : '';
    return this.#splice(slot.headEnd, after - slot.headEnd, text + ending);
  }

  #replaceInFlow(slot: Slot, value: Json): string {
    const start = slot.value?.range?.[0] ?? slot.headEnd;
    const end = slot.value === null ? start : contentEnd(slot, this.#source);
    let text: string;
    if (isEmptyOrScalar(value)) text = this.#scalarLike(slot.value, value, true);
    else if (this.#json && this.#source.trim().includes('\n')) text = this.#jsonLines(value, this.#margin(slot.start));
    else text = flowText(value, this.#json);
    return this.#splice(start, end - start, slot.value === null ? ` ${text}` : text);
  }

  #addToFlow(parent: YAMLMap | YAMLSeq, head: (json: boolean) => string, value: Json): string | undefined {
    const range = parent.range;
    if (!range) return undefined;
    const close = range[1] - 1;
    const last = slotAt(parent, parent.items.length - 1);
    const many = this.#json && last !== undefined && isFirstOnLine(this.#source, last.start);
    const margin = last === undefined ? '' : this.#margin(last.start);
    const shown = many ? this.#jsonLines(value, margin) : flowText(value, this.#json);
    const text = head(this.#json) + shown;
    if (parent.items.length === 0) return this.#splice(range[0] + 1, close - range[0] - 1, text);
    if (last === undefined) return undefined;
    const end = contentEnd(last, this.#source);
    // What is between the last entry and the bracket must be nothing but blanks and maybe a comma.
    const between = this.#source.slice(end, close);
    if (between.includes('#') || !/^\s*,?\s*$/.test(between)) return undefined;
    const trailing = between.includes(',') ? ',' : '';
    const joint = many ? `,${this.#lineBreak}${margin}` : ', ';
    return this.#splice(end, trailing === '' ? 0 : between.indexOf(',') + 1, joint + text + trailing);
  }

  #insertIntoFlow(list: YAMLSeq, index: number, value: Json): string | undefined {
    const slot = itemSlot(list, index);
    if (slot === undefined) return undefined;
    const many = this.#json && isFirstOnLine(this.#source, slot.start);
    const margin = this.#margin(slot.start);
    const text = many ? this.#jsonLines(value, margin) : flowText(value, this.#json);
    return this.#splice(slot.start, 0, many ? `${text},${this.#lineBreak}${margin}` : `${text}, `);
  }

  #removeFromFlow(parent: YAMLMap | YAMLSeq, index: number, slot: Slot): string | undefined {
    const next = slotAt(parent, index + 1);
    if (next !== undefined) return this.#splice(slot.start, next.start - slot.start, '');
    const before = slotAt(parent, index - 1);
    if (before === undefined) return undefined;
    const start = contentEnd(before, this.#source);
    return this.#splice(start, contentEnd(slot, this.#source) - start, '');
  }

  /** A scalar in the quotes of the one that it replaces. */
  #scalarLike(old: Node | null, value: Parameters<typeof inlineText>[0], inFlow: boolean): string {
    if (typeof value !== 'string') return inlineText(value, inFlow);
    if (this.#json || !isScalar(old)) return this.#json ? doubleQuoted(value) : inlineText(value, inFlow);
    if (old.type === Scalar.QUOTE_DOUBLE) return doubleQuoted(value);
    if (old.type === Scalar.QUOTE_SINGLE) return singleQuoted(value) ?? doubleQuoted(value);
    return isPlain(value, inFlow) ? value : doubleQuoted(value);
  }

  /** Where lines go that follow a slot: the end of its last line, or the line after a `|+` scalar. */
  #afterSlot(slot: Slot): number {
    const end = contentEnd(slot, this.#source);
    return this.#isAtLineStart(end) ? end : endOfLine(this.#source, end);
  }

  #insertLines(at: number, lines: readonly string[]): string {
    const text = lines.join(this.#lineBreak);
    if (this.#isAtLineStart(at)) return this.#splice(at, 0, text + this.#lineBreak);
    // The last line of a text may lack its line break, without which a block scalar would read differently.
    return this.#splice(at, 0, this.#lineBreak + text + (at === this.#source.length ? this.#lineBreak : ''));
  }

  #jsonLines(value: Json, margin: string): string {
    return jsonLines(value, this.#style.step, margin).replaceAll('\n', this.#lineBreak);
  }

  #isAtLineStart(at: number): boolean {
    return at > 0 && this.#source.charAt(at - 1) === '\n';
  }

  #margin(at: number): string {
    const start = startOfLine(this.#source, at);
    return /^[ \t]*/.exec(this.#source.slice(start, at))?.[0] ?? '';
  }

  #splice(at: number, length: number, text: string): string {
    return this.#source.slice(0, at) + text + this.#source.slice(at + length);
  }
}

function isQuoted(node: Node | null): boolean {
  return isScalar(node) && (node.type === Scalar.QUOTE_DOUBLE || node.type === Scalar.QUOTE_SINGLE);
}

function slotAt(parent: YAMLMap | YAMLSeq, index: number): Slot | undefined {
  if (isSeq(parent)) return itemSlot(parent, index);
  const pair = parent.items[index];
  return pair === undefined ? undefined : fieldSlot(parent, pair as Pair<Node, Node | null>);
}

/** How the document itself is indented, taken from the first map within a map and the first list within one. */
function styleOf(source: string, root: Node): BlockStyle {
  let step: number | undefined;
  let listIndent: number | undefined;
  const column = (at: number): number => at - startOfLine(source, at);
  const waiting: unknown[] = [root];
  while (waiting.length > 0 && (step === undefined || listIndent === undefined)) {
    const node = waiting.pop();
    if (isSeq(node)) for (const item of node.items.toReversed()) waiting.push(item);
    if (!isMap(node)) continue;
    for (const pair of (node.items as Pair<Node, Node | null>[]).toReversed()) {
      waiting.push(pair.value);
      const [key, value] = [pair.key.range?.[0], pair.value?.range?.[0]];
      if (key === undefined || value === undefined || !isFirstOnLine(source, value)) continue;
      if (isMap(pair.value)) step = column(value) - column(key);
      else if (isSeq(pair.value)) listIndent = column(value) - column(key);
    }
  }
  return { step: Math.max(step ?? 2, 1), listIndent: Math.max(listIndent ?? 0, 0), keepBreaks: false };
}
