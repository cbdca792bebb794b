import { setTimeout as delay } from 'node:timers/promises';

export interface UntilOptions {
  /** Milliseconds; 60 seconds by default. */
  readonly timeout?: number;
  /** Milliseconds between two looks. */
  readonly interval?: number;
  /** Called before each look; throws when waiting on makes no sense, e.g. because the process ended. */
  readonly check?: () => Promise<void>;
}

/**
 * Looks until `look` answers something other than undefined or false, and returns that. What `look` throws counts as
 * "not yet"; the last such error is the cause of the one thrown at the deadline.
 */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false>,
  { timeout = 60_000, interval = 100, check }: UntilOptions = {},
): Promise<T> {
  const deadline = Date.now() + timeout;
  let cause: unknown;
  for (;;) {
    await check?.();
    try {
      const seen = await look();
      if (seen !== undefined && seen !== false) return seen;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (Date.now() > deadline) {
      const why = cause instanceof Error ? `: ${cause.message}` : '';
      throw new Error(`${what}: not within ${String(timeout / 1000)} s${why}`, { cause });
    }
    await delay(interval);
  }
}
