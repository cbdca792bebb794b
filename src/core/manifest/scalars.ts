import type { Json } from '../json.ts';
import { kustomizeTimestamp } from './timestamp.ts';

/**
 * Whose rules turn YAML into JSON (semantics Y-1): `raw` is what kubectl, Argo CD's directory sources and Flux do with a file,
 * `kustomize` is what a kustomize build does with the files it reads. What a build prints is read as `raw`.
 */
export type YamlProfile = 'raw' | 'kustomize';

/** A number that JSON has no spelling for; Go fails to convert it, and so do we. */
export const notJson = Symbol('notJson');

const longestWord = 5;
const sharedWords: readonly (readonly [string, Json | typeof notJson])[] = [
  ...['true', 'True', 'TRUE'].map((word) => [word, true] as const),
  ...['false', 'False', 'FALSE'].map((word) => [word, false] as const),
  ...['', '~', 'null', 'Null', 'NULL'].map((word) => [word, null] as const),
  ...['.nan', '.NaN', '.NAN'].map((word) => [word, notJson] as const),
  ...['', '+', '-'].flatMap((sign) => ['.inf', '.Inf', '.INF'].map((word) => [sign + word, notJson] as const)),
];
const words: Readonly<Record<YamlProfile, ReadonlyMap<string, Json | typeof notJson>>> = {
  raw: new Map([
    ...sharedWords,
    ...['y', 'Y', 'yes', 'Yes', 'YES', 'on', 'On', 'ON'].map((word) => [word, true] as const),
    ...['n', 'N', 'no', 'No', 'NO', 'off', 'Off', 'OFF'].map((word) => [word, false] as const),
  ]),
  kustomize: new Map(sharedWords),
};

// What the first character of a scalar says about it: only these may begin something that is no string.
const string = 0;
const word = 1;
const number = 2;
const hints = new Uint8Array(128);
for (const character of 'yYnNtTfFoO~') hints[character.charCodeAt(0)] = word;
for (const character of '+-.0123456789') hints[character.charCodeAt(0)] = number;

const decimal = /^[-+]?(?:0|[1-9]\d*)$/;
const prefixed = /^([-+]?)0(?:[xX]([\da-fA-F]+)|[bB]([01]+)|[oO]?([0-7]+))$/;
const float = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/;
const dottedFloat = /^\.\d+(?:_\d+)*(?:[eE][-+]?\d+(?:_\d+)*)?$/;
const largestExactDigits = 15;
/** Far more digits than a number can use; converting a text of megabytes takes seconds. */
const longestNumber = 2000;
const largestSigned = 2n ** 63n - 1n;
const smallestSigned = -(2n ** 63n);
const largestUnsigned = 2n ** 64n - 1n;

/**
 * The value of a plain (unquoted, untagged) scalar as Go reads it (semantics Y-1 to Y-3, Y-7).
 * `notJson` for infinities and not-a-number.
 */
export function resolvePlain(text: string, profile: YamlProfile): Json | typeof notJson {
  const first = text.length === 0 ? 126 /* as `~` */ : text.charCodeAt(0);
  const hint = first < 128 ? hints[first] : string;
  if (hint === string) return text;
  if (text.length <= longestWord) {
    const known = words[profile].get(text);
    if (known !== undefined) return known;
  }
  return hint === number ? resolveNumber(text, profile) : text;
}

function resolveNumber(text: string, profile: YamlProfile): Json {
  if (text.length > longestNumber) return text;
  if (text.length <= largestExactDigits && decimal.test(text)) return Number(text) + 0;
  if (text.startsWith('.')) {
    return dottedFloat.test(text) ? finiteOr(Number(text.replaceAll('_', '')), text) : text;
  }
  const timestamp = profile === 'kustomize' ? kustomizeTimestamp(text) : undefined;
  if (timestamp !== undefined) return timestamp;
  const plain = text.includes('_') ? text.replaceAll('_', '') : text;
  const whole = integerOf(plain);
  // Beyond 64 bits Go falls back to a float, but only for spellings that its float syntax knows; `raw` keeps no unsigned ones.
  if (whole !== undefined && whole >= smallestSigned) {
    if (whole <= largestSigned) return exact(whole);
    if (whole <= largestUnsigned && !plain.startsWith('+'))
      return profile === 'kustomize' ? exact(whole) : Number(whole);
  }
  return float.test(plain) ? finiteOr(Number(plain), text) : text;
}

function integerOf(text: string): bigint | undefined {
  if (decimal.test(text)) return BigInt(text.startsWith('+') ? text.slice(1) : text);
  const match = prefixed.exec(text);
  if (match === null) return undefined;
  const [, sign, hexadecimal, binary, octal = ''] = match;
  const digits = hexadecimal !== undefined ? `0x${hexadecimal}` : binary !== undefined ? `0b${binary}` : `0o${octal}`;
  return sign === '-' ? -BigInt(digits) : BigInt(digits);
}

function exact(whole: bigint): number | bigint {
  const near = Number(whole);
  return Number.isSafeInteger(near) ? near : whole;
}

/** Go's ParseFloat refuses what overflows, and the scalar stays a string. Adding 0 makes -0 the 0 that JSON keeps of it. */
function finiteOr(value: number, text: string): number | string {
  return Number.isFinite(value) ? value + 0 : text;
}

/** What a plain key is called in JSON, or why it cannot be a key. */
export type KeyName = { ok: true; name: string } | { ok: false; message: string };

/**
 * The name that a plain (unquoted) key gets in JSON (semantics Y-8): `raw` spells every value out, while a kustomize build
 * fails on a key that is no string.
 */
export function plainKeyName(text: string, profile: YamlProfile): KeyName {
  const key = resolvePlain(text, profile);
  // Go compares the type of the key, not of what it is printed as: a kustomize time stays a time.
  if (typeof key === 'string' && (profile === 'raw' || key === text)) return { ok: true, name: key };
  if (key === null) return { ok: false, message: 'a null key has no name in JSON' };
  if (profile === 'kustomize') return { ok: false, message: `the key ${text} is not a string; put it in quotes` };
  if (key === notJson) return { ok: true, name: text.startsWith('-') ? '-Inf' : /nan/i.test(text) ? 'NaN' : '+Inf' };
  if (typeof key === 'boolean') return { ok: true, name: String(key) };
  const whole = integerOf(text.replaceAll('_', ''));
  if (whole === undefined || whole < smallestSigned || whole > largestUnsigned) {
    return { ok: true, name: floatKey(Number(key)) };
  }
  if (whole > largestSigned) return { ok: false, message: 'a key is a number beyond 64 bits' };
  return { ok: true, name: whole.toString() };
}

/** As sigs.k8s.io/yaml spells floating-point keys: the shortest form at 32 bits, with an exponent from 1e-5 down and 1e6 up. */
function floatKey(value: number): string {
  const single = Math.fround(value);
  let digits = 1;
  while (digits < 9 && Math.fround(Number(single.toPrecision(digits))) !== single) digits++;
  const short = Number(single.toPrecision(digits));
  const [mantissa = '', exponent = ''] = short.toExponential().split('e');
  const power = Number(exponent);
  if (power >= -4 && power < 6) return String(short);
  return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}
