import { cpus } from 'node:os';

/** One row of the table that `npm run bench` prints: what was measured, what design §6 asks, and what came out. */
export interface Row {
  what: string;
  must: string;
  measured: string;
}

/** What the parts of `npm run bench` share. */
export interface BenchOptions {
  /** Numbers of objects for `drift`. */
  sizes: readonly number[];
  /** Runs of each command that is measured as a whole process, after one that is thrown away. */
  runs: number;
}

export function printRows(rows: readonly Row[]): void {
  for (const { what, must, measured } of rows) console.log(`| ${what} | ${must} | ${measured} |`);
}

/** The value below which this share (from 0 to 1) of the samples lies. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** `p50 3.1, p95 4.0, most 7.2 ms (60)` */
export function spread(samples: readonly number[], shares: readonly number[] = [0.5, 0.95]): string {
  const digits = percentile(samples, 0.5) < 1 ? 3 : 1;
  const named = shares.map((share) => `p${Math.round(share * 100)} ${percentile(samples, share).toFixed(digits)}`);
  return `${named.join(', ')}, most ${Math.max(...samples).toFixed(digits)} ms (${samples.length})`;
}

export function machine(): string {
  return `${cpus()[0]?.model.trim() ?? 'unknown CPU'}, ${cpus().length} cores, Node ${process.version}`;
}
