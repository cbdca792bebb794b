import { syncApplication } from '../../services/sync/syncApplication.ts';
import { refusalOf, unknownApplication } from '../../services/sync/syncRefusal.ts';
import type { CommandLine } from '../commandLine.ts';
import { exitCode } from '../exitCode.ts';
import { ActionOutput } from '../output/actionOutput.ts';
import type { Style } from '../output/style.ts';
import type { CommandLineParts } from '../commandLineParts.ts';
import { UsageError } from '../usageError.ts';
import { openScope, tellStep } from './syncing.ts';

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
  const { scope, close } = await openScope(options, parts, signal);
  const out = new ActionOutput(options.output, style);
  try {
    const plans = await scope.preview();
    out.plans(plans);
    if (!options.yes) {
      out.say('Nothing was changed. Add --yes to do this.');
      return exitCode.usage;
    }
    const blocked = plans.plans.some((plan) => plan.summary.blocked > 0);
    const unknown = options.applications.filter((id) => scope.find(id) === undefined);
    if (unknown.length > 0) {
      return Math.max(...unknown.map((id) => out.outcome({ id, name: id }, unknownApplication(id))));
    }
    if (blocked || scope.prepared.length === 0) {
      out.say(blocked ? 'Nothing was changed: something is blocked.' : 'There is nothing to sync.');
      return exitCode.actionFailed;
    }
    const tell = options.quiet ? () => {} : tellStep;
    const wanted = { wait: options.wait, waitMilliseconds: options.timeoutSeconds * 1000 };
    let code: number = exitCode.nothingToReport;
    for (const prepared of scope.prepared) {
      const { id } = prepared.application;
      const plan = plans.plans.find((item) => item.application === id);
      const refusal = plan === undefined ? undefined : refusalOf(plan, { pushes: false });
      const outcome = refusal ?? (await syncApplication(prepared, scope, wanted, tell, signal));
      code = Math.max(code, out.outcome(prepared.application, outcome));
      if (outcome.result === 'stopped') break;
    }
    return code;
  } finally {
    out.end(parts.clock.now());
    await close();
  }
}
