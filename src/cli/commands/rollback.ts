import { renderApplication } from '../../services/drift/prepareComparison.ts';
import { type RollbackPlan, planRollback } from '../../services/rollback/planRollback.ts';
import type { Application } from '../../core/delivery/application.ts';
import { describeKey } from '../../core/kube/objectKey.ts';
import type { PlanList } from '../../core/report.ts';
import { commitAndPush } from '../../services/rollback/commitAndPush.ts';
import type { GitRepository } from '../../ports/gitRepository.ts';
import type { CommandLine } from '../commandLine.ts';
import { exitCode } from '../exitCode.ts';
import { ActionOutput } from '../output/actionOutput.ts';
import type { Style } from '../output/style.ts';
import type { CommandLineParts } from '../commandLineParts.ts';
import { UsageError } from '../usageError.ts';
import { type SyncSession, openSyncSession, syncApplication, tellStep } from './syncing.ts';

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
  const out = new ActionOutput(options.output, style);
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
      return out.outcome(application.application, { result: 'refused', reason: refusal });
    }
    const plans = await showPlan(
      session,
      repository,
      plan,
      new Set([id, ...plan.shared.map((other) => other.application)]),
      out,
    );
    const obstacle = obstacleOf(plans, options);
    if (obstacle !== undefined) {
      return out.outcome(application.application, { result: 'refused', reason: obstacle });
    }
    if (!options.yes) {
      out.say('Nothing was changed. Add --yes to do this.');
      return exitCode.usage;
    }
    return await carryOut(application.application, plan, repository, options, parts, out, signal);
  } finally {
    out.end(parts.clock.now());
    await session.close();
  }
}

function refusalOf(plan: RollbackPlan, options: RollbackOptions): string | undefined {
  if (plan.dirty.length > 0)
    return `uncommitted changes would be lost: ${plan.dirty.join(', ')}. Commit or discard them.`;
  if (plan.shared.length === 0 || options.shared) return undefined;
  const who = plan.shared.map((other) => `${other.application} reads ${other.files.join(', ')}`).join('; ');
  return `others would change as well: ${who}. Add --shared to do it all the same.`;
}

/**
 * What makes a rollback pointless before Git is touched: a step that the cluster refuses, an engine that is suspended. A commit for
 * later (`--no-push`, `--branch`) may be made all the same.
 */
function obstacleOf(list: PlanList, options: RollbackOptions): string | undefined {
  if (!options.push || options.branch !== undefined) return undefined;
  const blocked = list.plans.flatMap((plan) => plan.steps).find((step) => step.action === 'blocked');
  if (blocked !== undefined) return `${describeKey(blocked)} is blocked: ${blocked.reasons.join('; ')}`;
  const gate = list.plans.flatMap((plan) => plan.gates).find(({ kind }) => kind === 'suspended');
  return gate === undefined ? undefined : `${gate.message} ${gate.remedy ?? ''}`.trim();
}

/** Prints the plans of the application and of those that share its files, and answers them. */
async function showPlan(
  session: SyncSession,
  repository: GitRepository,
  plan: RollbackPlan,
  chosen: ReadonlySet<string>,
  out: ActionOutput,
): Promise<PlanList> {
  out.say(
    plan.paths.length === 0
      ? `Its sources are what they were in ${plan.commit.slice(0, 7)} already: nothing to commit`
      : `Restores as of ${plan.commit.slice(0, 7)}: ${plan.paths.join(', ')}`,
  );
  const tree = await repository.tree(plan.commit);
  try {
    const all = await session.preview(tree);
    const list = { ...all, plans: all.plans.filter((item) => chosen.has(item.application)) };
    out.plans(list);
    return list;
  } finally {
    await tree.dispose();
  }
}

async function carryOut(
  { id, name, engine }: Application,
  plan: RollbackPlan,
  repository: GitRepository,
  options: RollbackOptions,
  parts: CommandLineParts,
  out: ActionOutput,
  signal: AbortSignal,
): Promise<number> {
  const tell = options.quiet ? () => {} : tellStep;
  const message = options.message ?? `Roll back ${name} to ${plan.commit.slice(0, 7)}`;
  const written = await commitAndPush(
    plan,
    repository,
    {
      message,
      push: options.push,
      // A direct apply needs no remote.
      needsRemote: engine !== 'direct',
      ...(options.branch === undefined ? {} : { branch: options.branch }),
      signal,
    },
    tell,
  );
  if (written.result === 'failed') return out.outcome({ id, name }, written);
  const short = written.commit.slice(0, 7);
  if (!options.push) {
    out.say(`${name}: committed ${short}, not pushed`);
    return exitCode.nothingToReport;
  }
  if (options.branch !== undefined) {
    out.say(`${name}: pushed ${options.branch}; merge it to roll back`);
    return exitCode.nothingToReport;
  }
  // What was prepared was the state before; a direct apply needs the restored files.
  const again = await openSyncSession({ ...options, applications: [id] }, parts, signal);
  try {
    const prepared = again.scope.prepared.find((item) => item.application.id === id);
    if (prepared === undefined) throw new UsageError(`${name} is no application any more after the rollback`);
    const wanted = { prune: options.prune, wait: true, timeoutSeconds: options.timeoutSeconds, commit: written.commit };
    return out.outcome({ id, name }, await syncApplication(prepared, again, wanted, parts, tell, signal));
  } finally {
    await again.close();
  }
}
