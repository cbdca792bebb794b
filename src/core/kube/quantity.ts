import type { Json } from '../json.ts';

/** How a quantity was written decides how its canonical form is written (semantics appendix 3). */
type Notation = 'binary' | 'decimal' | 'exponent';

interface ParsedQuantity {
  /** The value in billionths, rounded away from zero. */
  nano: bigint;
  notation: Notation;
  /** The spelling is one that the API server stores as it came. */
  kept: boolean;
}

const syntax = /^([+-]?)(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:([KMGTPE]i)|([eE][+-]?\d+)|([numkMGTPE]?))$/;
const decimalSuffixes: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  '': 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};
const binarySuffixes = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const nanoPerUnit = 1_000_000_000n;
const largestBinary = (2n ** 63n - 1n) * nanoPerUnit;
/** No quantity of a cluster comes near it; a longer spelling would only cost time. */
const longestSpelling = 256;
const largestExponent = 300;

/**
 * The value of a resource quantity in billionths of its unit (`1` is 1,000,000,000n), or undefined where the API server would
 * not parse it. Finer values are rounded away from zero, binary ones capped at 2^63-1 units, as the server does (semantics N-6).
 */
export function parseQuantity(value: Json | undefined): bigint | undefined {
  return parse(value)?.nano;
}

/**
 * Whether two spellings are the same quantity: `1000m`, `1`, `1.0` and the number 1 are (semantics N-6). False where either is none.
 */
export function equalQuantity(a: Json | undefined, b: Json | undefined): boolean {
  const left = parse(a);
  return left !== undefined && left.nano === parse(b)?.nano;
}

/** The text that the API server stores for a quantity (semantics appendix 3), or undefined where it would not parse it. */
export function canonicalQuantity(value: Json | undefined): string | undefined {
  const parsed = parse(value);
  if (parsed === undefined) return undefined;
  if (parsed.kept && typeof value === 'string') return value.trim();
  if (parsed.nano === 0n) return '0';
  const magnitude = parsed.nano < 0n ? -parsed.nano : parsed.nano;
  const sign = parsed.nano < 0n ? '-' : '';
  // Below 1024, and wherever a fraction is left, the server prints binary quantities as decimal ones rather than round them.
  const binary = parsed.notation === 'binary' && magnitude % nanoPerUnit === 0n && magnitude / nanoPerUnit >= 1024n;
  return sign + (binary ? printBinary(magnitude / nanoPerUnit) : printDecimal(magnitude, parsed.notation));
}

function parse(value: Json | undefined): ParsedQuantity | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return parseKnown(String(value));
  return typeof value === 'string' ? parseKnown(value.trim()) : undefined;
}

/** The same few spellings stand in all containers of a repository. */
const known = new Map<string, ParsedQuantity>();
const mostKnown = 1000;

function parseKnown(text: string): ParsedQuantity | undefined {
  const parsed = known.get(text) ?? parseText(text);
  if (parsed !== undefined && known.size < mostKnown) known.set(text, parsed);
  return parsed;
}

function parseText(text: string): ParsedQuantity | undefined {
  if (text.length > longestSpelling) return undefined;
  const match = syntax.exec(text);
  if (match === null) return undefined;
  const whole = (match[2] ?? '').replace(/^0+/, '') || '0';
  const fraction = match[3] ?? match[4] ?? '';
  const digits = whole + fraction;
  const mantissa = match[1] === '-' ? -BigInt(digits) : BigInt(digits);
  const [binary, exponent] = [match[5], match[6]];
  if (binary !== undefined) {
    const power = binarySuffixes.indexOf(binary);
    const scaled = roundAway(mantissa * nanoPerUnit * 1024n ** BigInt(power), 10n ** BigInt(fraction.length));
    // The server keeps a spelling where its fast path takes it: here 15 digits at most, below 18.
    const kept = fraction === '' && mantissa % 8n !== 0n && digits.length <= 14 - 3 * power;
    return { nano: cap(scaled), notation: 'binary', kept };
  }
  const power = exponent === undefined ? (decimalSuffixes[match[7] ?? ''] ?? 0) : Number(exponent.slice(1));
  if (Math.abs(power) > largestExponent) return undefined;
  const shift = power - fraction.length + 9;
  const nano = shift >= 0 ? mantissa * 10n ** BigInt(shift) : roundAway(mantissa, 10n ** BigInt(-shift));
  const kept = (shift - 9) % 3 === 0 && shift >= 0 && !/^0|000$/.test(digits) && digits.length <= 18;
  return { nano, notation: exponent === undefined ? 'decimal' : 'exponent', kept };
}

function roundAway(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor;
  if (value % divisor === 0n) return quotient;
  return value < 0n ? quotient - 1n : quotient + 1n;
}

function cap(nano: bigint): bigint {
  if (nano > largestBinary) return largestBinary;
  return nano < -largestBinary ? -largestBinary : nano;
}

function printBinary(units: bigint): string {
  let rest = units;
  let power = 0;
  while (rest % 1024n === 0n && power < binarySuffixes.length - 1) {
    rest /= 1024n;
    power++;
  }
  return `${rest}${binarySuffixes[power] ?? ''}`;
}

/** The largest exponent, a multiple of three, that leaves no fraction. */
function printDecimal(nano: bigint, notation: Notation): string {
  let rest = nano;
  let power = -9;
  const largest = notation === 'exponent' ? Infinity : 18;
  while (rest % 1000n === 0n && power < largest) {
    rest /= 1000n;
    power += 3;
  }
  if (notation === 'exponent') return power === 0 ? rest.toString() : `${rest}e${power}`;
  const suffix = Object.keys(decimalSuffixes).find((name) => decimalSuffixes[name] === power) ?? '';
  return `${rest}${suffix}`;
}
