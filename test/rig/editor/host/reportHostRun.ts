import type { TestContext } from 'node:test';
import type { HostRun } from './runInHost.ts';

/** Makes each test of the run a subtest of this one, so that a failure inside the extension host is reported by its name. */
export async function reportHostRun(context: TestContext, run: HostRun): Promise<void> {
  for (const { name, error } of run.results) {
    await context.test(name, () => {
      if (error !== undefined) throw new Error(error);
    });
  }
  const failed = run.results.some(({ error }) => error !== undefined);
  if (run.exitCode !== 0 && !failed) {
    throw new Error(
      `The extension host ended with ${String(run.exitCode)} before its tests did:\n${run.log.join('\n')}`,
    );
  }
  if (run.results.length === 0) throw new Error('The extension host ran no test.');
}
