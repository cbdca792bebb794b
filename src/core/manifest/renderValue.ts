import { type Json, type JsonObject, isJsonObject } from '../json.ts';
import { printJson } from '../jsonText.ts';
import { type ScalarValue, doubleQuoted, literalLines, scalarText } from './scalarText.ts';

export interface BlockStyle {
  /** By how much the fields of a map stand right of its key. */
  step: number;
  /** By how much a list stands right of its key; kubectl prints 0. */
  listIndent: number;
  /** Whether a text may end with several line breaks as a block: not where lines may follow that would become part of it. */
  keepBreaks: boolean;
  /** The order of the keys of an object at a path such as `/spec`; as they come unless told. */
  order?: (object: JsonObject, path: string) => string[];
}

/** Longer keys need the explicit form, since YAML limits others to 1024 characters. */
const longestKey = 1000;

/** Whether a value has a line of its own only for what it is: a scalar, `[]` or `{}`. */
export function isEmptyOrScalar(value: Json): value is ScalarValue | never[] | Record<string, never> {
  if (Array.isArray(value)) return value.length === 0;
  return !isJsonObject(value) || Object.keys(value).length === 0;
}

/** A scalar or an empty collection on one line. */
export function inlineText(value: ScalarValue | never[] | Record<string, never>, inFlow = false): string {
  if (Array.isArray(value)) return '[]';
  return isJsonObject(value) ? '{}' : scalarText(value, inFlow);
}

/** A value in flow style on one line, as YAML (`{a: b}`) or as JSON (`{"a": "b"}`). */
export function flowText(value: Json, json: boolean): string {
  if (json && typeof value === 'string') return doubleQuoted(value);
  if (isEmptyOrScalar(value)) return inlineText(value, true);
  if (Array.isArray(value)) return `[${value.map((item) => flowText(item, json)).join(', ')}]`;
  const keys = Object.keys(value);
  return `{${keys.map((key) => `${flowText(key, json)}: ${flowText(value[key] ?? null, json)}`).join(', ')}}`;
}

/** A value as JSON over several lines, all but the first indented by `margin`. */
export function jsonLines(value: Json, step: number, margin: string): string {
  return printJson(exactIntegers(value), step).replaceAll('\n', `\n${margin}`);
}

/** Large integers as `bigint`, which are printed with the digits that they have rather than the fewest that name them. */
function exactIntegers(value: Json): Json {
  if (Array.isArray(value)) return value.map(exactIntegers);
  if (typeof value === 'number') {
    return Number.isInteger(value) && !Number.isSafeInteger(value) && Math.abs(value) < 2 ** 63 ? BigInt(value) : value;
  }
  if (!isJsonObject(value)) return value;
  const copy: JsonObject = {};
  for (const key of Object.keys(value)) copy[key] = exactIntegers(value[key] ?? null);
  return copy;
}

/** The lines of a collection in block style, each with its indentation. */
export function blockLines(value: Json[] | JsonObject, indent: number, style: BlockStyle): string[] {
  const printer = new BlockPrinter(style);
  printer.block(value, indent, '');
  return printer.lines;
}

/** The lines of a field with its key; the first is indented too. */
export function fieldLines(key: string, value: Json, indent: number, style: BlockStyle): string[] {
  return blockLines({ [key]: value }, indent, style);
}

class BlockPrinter {
  readonly lines: string[] = [];
  readonly #style: BlockStyle;

  constructor(style: BlockStyle) {
    this.#style = style;
  }

  block(value: Json[] | JsonObject, indent: number, path: string): void {
    if (Array.isArray(value)) for (const item of value) this.#item(item, indent, path);
    else {
      const keys = this.#style.order?.(value, path) ?? Object.keys(value);
      for (const key of keys) this.#field(key, value[key] ?? null, indent, `${path}/${key}`);
    }
  }

  #field(key: string, value: Json, indent: number, path: string): void {
    const margin = ' '.repeat(indent);
    const name = scalarText(key);
    const explicit = name.length > longestKey;
    if (explicit) this.lines.push(`${margin}? ${name}`);
    const head = explicit ? `${margin}:` : `${margin}${name}:`;
    if (isEmptyOrScalar(value)) {
      this.#scalar(head, value, indent + this.#style.step);
      return;
    }
    this.lines.push(head);
    const shift = Array.isArray(value) && !explicit ? this.#style.listIndent : this.#style.step;
    this.block(value, indent + shift, path);
  }

  #item(item: Json, indent: number, path: string): void {
    const head = `${' '.repeat(indent)}-`;
    if (isEmptyOrScalar(item)) {
      this.#scalar(head, item, indent + 2);
      return;
    }
    const start = this.lines.length;
    this.block(item, indent + 2, `${path}/-`);
    // The dash takes the place of the first line's indentation.
    this.lines[start] = `${head} ${(this.lines[start] ?? '').slice(indent + 2)}`;
  }

  #scalar(head: string, value: ScalarValue | never[] | Record<string, never>, indent: number): void {
    const block = typeof value === 'string' ? literalLines(value, this.#style.keepBreaks) : undefined;
    if (block === undefined) this.lines.push(`${head} ${inlineText(value)}`);
    else {
      const [header = '', ...body] = block;
      this.lines.push(`${head} ${header}`, ...indentLines(body, indent));
    }
  }
}

export function indentLines(lines: readonly string[], indent: number): string[] {
  return lines.map((line) => (line === '' ? '' : ' '.repeat(indent) + line));
}
