import { cpus } from 'node:os';

/** One row of the table that `npm run bench` prints: what was measured, what design §6 asks, and what came out. */
export interface Row {
  what: string;
  must: string;
  measured: string;
}

export function printRows(rows: readonly Row[]): void {
  for (const { what, must, measured } of rows) console.log(`| ${what} | ${must} | ${measured} |`);
}

/**
 * Milliseconds by the clock, and of this process on the processor: what other programs of the machine took is in the first alone, what
 * children of the process took as well.
 */
export class Samples {
  readonly wall: number[] = [];
  readonly processor: number[] = [];

  /** Starts a sample; call the answer at its end. */
  start(): () => void {
    const started = performance.now();
    const before = process.cpuUsage();
    return () => {
      this.wall.push(performance.now() - started);
      const { user, system } = process.cpuUsage(before);
      this.processor.push((user + system) / 1000);
    };
  }

  /** `p50 3.1, p95 4.0, most 7.2 ms (60); processor p95 3.9 ms` */
  toString(shares: readonly number[] = [0.5, 0.95]): string {
    const [last = 0.95] = shares.slice(-1);
    return `${spread(this.wall, shares)}; processor ${named(this.processor, last)} ms`;
  }
}

/** The value below which this share (from 0 to 1) of the samples lies. */
function percentile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function named(samples: readonly number[], share: number): string {
  const value = percentile(samples, share);
  return `p${Math.round(share * 100)} ${value.toFixed(value < 1 ? 3 : 1)}`;
}

function spread(samples: readonly number[], shares: readonly number[]): string {
  const parts = shares.map((share) => named(samples, share));
  return `${parts.join(', ')}, most ${Math.max(...samples).toFixed(1)} ms (${samples.length})`;
}

export function median(samples: readonly number[]): number {
  return percentile(samples, 0.5);
}

export function machine(): string {
  return `${cpus()[0]?.model.trim() ?? 'unknown CPU'}, ${cpus().length} cores, Node ${process.version}`;
}
