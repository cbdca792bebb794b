import type { Json } from '../json.ts';
import { resolvePlain } from './scalars.ts';

export type ScalarValue = Exclude<Json, object> | null;

// Begins with nothing that YAML gives a meaning to, holds no blank that a reader would fold, and no character that is a line break
// to some readers or refused by others.
const plainShape =
  /^(?:[^\s"'#%&*!|>@`,[\]{}?:=~<.\p{C}\p{Z}\uFFFD-]|[-.:/](?=[^\s\p{C}\p{Z}\uFFFD.-]))(?:[^\p{C}\p{Z}\uFFFD]| (?! |$))*$/u;
const plainBreaker = /: | #|:$|\t/;
const flowBreaker = /[,[\]{}]|:(?=[,[\]{}"'])/;

/**
 * Whether a text can stand in a file without quotes and be read as that text by both profiles, and by readers that know no other
 * YAML than 1.1 or 1.2. `inFlow`: inside `[]` or `{}`.
 */
export function isPlain(text: string, inFlow = false): boolean {
  if (!plainShape.test(text) || plainBreaker.test(text)) return false;
  if (inFlow && flowBreaker.test(text)) return false;
  if (resolvePlain(text, 'raw') !== text || resolvePlain(text, 'kustomize') !== text) return false;
  // What other readers of YAML 1.1 and 1.2 take for numbers: base sixty, octals with 8 or 9, numbers with underscores.
  return !/^[-+.]?\d[\d_,.:eExXoObB+-]*$/.test(text) && text !== '<<' && text !== '=';
}

/** A text between double quotes, everything escaped that is not visible. */
export function doubleQuoted(text: string): string {
  const escaped = JSON.stringify(text);
  return escaped.replace(/[\x7F-\xA0\u2028\u2029\uFEFF\uFFFD]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** A text between single quotes; undefined for a text that cannot stand there on one line. */
export function singleQuoted(text: string): string | undefined {
  return /[\p{C}\u2028\u2029\uFEFF\uFFFD]/u.test(text) ? undefined : `'${text.replaceAll("'", "''")}'`;
}

/** A scalar on one line: plain where it can be, else between double quotes. */
export function scalarText(value: ScalarValue, inFlow = false): string {
  if (typeof value === 'number') return numberText(value);
  if (typeof value !== 'string') return String(value);
  return isPlain(value, inFlow) ? value : doubleQuoted(value);
}

/** Digits that give back the very number: JavaScript rounds them where they would be read as an exact integer. */
function numberText(value: number): string {
  const rounded = Number.isInteger(value) && !Number.isSafeInteger(value) && Math.abs(value) < 2 ** 63;
  return rounded ? BigInt(value).toString() : String(value);
}

/**
 * The lines of a literal block scalar with its header, to be indented; undefined for a text that a block cannot hold. `keepBreaks`:
 * whether it may end with several line breaks (`|+`).
 */
export function literalLines(text: string, keepBreaks: boolean): string[] | undefined {
  if (!text.includes('\n') || /[^\P{C}\n\t]|[\u2028\u2029\uFEFF\uFFFD]|^[ \t\n]|[ \t]$/u.test(text)) return undefined;
  if (/^[ \t]+$/m.test(text)) return undefined;
  const body = text.replace(/\n+$/, '');
  const trailing = text.length - body.length;
  if (trailing > 1 && !keepBreaks) return undefined;
  const header = trailing === 0 ? '|-' : trailing === 1 ? '|' : '|+';
  return [header, ...body.split('\n'), ...Array.from({ length: Math.max(trailing - 1, 0) }, () => '')];
}
