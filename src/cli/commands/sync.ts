import type { CommandLine } from '../commandLine.ts';
import { exitCode } from '../exitCode.ts';
import { printPlans } from '../output/planText.ts';
import type { Style } from '../output/style.ts';
import type { CommandLineParts } from '../commandLineParts.ts';
import { UsageError } from '../usageError.ts';
import { openSyncSession, syncApplication, tellOutcome, tellStep } from './syncing.ts';

type SyncOptions = Extract<CommandLine, { command: 'sync' }>;

/** `plumbline sync`: shows the plan, and with `--yes` carries it out. */
export async function runSync(
  options: SyncOptions,
  parts: CommandLineParts,
  style: Style,
  signal: AbortSignal,
): Promise<number> {
  if (options.applications.length === 0 && !options.all) {
    throw new UsageError('sync needs to know what: --app ID, or --all', '`plumbline apps` lists them');
  }
  const session = await openSyncSession(options, parts, signal);
  try {
    const plans = await session.preview(session.source.tree);
    process.stdout.write(printPlans(plans, style));
    if (!options.yes) {
      process.stdout.write('Nothing was changed. Add --yes to do this.\n');
      return exitCode.usage;
    }
    const blocked = plans.plans.some((plan) => plan.summary.blocked > 0);
    if (blocked || session.scope.prepared.length === 0) {
      process.stdout.write(blocked ? 'Nothing was changed: something is blocked.\n' : 'There is nothing to sync.\n');
      return exitCode.actionFailed;
    }
    let code: number = exitCode.nothingToReport;
    for (const prepared of session.scope.prepared) {
      const outcome = await syncApplication(
        prepared,
        session,
        options,
        parts,
        options.quiet ? () => {} : tellStep,
        signal,
      );
      code = Math.max(code, tellOutcome(prepared.application.name, outcome));
    }
    return code;
  } finally {
    await session.close();
  }
}
