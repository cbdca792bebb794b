import type { Json } from './json.ts';

const mayHoldBigInteger = /[:[,\s]-?\d{16,}/;
/** Letters of `__proto__` as escapes, any of which may hide it. */
const protoEscapes = /\\u00(?:5f|6f|7[024])/i;
const integer = /^-?\d+$/;
const largest = 2n ** 63n - 1n;
const smallest = -(2n ** 63n);

/**
 * Parses JSON as the API server does: integers beyond ±2^53 become `bigint`, which are exact, and those that no int64 holds are
 * floats to it (semantics Y-7). Keys named `__proto__` are dropped, so that no later copy can reach a prototype.
 * Throws the SyntaxError of `JSON.parse`.
 */
export function parseJson(text: string): Json {
  const exact = mayHoldBigInteger.test(text);
  const hostile = text.includes('__proto__') || protoEscapes.test(text);
  if (!exact && !hostile) return JSON.parse(text) as Json;
  const revive = (key: string, value: unknown, context?: { source?: string }): unknown => {
    if (key === '__proto__') return undefined;
    const source = context?.source;
    if (typeof value !== 'number' || Number.isSafeInteger(value) || source === undefined) return value;
    if (!integer.test(source)) return value;
    const exactly = BigInt(source);
    return exactly >= smallest && exactly <= largest ? exactly : value;
  };
  return JSON.parse(text, revive as Parameters<typeof JSON.parse>[1]) as Json;
}

/** Prints JSON on one line (or indented by `indent` spaces); `bigint` comes out as the integer it is. */
export function printJson(value: Json, indent = 0): string {
  return print(value, indent, '');
}

function print(value: Json, indent: number, margin: string): string {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const inner = margin + ' '.repeat(indent);
  const lineBreak = indent === 0 ? '' : `\n${inner}`;
  const close = indent === 0 ? '' : `\n${margin}`;
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]';
    return `[${value.map((item) => lineBreak + print(item, indent, inner)).join(',')}${close}]`;
  }
  const keys = Object.keys(value);
  if (keys.length === 0) return '{}';
  const colon = indent === 0 ? ':' : ': ';
  const entries = keys.map((key) => lineBreak + JSON.stringify(key) + colon + print(value[key] ?? null, indent, inner));
  return `{${entries.join(',')}${close}}`;
}
