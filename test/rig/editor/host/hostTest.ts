/** What a test of the extension host may ask for, beside the `vscode` module that it imports itself. */
export interface HostTestContext {
  /** Runs after the test, whatever its outcome; the last one added runs first. */
  after(cleanUp: () => unknown): void;
}

export type HostTestFunction = (context: HostTestContext) => unknown;

/** What became of one test. */
export interface HostTestResult {
  readonly name: string;
  readonly durationMs: number;
  /** Stack, or text, of what the test threw; absent when it passed. */
  readonly error?: string;
}

const registered: { name: string; run: HostTestFunction }[] = [];

/**
 * Registers a test that runs inside VS Code's extension host, in the order of registration.
 *
 * node:test is no help in there: it reports through the exit of a process that here outlives its tests.
 */
export function hostTest(name: string, run: HostTestFunction): void {
  if (registered.some((test) => test.name === name)) throw new Error(`There are two host tests named "${name}".`);
  registered.push({ name, run });
}

/** Runs what was registered, one test after the other; none at all is an error, because it means that no file was loaded. */
export async function runHostTests(timeoutMs: number): Promise<HostTestResult[]> {
  if (registered.length === 0) throw new Error('No host test was registered.');
  const results: HostTestResult[] = [];
  for (const { name, run } of registered) {
    const started = performance.now();
    const error = await failureOf(run, timeoutMs);
    results.push({ name, durationMs: performance.now() - started, ...(error === undefined ? {} : { error }) });
  }
  return results;
}

async function failureOf(run: HostTestFunction, timeoutMs: number): Promise<string | undefined> {
  const cleanUps: (() => unknown)[] = [];
  let timer: NodeJS.Timeout | undefined;
  const errors: unknown[] = [];
  try {
    const timeout = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`The test took longer than ${String(timeoutMs / 1000)} s.`));
      }, timeoutMs);
    });
    await Promise.race([Promise.resolve(run({ after: (cleanUp) => cleanUps.unshift(cleanUp) })), timeout]);
  } catch (ex) {
    errors.push(ex);
  } finally {
    clearTimeout(timer);
  }
  for (const cleanUp of cleanUps) {
    try {
      await cleanUp();
    } catch (ex) {
      errors.push(ex);
    }
  }
  if (errors.length === 0) return undefined;
  return errors.map((ex) => (ex instanceof Error ? (ex.stack ?? ex.message) : String(ex))).join('\n');
}
