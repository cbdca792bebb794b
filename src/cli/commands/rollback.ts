import { renderApplication } from '../../services/drift/prepareComparison.ts';
import { type RollbackPlan, planRollback } from '../../services/rollback/planRollback.ts';
import type { GitRepository } from '../../ports/gitRepository.ts';
import type { CommandLine } from '../commandLine.ts';
import { exitCode } from '../exitCode.ts';
import { printPlans } from '../output/planText.ts';
import type { Style } from '../output/style.ts';
import type { CommandLineParts } from '../commandLineParts.ts';
import { UsageError } from '../usageError.ts';
import { type SyncSession, openSyncSession, syncApplication, tellOutcome, tellStep } from './syncing.ts';

type RollbackOptions = Extract<CommandLine, { command: 'rollback' }>;

/** `plumbline rollback`: Git first, so that no engine undoes it. */
export async function runRollback(
  options: RollbackOptions,
  parts: CommandLineParts,
  style: Style,
  signal: AbortSignal,
): Promise<number> {
  const [id] = options.applications;
  if (id === undefined || options.applications.length > 1)
    throw new UsageError('rollback takes one application: --app ID');
  // All applications are prepared, since others may read the same files.
  const session = await openSyncSession({ ...options, applications: [] }, parts, signal);
  try {
    const { repository } = session.source;
    const application = session.scope.prepared.find((item) => item.application.id === id);
    if (repository === undefined) throw new UsageError('rollback needs a Git repository');
    if (application === undefined) throw new UsageError(`there is no application ${id}`, '`plumbline apps` lists them');
    const commit = await repository.resolve(options.to, signal);
    if (commit === undefined) throw new UsageError(`${options.to} is not a revision of this clone`);
    const others = session.scope.prepared.filter((item) => item !== application);
    const plan = await planRollback(
      application,
      others,
      repository,
      commit,
      async (tree) => {
        const result = await renderApplication(application.application, {
          tree,
          renderers: parts.renderers,
          skipKinds: new Set(),
          signal,
        });
        return result.files;
      },
      signal,
    );
    const refusal = refusalOf(plan, options);
    if (refusal !== undefined) {
      process.stdout.write(`${application.application.name}: refused: ${refusal}\n`);
      return exitCode.actionFailed;
    }
    await showPlan(session, repository, plan, style);
    if (!options.yes) {
      process.stdout.write('Nothing was changed. Add --yes to do this.\n');
      return exitCode.usage;
    }
    return await carryOut(application.application.name, id, plan, repository, options, parts, signal);
  } finally {
    await session.close();
  }
}

function refusalOf(plan: RollbackPlan, options: RollbackOptions): string | undefined {
  if (plan.paths.length === 0) return `its sources are what they were in ${plan.commit.slice(0, 7)} already`;
  if (plan.dirty.length > 0)
    return `uncommitted changes would be lost: ${plan.dirty.join(', ')}. Commit or discard them.`;
  if (plan.shared.length === 0 || options.shared) return undefined;
  const who = plan.shared.map((other) => `${other.application} reads ${other.files.join(', ')}`).join('; ');
  return `others would change as well: ${who}. Add --shared to do it all the same.`;
}

async function showPlan(
  session: SyncSession,
  repository: GitRepository,
  plan: RollbackPlan,
  style: Style,
): Promise<void> {
  process.stdout.write(`Restores as of ${plan.commit.slice(0, 7)}: ${plan.paths.join(', ')}\n`);
  const tree = await repository.tree(plan.commit);
  try {
    process.stdout.write(printPlans(await session.preview(tree), style));
  } finally {
    await tree.dispose();
  }
}

async function carryOut(
  name: string,
  id: string,
  plan: RollbackPlan,
  repository: GitRepository,
  options: RollbackOptions,
  parts: CommandLineParts,
  signal: AbortSignal,
): Promise<number> {
  const tell = options.quiet ? () => {} : tellStep;
  if (options.branch !== undefined) await repository.createBranch(options.branch, signal);
  const restored = await repository.restore({ commit: plan.commit, paths: plan.paths, signal });
  const message = options.message ?? `Roll back ${name} to ${plan.commit.slice(0, 7)}`;
  const made = await repository.commit({ paths: restored, message, signal });
  tell({ step: 'committed', commit: made });
  if (!options.push) {
    process.stdout.write(`${name}: committed ${made.slice(0, 7)}, not pushed\n`);
    return exitCode.nothingToReport;
  }
  const pushed = await repository.push({ signal });
  tell({ step: 'pushed', ...pushed });
  if (options.branch !== undefined) {
    process.stdout.write(`${name}: pushed ${options.branch}; merge it to roll back\n`);
    return exitCode.nothingToReport;
  }
  // What was prepared was the state before; a direct apply needs the restored files.
  const again = await openSyncSession({ ...options, applications: [id] }, parts, signal);
  try {
    const prepared = again.scope.prepared.find((item) => item.application.id === id);
    if (prepared === undefined) throw new UsageError(`${name} is no application any more after the rollback`);
    const wanted = { prune: options.prune, wait: true, timeoutSeconds: options.timeoutSeconds, commit: made };
    return tellOutcome(name, await syncApplication(prepared, again, wanted, parts, tell, signal));
  } finally {
    await again.close();
  }
}
