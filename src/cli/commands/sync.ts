import type { PlanList } from '../../core/report.ts';
import type { SyncOutcome } from '../../services/sync/syncOutcome.ts';
import type { CommandLine } from '../commandLine.ts';
import { exitCode } from '../exitCode.ts';
import { ActionOutput } from '../output/actionOutput.ts';
import type { Style } from '../output/style.ts';
import type { CommandLineParts } from '../commandLineParts.ts';
import { UsageError } from '../usageError.ts';
import { openSyncSession, syncApplication, tellStep } from './syncing.ts';

type SyncOptions = Extract<CommandLine, { command: 'sync' }>;

/** The engine would apply something else than the plan that was shown: what it cannot fetch is refused before anything is sent. */
function gateOf(plans: PlanList, application: string): SyncOutcome | undefined {
  const plan = plans.plans.find((item) => item.application === application);
  const gate = plan?.gates.find(({ kind }) => kind === 'not-pushed');
  if (gate === undefined) return undefined;
  const reason = gate.message.replace(/\.$/, '');
  return { result: 'refused', reason, ...(gate.remedy === undefined ? {} : { remedy: gate.remedy }) };
}

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
  const out = new ActionOutput(options.output, style);
  try {
    const plans = await session.preview(session.source.tree);
    out.plans(plans);
    if (!options.yes) {
      out.say('Nothing was changed. Add --yes to do this.');
      return exitCode.usage;
    }
    const blocked = plans.plans.some((plan) => plan.summary.blocked > 0);
    if (blocked || session.scope.prepared.length === 0) {
      out.say(blocked ? 'Nothing was changed: something is blocked.' : 'There is nothing to sync.');
      return exitCode.actionFailed;
    }
    let code: number = exitCode.nothingToReport;
    for (const prepared of session.scope.prepared) {
      const gate = gateOf(plans, prepared.application.id);
      const tell = options.quiet ? () => {} : tellStep;
      const outcome: SyncOutcome = gate ?? (await syncApplication(prepared, session, options, parts, tell, signal));
      code = Math.max(code, out.outcome(prepared.application, outcome));
    }
    return code;
  } finally {
    out.end(parts.clock.now());
    await session.close();
  }
}
