import { type RollbackOptions, carryOutRollback, prepareRollback } from '../../services/rollback/rollBack.ts';
import { unknownApplication } from '../../services/sync/syncRefusal.ts';
import type { CommandLine } from '../commandLine.ts';
import { exitCode } from '../exitCode.ts';
import { ActionOutput } from '../output/actionOutput.ts';
import type { Style } from '../output/style.ts';
import type { CommandLineParts } from '../commandLineParts.ts';
import { UsageError } from '../usageError.ts';
import { openScope, tellStep } from './syncing.ts';

type RollbackLine = Extract<CommandLine, { command: 'rollback' }>;

/** `plumbline rollback`: Git first, so that no engine undoes it. Shows what it will do, and with `--yes` does it. */
export async function runRollback(
  options: RollbackLine,
  parts: CommandLineParts,
  style: Style,
  signal: AbortSignal,
): Promise<number> {
  const [id] = options.applications;
  if (id === undefined || options.applications.length > 1)
    throw new UsageError('rollback takes one application: --app ID');
  // All applications are prepared, since others may read the same files.
  const { source, scope, close } = await openScope({ ...options, applications: [] }, parts, signal);
  const out = new ActionOutput(options.output, style);
  try {
    const { repository } = source;
    if (repository === undefined) throw new UsageError('rollback needs a Git repository');
    const to = await repository.resolve(options.to, signal);
    if (to === undefined) throw new UsageError(`${options.to} is not a revision of this clone`);
    const wanted: RollbackOptions = {
      application: id,
      to,
      shared: options.shared,
      push: options.push,
      waitMilliseconds: options.timeoutSeconds * 1000,
      ...(options.branch === undefined ? {} : { branch: options.branch }),
      ...(options.message === undefined ? {} : { message: options.message }),
    };
    const rollback = await prepareRollback(scope, repository, wanted, signal);
    if (rollback === undefined) throw new UsageError(unknownApplication(id).reason, '`plumbline apps` lists them');
    const { application, files, plans, refusal, alsoPushed } = rollback;
    const short = to.slice(0, 7);
    out.say(
      files.paths.length === 0
        ? `Its sources are what they were in ${short} already: nothing to commit`
        : `Restores as of ${short}: ${files.paths.join(', ')}`,
    );
    if (alsoPushed > 0) out.say(`The push takes ${alsoPushed} earlier commit${alsoPushed === 1 ? '' : 's'} along.`);
    out.plans(plans);
    if (refusal === undefined && !options.yes) {
      out.say('Nothing was changed. Add --yes to do this.');
      return exitCode.usage;
    }
    const tell = options.quiet ? () => {} : tellStep;
    const outcome = await carryOutRollback(scope, repository, rollback, wanted, tell, signal);
    const hint = refusal?.because === 'shared' ? { remedy: 'Add --shared to do it all the same.' } : {};
    return out.outcome(application, { ...outcome, ...hint });
  } finally {
    out.end(parts.clock.now());
    await close();
  }
}
